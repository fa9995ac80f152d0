"""This is where files of products meet protobuf."""

from collections.abc import Iterable, Sequence

from shop.catalog.v1 import bulk_pb2, products_pb2

from .files import BatchRow, RowOutcome


def batch(rows: Iterable[products_pb2.ImportRow]) -> list[BatchRow]:
    """Rows as they were read."""
    return [BatchRow(row.row, dict(row.cells), row.problem) for row in rows]


def page(outcomes: Sequence[RowOutcome], next_cursor: str) -> bulk_pb2.ListImportRowsResponse:
    """What became of rows."""
    rows = [
        products_pb2.RowAnswer(
            row=each.number,
            sku=each.sku,
            ok=not each.errors,
            errors=[products_pb2.RowError(column=error.pointer, message=error.message) for error in each.errors],
        )
        for each in outcomes
    ]
    return bulk_pb2.ListImportRowsResponse(rows=rows, next_cursor=next_cursor)
