"""This is where every paper the shop prints is read again: its fonts are in it, and no letter is missing."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as some
from reportlab.pdfbase.pdfmetrics import getFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont as Whole

from services.catalog.purchasing.orders import OrderLine, OrderState, PurchaseOrder
from services.catalog.purchasing.printing import as_pdf
from services.kit import printing
from services.kit.printing import FONT, canvas, fitting
from services.logistics.addresses import Address
from services.logistics.customs import pages as customs
from services.logistics.customs.papers import Declaration, DeclaredLine
from services.logistics.fleet import sheets as routes
from services.logistics.floor import sheets as manifests
from services.logistics.floor.manifests import Manifest, Row
from services.logistics.label_pages import pdf as labels
from services.logistics.label_texts import SIZES, Insert, LabelText
from services.orders.invoices import pages as invoices
from services.orders.invoices.invoices import BLUE, RED, Buyer, Invoice, InvoiceLine
from services.orders.invoices.profile import Seller
from tests.papers import Document

# Of GB 2312 and of beyond it, of extensions A, B and E, traditional, and what Europe writes.
RARE = "张喆堃翀㛃䶮𠅤𬭚張Łőğі"
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
LABEL = LabelText(
    *("顺丰速运", "CN 上海 021", "SB123456789012", f"{RARE} 138****1234", "上海市 浦东新区 世纪大道 100 号", "主仓"),
    *("ord_1  1/1  900 g", "CNY 123.45", Insert("ABCD2345", "https://shop.example/i/ABCD2345", "扫码进群", "领 ¥5")),
)


def _invoice(kind: str) -> bytes:
    line = InvoiceLine("A", f"青瓷茶杯 {RARE}", 1, 113, 1300, 100, 13)
    seller = Seller("杭州青瓷文化有限公司", "91330106MA2AXXXX0X", "文三路 90 号", "0571-1", "工商银行", "1202")
    named = ("inv_1", "S2026", 1, kind, "ord_1", "cus_1", "CNY", seller, "发票专用章", "individual", b"")
    made = Invoice(*named, [line] * 60, "2026-11", NOW, "", why="退货")
    return invoices.pdf(made, Buyer("individual", RARE))


def _customs(kind: str) -> bytes:
    line = DeclaredLine("TEA", f"Green tea 绿茶 {RARE}", 2, "0902.10", "CN", 1234, 500, "leaves 茶叶", "drink", "none")
    to = Address("DE", "Berlin", "Berlin", "Kreuzberg", "Holzmarktstraße 12a", RARE, "+4930123456")
    named = ("shp_1", "ord_1", "SB123456789012", "sandbox", "CN23", "CNY", "主仓", "CN")
    return customs.pdf(Declaration(*named, to, (line,), "2026-11-26"), kind)


def _manifest() -> bytes:
    rows = [Row(f"shp_{n}", f"SB{n:012d}", 900, 1, 8850, "CNY") for n in range(45)]
    return manifests.sheet(Manifest("man_1", "sandbox", f"主仓{RARE}", NOW, NOW, "closed", rows=rows, closed_at=NOW))


def _route() -> bytes:
    stop = routes.Row(
        1, "09:30", "09:00-11:00", f"{RARE} 138****1234", "世纪大道", "SB1", "ord_1", "CNY 1.00", "planned"
    )
    return routes.sheet("路线单", "14 stops", [stop] * 14)


def _purchase() -> bytes:
    lines = [OrderLine("CUP", f"货号{RARE}", "A", 10, 12, 1234)] * 40
    named = ("po_1", "PO-2026-00042", "sup_1", f"景德镇{RARE}", "CNY", "main", OrderState.SENT)
    return as_pdf(PurchaseOrder(*named, lines, [], [], [], "", "", NOW, ""))


PAPERS: dict[str, Callable[[], bytes]] = {
    **{f"label {size}": partial(labels, [LABEL], size) for size in SIZES},
    **{f"{kind} invoice": partial(_invoice, kind) for kind in (BLUE, RED)},
    **{kind: partial(_customs, kind) for kind in customs.KINDS},
    "manifest": _manifest,
    "route sheet": _route,
    "purchase order": _purchase,
}


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_brings_its_fonts_and_shows_every_letter(paper: str) -> None:
    content = PAPERS[paper]()
    assert len(content) < 60_000
    document = Document(content)
    assert document.fonts and set(document.used) <= set(document.fonts)
    for name, font in document.fonts.items():
        assert font.file, f"{name} is left to the reader"
        assert font.undrawn(document.used.get(name, set())) == ""
    assert RARE in document.text
    assert content == PAPERS[paper]()


def _face() -> Any:
    return cast(Any, getFont(FONT)).face


def test_what_the_shop_writes_has_a_glyph() -> None:
    han = {*range(0x4E00, 0x9FF0), *range(0x3400, 0x4DB6)}  # GB 18030-2022, level 1
    big5 = {ord(bytes((a, b)).decode("big5")) for a in range(0xA4, 0xC7) for b in range(0x40, 0x7F)}
    latin = {*range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x386, 0x3CE), *range(0x400, 0x460)}
    names = {*map(ord, "𠅤𠙶𠳐𡎚𡐓𣗋𣲗𤧛𥖨𦒍𦙶𦭜𧿹𧒽𨐈𨙸𨚕𨟠𨱇𨺙𪟝𪤗𪨰𪩘𪾢𫄧𫄨𫍯")}  # of its level 2
    names |= {*map(ord, "𫖯𫘝𫟹𫠊𫢸𫭟𫮃𫰛𫵷𫶇𬀩𬂩𬇕𬊤𬍛𬭚𬱖𬳵𬴂𬶐𬸦𬺈")}
    signs = {*map(ord, "，。；：？！（）《》「」、…—·¥€£₩₽℃℅№①⑩㎡㎏×÷±%‰←→✓")}
    has = _face().charToGlyph
    assert "".join(chr(code) for code in (han | big5 | names | signs) - set(has)) == ""
    assert [hex(code) for code in latin - set(has) if code not in (0x38B, 0x38D, 0x3A2)] == []


def test_what_has_no_glyph_is_a_box_and_the_rest_goes_on() -> None:
    file = io.BytesIO()
    pages = canvas(file, (200, 200), "")
    pages.drawString(10, 10, "金 민준 先生")
    pages.save()
    document = Document(file.getvalue())
    assert document.text == "金 \x00\x00 先生"
    box: Any = TTFont(io.BytesIO(next(iter(document.fonts.values())).file))
    assert box["glyf"][box.getGlyphOrder()[0]].numberOfContours > 0 and box["hmtx"].metrics[".notdef"][0] > 500


def test_the_lean_reader_reads_what_the_librarys_does() -> None:
    whole, lean = Whole("whole", str(printing._FILE)).face, _face()
    assert (lean.charToGlyph, list(lean.glyphPos), lean.hmetrics) == (whole.charToGlyph, whole.glyphPos, whole.hmetrics)
    assert all(lean.getCharWidth(code) == width for code, width in whole.charWidths.items())
    letters = sorted(map(ord, RARE + "Åé"))
    assert lean.makeSubset([0, *letters]) == whole.makeSubset([0, *letters])


def test_threads_that_print_at_once_read_the_font_one_by_one() -> None:
    with ThreadPoolExecutor(1) as threads:
        with _face()._one:
            other = threads.submit(_face().makeSubset, [0, ord("喆")])
            with pytest.raises(TimeoutError):
                other.result(0.1)
        assert other.result(10) == _face().makeSubset([0, ord("喆")])


@given(some.text(min_size=1, max_size=80), some.floats(20, 300))
def test_a_line_fits_and_says_when_it_was_cut(text: str, width: float) -> None:
    shown, size = fitting(text, 12, width, 7)
    assert 7 <= size <= 12 and stringWidth(shown, FONT, size) <= width * 1.01
    assert shown == text or (size == 7 and shown.endswith("…") and text.startswith(shown[:-1]))


@pytest.mark.parametrize("size", SIZES)
def test_no_part_of_a_long_address_is_left_off_a_label(size: str) -> None:
    street = "".join(chr(0x4E00 + n) for n in range(200))
    label = LabelText("", "", "SF1000000000000000000042", "", street, "二" * 60, "")
    said = Document(labels([label], size)).text
    assert street in said and "二" * 60 in said
