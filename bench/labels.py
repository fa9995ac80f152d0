"""This is where it is weighed what five hundred labels take, as one document: PDF and ZPL, on both papers, with cards."""

import time

import psutil

from bench.report import Report
from services.logistics.label_formats import zpl
from services.logistics.label_pages import pdf
from services.logistics.label_texts import SIZES, Insert, LabelText

_LABELS = 500
_ADDRESS = "上海市 浦東新區 世紀大道 100 號 環球金融中心 88 樓 8801 室 (CN)"


def _label(number: int) -> LabelText:
    code = f"ABCDEFGH{number:04d}"
    return LabelText(
        carrier="沙盒快遞 Sandbox Express",
        sort_code="CN 上海 021",
        waybill=f"SB{number:012d}",
        to="張** 138****1234",
        address=_ADDRESS,
        sender="主倉 Main warehouse",
        note=f"ord_01kt5m8q2x{number:016d}  1/1  900 g",
        collect="CNY 123.45",
        insert=Insert(code, f"https://shop.example/i/{code}", "掃碼進群 領 ¥5", "Scan, join the group, get ¥5"),
    )


def _font_mb() -> float:
    """What the font adds to a process that prints."""
    import reportlab.pdfgen.canvas
    import reportlab.platypus  # noqa: F401 - both without it

    before = psutil.Process().memory_info().rss
    import services.kit.printing  # noqa: F401

    return (psutil.Process().memory_info().rss - before) / 2**20


def measure(report: Report) -> None:
    """CPU seconds of each document."""
    labels = [_label(number) for number in range(_LABELS)]
    weighs = _font_mb()
    pdf(labels[:1])  # fonts are loaded once a process
    report.row("labels", f"{_LABELS} with a card each, as one document")
    for size in SIZES:
        for make in (pdf, zpl):
            started = time.process_time()
            document = make(labels, size)
            spent = time.process_time() - started
            report.figure(f"{make.__name__} {size}, {len(document) / 2**20:.1f} MB", spent, "s CPU", at_most=20)
    report.figure("one label", len(pdf(labels[:1])) / 2**10, "KB", at_most=60)
    report.figure("memory of the font, in a process that prints", weighs, "MB", at_most=10)
