"""This is where an invoice becomes a PDF: seller, buyer, lines with their tax, totals in figures and capitals, the stamp."""

import io
from typing import Any, Literal
from zoneinfo import ZoneInfo

from .capitals import capitals
from .invoices import FREIGHT, RED, Buyer, Invoice, InvoiceLine
from .profile import Seller

_BLACK, _INK, _STAMP = "#000000", "#8b1a1a", "#c8102e"
_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}
_COLUMNS = (58, 18, 30, 18, 27, 31)  # millimetres
_HEADINGS = ("项目名称 Item", "数量 Qty", "金额 Net", "税率 Rate", "税额 Tax", "价税合计 Gross")
_BOX = ("BOX", (0, 0), (-1, -1), 0.6, _INK)
_KINDS = {"individual": "个人 Individual", "company": "企业 Company"}


def money(minor: int, currency: str = "") -> str:
    """-1234 → -12.34."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{_SYMBOLS.get(currency, '')}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def rate(basis_points: int) -> str:
    """1300 → 13%."""
    return f"{basis_points / 100:g}%"


def pdf(invoice: Invoice, buyer: Buyer, zone: str = "Asia/Shanghai", reverses: str = "") -> bytes:
    """The document, the same for the same invoice. `reverses`: the number of the one it takes back."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate, Spacer

    from services.kit.printing import FONT

    written = io.BytesIO()
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=14 * mm,
        rightMargin=14 * mm,
        topMargin=12 * mm,
        bottomMargin=14 * mm,
        title=f"Invoice {invoice.label}",
        author=invoice.seller.name,
        invariant=1,
        initialFontName=FONT,
    )
    story: list[Any] = [
        _heading(invoice, zone, reverses),
        Spacer(0, 3 * mm),
        _parties(invoice, buyer),
        _lines(invoice),
        _totals(invoice),
        Spacer(0, 4 * mm),
        _foot(invoice),
    ]
    document.build(story, onLaterPages=lambda page, _: _numbered(page, invoice.label))
    return written.getvalue()


def _numbered(page: Any, label: str) -> None:
    """Which of which invoice a page is: pages get apart."""
    from reportlab.lib.units import mm

    from services.kit.printing import FONT

    page.setFont(FONT, 8)
    page.drawRightString(196 * mm, 8 * mm, f"{label}   第 {page.getPageNumber()} 页 page {page.getPageNumber()}")


def _text(words: str, size: float = 9, color: str = _BLACK, align: Literal[0, 1, 2] = 0) -> Any:
    from xml.sax.saxutils import escape

    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    from services.kit.printing import FONT

    style = ParagraphStyle(
        f"s{size}{color}{align}",
        fontName=FONT,
        fontSize=size,
        leading=size * 1.35,
        textColor=HexColor(color),
        alignment=align,
        wordWrap="CJK",
    )
    return Paragraph("<br/>".join(escape(line) for line in words.split("\n")), style)


def _figure(words: str, width: float, size: float = 9) -> Any:
    """On one line in a column of so many millimetres, in smaller type when it must be."""
    from reportlab.lib.units import mm

    from services.kit.printing import fitting

    fits, size = fitting(words, size, (width - 4.5) * mm, 4)
    return _text(fits, size, _BLACK, 2)


def _table(rows: list[list[Any]], widths: tuple[float, ...], *more: Any, repeat: int = 0, at: str = "MIDDLE") -> Any:
    from reportlab.lib.units import mm
    from reportlab.platypus import Table

    from services.kit.printing import FONT

    everywhere = (0, 0), (-1, -1)
    style: list[Any] = [("VALIGN", *everywhere, at), ("FONTNAME", *everywhere, FONT), *more]
    return Table(rows, [width * mm for width in widths], style=style, repeatRows=repeat)


def _grid(points: float) -> Any:
    return ("INNERGRID", (0, 0), (-1, -1), points, _INK)


