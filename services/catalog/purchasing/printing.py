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
_FONT = "STSong-Light"  # a CID font: every PDF reader brings it
_ROWS_A_PAGE = 32


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
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(order.number)
    for page in _pages(order):
        canvas.setFont(_FONT, 16)
        canvas.drawString(20 * mm, 275 * mm, f"采购单 Purchase order {order.number}")
        canvas.setFont(_FONT, 10)
        for i, text in enumerate(_head(order)):
            canvas.drawString(20 * mm, (265 - 6 * i) * mm, text)
        for i, row in enumerate(page):
            for cell, at in zip(row, (20, 65, 110, 135, 165), strict=True):
                canvas.drawString(at * mm, (236 - 6 * i) * mm, cell[:24])
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _head(order: PurchaseOrder) -> list[str]:
    sent = order.at(OrderState.SENT) or order.created_at
    return [
        f"供应商 Supplier: {order.supplier_name}"[:80],
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
