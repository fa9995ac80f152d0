"""This is where the font of the shop's papers is made: Noto Sans CJK SC with TrueType outlines, less what is not printed,
and with the letters of Noto Sans that it has not got (Polish, Turkish, Greek, Ukrainian …).

    python -m deploy.font NotoSansCJK-Regular.ttc NotoSans-Regular.ttf services/kit/fonts/NotoSansCJKsc-Regular.ttf

Both are of Debian's packages (fonts-noto-cjk, fonts-noto-core). It was run once, and what it made is committed: reportlab
takes only TrueType outlines, and Noto's Chinese has PostScript's. Left out: Hangul, vertical forms, features, hinting.
"""

import sys
from typing import Any

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

_SIMPLIFIED = 2  # which font of the collection
_TOLERANCE = 3  # thousandths of an em an outline may move: at 22 points, a fortieth of a millimetre
_PRINTED = (
    range(0x0250),  # Latin
    range(0x02B0, 0x0530),  # accents, Greek, Cyrillic
    range(0x1E00, 0x1F00),  # Vietnamese
    range(0x2000, 0x2C00),  # punctuation, currencies, numbers in circles, arrows, boxes
    range(0x2E80, 0xA000),  # radicals, kana, bopomofo, units, Han with extension A: GB 18030-2022, level 1
    range(0xF900, 0xFB00),
    range(0xFE10, 0xFE70),
    range(0xFF00, 0xFFF0),  # wide forms
    range(0x20000, 0x32000),  # Han beyond: the rest of level 2, and names of Hong Kong
)
_LETTERS = (range(0x0530), range(0x1E00, 0x20C0))  # where Noto Sans helps out
_NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # what says whose it is, and under which licence


def made(chinese: str, letters: str) -> Any:
    """The font to be saved."""
    font = TTFont(chinese, fontNumber=_SIMPLIFIED)
    kept = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=_NAMES, desubroutinize=True)
    kept.drop_tables += ["VORG", "vhea", "vmtx", "BASE", "GPOS", "GSUB", "GDEF"]
    cutter = subset.Subsetter(kept)
    cutter.populate(unicodes=[code for code in font.getBestCmap() if any(code in some for some in _PRINTED)])
    cutter.subset(font)
    _outline(font)
    _help_out(font, TTFont(letters))
    return font


def _outline(font: Any) -> None:
    """PostScript's cubic curves become TrueType's quadratic ones."""
    drawn, order, glyphs = font.getGlyphSet(), font.getGlyphOrder(), {}
    for name in order:
        pen = TTGlyphPen(None)
        drawn[name].draw(Cu2QuPen(pen, _TOLERANCE, reverse_direction=True))
        glyphs[name] = pen.glyph()
    del font["CFF "]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    for name, glyph in glyphs.items():
        _place(font, name, glyph, font["hmtx"][name][0])
    most = font["maxp"]
    most.tableVersion, most.maxZones = 0x00010000, 1
    for what in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements"):
        setattr(most, f"max{what}", 0)
    most.maxSizeOfInstructions = most.maxComponentElements = most.maxComponentDepth = 0
    font["post"].formatType, font.sfntVersion = 3.0, "\0\1\0\0"


def _help_out(font: Any, other: Any) -> None:
    """Adds letters that are missing; both have a thousand units an em. No glyph is made of others: that is read faster."""
    missing = [code for code in other.getBestCmap() if any(code in some for some in _LETTERS)]
    drawn, has = other.getGlyphSet(), font.getBestCmap()
    for code in sorted(set(missing) - set(has)):
        name, source = f"noto{code:04X}", other.getBestCmap()[code]
        whole, pen = DecomposingRecordingPen(drawn), TTGlyphPen(None)
        drawn[source].draw(whole)
        whole.replay(pen)
        font["glyf"].glyphOrder.append(name)
        font["glyf"].glyphs[name] = glyph = pen.glyph()
        _place(font, name, glyph, other["hmtx"][source][0])
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name


def _place(font: Any, name: str, glyph: Any, width: int) -> None:
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = width, getattr(glyph, "xMin", 0)


if __name__ == "__main__":
    made(sys.argv[1], sys.argv[2]).save(sys.argv[3])
