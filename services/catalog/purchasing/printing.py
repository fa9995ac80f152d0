"""This is where a purchase order becomes what the supplier is sent: rows for its software, or pages for its people."""

import csv
import io
from collections.abc import Iterator

from services.kit.computing import apart
from services.kit.errors import FieldError

from .drafts import shown
from .orders import InvalidPurchaseOrder, OrderState, PurchaseOrder

Row = tuple[str, ...]
_COLUMNS = ("number", "sku", "supplier_sku", "quantity", "unit_cost_minor", "currency", "warehouse")
_FORMULA = ("=", "+", "-", "@", "\t")
_ROWS_A_PAGE = 32
_COLUMNS_MM = (20, 70, 115, 135, 163, 198)


async def printed(order: PurchaseOrder, form: str) -> tuple[bytes, str]:
    """The order as `csv` or `pdf`, and its media type. Refuses with INVALID_PURCHASE_ORDER."""
    if form == "csv":
        return as_csv(order), "text/csv; charset=utf-8"
    if form == "pdf":
        return await apart(as_pdf, order), "application/pdf"
    message = "must be csv or pdf"
    raise InvalidPurchaseOrder(message, errors=[FieldError("/format", message)])


def as_csv(order: PurchaseOrder) -> bytes:
    """A row a line. What a spreadsheet would take for a formula is quoted."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for line in order.lines:
        cells = (line.sku, line.supplier_sku)
        safe = [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]
        rows.writerow([order.number, *safe, line.ordered, line.unit_cost_minor, order.currency, order.warehouse])
    return written.getvalue().encode("utf-8-sig")


def as_pdf(order: PurchaseOrder) -> bytes:
    """Pages of A4, in Chinese and English. Its libraries are loaded by who prints."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm

    from services.kit.printing import FONT, canvas, fitting

    file = io.BytesIO()
    pages = canvas(file, A4, order.number)

    def say(x: float, y: float, points: float, text: str, until: float = 195, *, right: bool = False) -> None:
        text, points = fitting(text, points, (until - x) * mm, points * 0.6)
        pages.setFont(FONT, points)
        if right:
            pages.drawRightString(until * mm, y * mm, text)
        else:
            pages.drawString(x * mm, y * mm, text)

    for page in _pages(order):
        say(20, 275, 16, f"采购单 Purchase order {order.number}")
        for i, text in enumerate(_head(order)):
            say(20, 265 - 6 * i, 10, text)
        for i, row in enumerate(page):
            for column, cell in enumerate(row):
                at, until = _COLUMNS_MM[column : column + 2]
                say(at, 236 - 6 * i, 10, cell, until - 3, right=column > 1)
        pages.showPage()
    pages.save()
    return file.getvalue()


def _head(order: PurchaseOrder) -> list[str]:
    sent = order.at(OrderState.SENT) or order.created_at
    return [
        f"供应商 Supplier: {order.supplier_name}",
        f"收货仓 Deliver to: {order.warehouse}",
        f"日期 Date: {sent.date().isoformat()}",
        f"总额 Total: {shown(order.value_minor, order.currency)}",
    ]


def _pages(order: PurchaseOrder) -> Iterator[list[Row]]:
    head = ("SKU", "供应商货号 Your no.", "数量 Qty", "单价 Unit", "金额 Amount")
    rows: list[Row] = [
        (
            line.sku,
            line.supplier_sku,
            str(line.ordered),
            shown(line.unit_cost_minor, order.currency),
            shown(line.ordered * line.unit_cost_minor, order.currency),
        )
        for line in order.lines
    ]
    for start in range(0, max(1, len(rows)), _ROWS_A_PAGE):
        yield [head, *rows[start : start + _ROWS_A_PAGE]]