def _heading(invoice: Invoice, zone: str, reverses: str) -> Any:
    red = invoice.kind == RED
    title = "红字发票 CREDIT NOTE" if red else "电子发票 INVOICE"
    issued = invoice.issued_at.astimezone(ZoneInfo(zone))
    facts = f"发票号码 No.: {invoice.label}\n开票日期 Date: {issued:%Y年%m月%d日}"
    if red:
        facts += f"\n对应蓝字发票 Reverses: {reverses or invoice.reverses}"
    cells = [[_text(title, 18, _STAMP if red else _INK), _text(facts)]]
    return _table(cells, (100, 82))


def _parties(invoice: Invoice, buyer: Buyer) -> Any:
    kind = _KINDS.get(buyer.kind, buyer.kind)
    rows = [
        [
            _text("购买方\nBuyer", 9, _INK, 1),
            _text(_party(buyer) + f"\n类型 Kind: {kind}"),
            _text("销售方\nSeller", 9, _INK, 1),
            _text(_party(invoice.seller)),
        ]
    ]
    return _table(rows, (16, 75, 16, 75), _BOX, _grid(0.4))


def _party(of: Buyer | Seller) -> str:
    name = of.title if isinstance(of, Buyer) else of.name
    rows = [("名称 Name", name), ("纳税人识别号 Tax id", of.tax_id or "—")]
    rows += [("地址、电话 Address, phone", " ".join((of.address, of.phone)).strip())]
    rows += [("开户行及账号 Bank, account", " ".join((of.bank, of.account)).strip())]
    return "\n".join(f"{label}: {words}" for label, words in rows if words)


def _lines(invoice: Invoice) -> Any:
    rows = [[_text(heading, 8.5, _INK, 1) for heading in _HEADINGS]]
    rows += [_row(line) for line in invoice.lines]
    net = sum(line.net_minor for line in invoice.lines)
    amounts = [money(minor, invoice.currency) for minor in (net, invoice.tax_minor, invoice.total_minor)]
    sums = ["", amounts[0], "", *amounts[1:]]
    rows.append([_text("合计 Total", 9, _INK, 1), *map(_figure, sums, _COLUMNS[1:])])
    return _table(rows, _COLUMNS, _BOX, _grid(0.25), repeat=1)


def _row(line: InvoiceLine) -> list[Any]:
    figures = [
        str(line.quantity) if line.key != FREIGHT and line.quantity else "",
        money(line.net_minor),
        rate(line.rate_bp),
        money(line.tax_minor),
        money(line.amount_minor),
    ]
    return [_text(line.title, 9), *map(_figure, figures, _COLUMNS[1:])]


def _totals(invoice: Invoice) -> Any:
    words = f"价税合计（大写） In words: {capitals(invoice.total_minor)}"
    return _table(
        [[_text(words, 10), _figure(f"（小写） {money(invoice.total_minor, invoice.currency)}", 54, 10)]],
        (128, 54),
        _BOX,
    )


def _foot(invoice: Invoice) -> Any:
    notes = f"订单号 Order: {invoice.order_id}\n摘要 Digest (SHA-256):\n{invoice.digest}"
    if invoice.why:
        notes += f"\n红冲原因 Reason: {invoice.why}"
    cells = [[_text(notes, 7.5), _stamp(invoice)]]
    return _table(cells, (120, 62), at="TOP")


def _stamp(invoice: Invoice) -> Any:
    """The seller's round stamp, as text in an oval."""
    from reportlab.graphics.shapes import Drawing, Ellipse, String
    from reportlab.lib.colors import HexColor
    from reportlab.lib.units import mm

    from services.kit.printing import FONT

    color = HexColor(_STAMP)
    drawing = Drawing(60 * mm, 32 * mm, initialFontName=FONT)
    drawing.add(Ellipse(30 * mm, 16 * mm, 27 * mm, 14 * mm, strokeColor=color, strokeWidth=1.6, fillColor=None))
    name = invoice.seller.name
    size = min(11.0, 44 * mm / max(1, sum(0.55 if letter.isascii() else 1 for letter in name)))
    for words, height, points in ((name, 19, size), (invoice.seller.tax_id, 13.5, 7), (invoice.stamp, 7.5, 10)):
        drawing.add(
            String(30 * mm, height * mm, words, fontName=FONT, fontSize=points, fillColor=color, textAnchor="middle")
        )
    return drawing
