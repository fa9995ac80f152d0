"""This is where customs papers are drawn: commercial invoice, packing list, CN22/CN23. Pure."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from .papers import Declaration

INVOICE, PACKING_LIST, DECLARATION = "commercial-invoice", "packing-list", "declaration"
KINDS = (INVOICE, PACKING_LIST, DECLARATION)
_TITLES = {INVOICE: "COMMERCIAL INVOICE 商业发票", PACKING_LIST: "PACKING LIST 装箱单"}
_GRID = "#999999"


def pdf(told: Declaration, kind: str) -> bytes:
    """The paper, the same for the same parcel."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate, Spacer

    from services.kit.printing import FONT

    title = _TITLES.get(kind, f"CUSTOMS DECLARATION 报关签条 {told.form}")
    written = io.BytesIO()
    margin = 14 * mm
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        title=f"{title} {told.waybill}",
        invariant=1,
        initialFontName=FONT,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
    )
    story = [_text(title, 15), Spacer(0, 4 * mm), _parties(told), Spacer(0, 4 * mm), _table(told, kind)]
    story += [Spacer(0, 4 * mm), *(_text(line) for line in _foot(told, kind))]
    document.build(story)
    return written.getvalue()


def _text(words: str, size: float = 9) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    from services.kit.printing import FONT

    style = ParagraphStyle(f"t{size}", fontName=FONT, fontSize=size, leading=size * 1.35, wordWrap="CJK")
    return Paragraph(escape(words).replace("\n", "<br/>"), style)


def _parties(told: Declaration) -> Any:
    to = told.receiver
    sender = f"From 寄件人\n{told.sender}\n{told.sender_country}"
    place = " ".join(filter(None, (to.street, to.district, to.city, to.province)))
    receiver = f"To 收件人\n{to.name}\n{place}\n{to.country}\n{to.phone}"
    about = f"Waybill 运单号 {told.waybill}\nOrder 订单\n{told.order_id}\nDate 日期 {told.day}\nSale of goods 销售商品"
    return _grid([[_text(sender), _text(receiver), _text(about)]], (50, 70, 62))


def _table(told: Declaration, kind: str) -> Any:
    widths, rows = _packed(told) if kind == PACKING_LIST else _valued(told)
    return _grid([[_text(cell) for cell in row] for row in rows], widths)


Rows = list[tuple[str, ...]]


def _packed(told: Declaration) -> tuple[tuple[int, ...], Rows]:
    rows: Rows = [("SKU", "Description 品名", "Qty 数量", "Net g 净重", "Battery 电池")]
    rows += [(one.sku, one.description, str(one.quantity), str(one.weight_g), _battery(one)) for one in told.lines]
    rows.append(("", "Total 合计", str(sum(one.quantity for one in told.lines)), str(told.weight_g), ""))
    return (36, 72, 20, 24, 30), rows


def _valued(told: Declaration) -> tuple[tuple[int, ...], Rows]:
    rows: Rows = [("Description 品名", "Qty", "HS code 税号", "Origin 原产国", "Net g 净重", f"Value {told.currency}")]
    rows += [
        (_described(one), str(one.quantity), one.hs_code, one.origin, str(one.weight_g), amount(one.value_minor))
        for one in told.lines
    ]
    units = str(sum(one.quantity for one in told.lines))
    rows.append(("Total 合计", units, "", "", str(told.weight_g), amount(told.value_minor)))
    return (64, 16, 28, 26, 20, 28), rows


def _described(line: Any) -> str:
    more = "; ".join(filter(None, (line.material, line.use)))
    battery = "" if line.battery == "none" else f"\nbattery {_battery(line)}"
    return f"{line.description}{f' ({more})' if more else ''}{battery}"


def _battery(line: Any) -> str:
    return str(line.battery).replace("_", " ")


def amount(minor: int) -> str:
    """1234 → 12.34."""
    return f"{minor // 100:,}.{minor % 100:02d}"


def _foot(told: Declaration, kind: str) -> list[str]:
    if kind == PACKING_LIST:
        return [f"1 parcel 件, net {told.weight_g} g"]
    certified = (
        "I certify that the particulars given in this declaration are correct and that this item does not contain any"
    )
    return [
        f"{certified} dangerous article prohibited by legislation or by postal or customs regulations.",
        "Signature 签名 ____________________    Date 日期 ____________",
    ]


def _grid(rows: list[list[Any]], widths_mm: tuple[int, ...]) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.units import mm
    from reportlab.platypus import Table

    from services.kit.printing import FONT

    everywhere = (0, 0), (-1, -1)
    style: list[Any] = [
        ("GRID", *everywhere, 0.4, HexColor(_GRID)),
        ("VALIGN", *everywhere, "TOP"),
        ("FONTNAME", *everywhere, FONT),
    ]
    widths = [width * mm for width in widths_mm]
    return Table(rows, widths, style=style, repeatRows=1 if len(rows) > 1 else 0)
