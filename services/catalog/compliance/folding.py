"""This is where a text is made plain, so that a word is found however it is dressed up, and each sign knows where it stood.

Width, case, accents, traditional characters, look-alikes and numerals become one form; what is no letter, digit or `%` falls
out. `第 ① 品牌`, `苐壹品牌` and `第一品牌` are one text. Pure.
"""

import unicodedata
from dataclasses import dataclass, field

from zhconv_rs import zhconv

# Looks like the other, or is another way to write it; looked up after NFKC, case folding and simplification.
_CHINESE = dict(
    zip(
        "苐笫朂㝡冣隹囯惟一弌壹二弍贰三弎叁四肆五伍六陆七柒八捌九玖",
        "第第最最最佳国唯111222333445566778899",
        strict=True,
    )
)
_CYRILLIC_AND_GREEK = dict(
    zip(
        "авеёіјкмнорсѕтухԁԛԝһӏαβεηικμνορτυχωɑɡı",
        "abeeijkmhopcstyxdqwhlabenikmnoptuxwagi",
        strict=True,
    )
)
# Capitals look like other letters than their small forms do: В is B, Н is H, Ν is N.
_CAPITALS = dict(zip("АВЕКМНОРСТУХЅІЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abekmhopctyxsijabezhikmnoptyx", strict=True))
_KEPT = frozenset("%")


class _Table(dict[str, str]):
    """What each sign becomes; worked out when it is first met."""

    def __missing__(self, sign: str) -> str:
        plain = self[sign] = "".join(_plain(each) for each in _unfolded(sign))
        return plain


def _unfolded(sign: str) -> str:
    code = ord(sign)
    if 0x1F130 <= code <= 0x1F189:  # letters in squares and circles, which NFKC leaves alone in part
        return chr(ord("a") + (code - 0x1F130) % 32) if (code - 0x1F130) % 32 < 26 else ""
    if sign in _CAPITALS:
        return _CAPITALS[sign]
    if sign == "№":
        return "no"
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", sign)).casefold()


def _plain(sign: str) -> str:
    if sign in _KEPT:
        return sign
    if not sign.isalnum():
        return ""
    simple = zhconv(sign, "zh-hans") if sign > "\u2e7f" else sign
    for table in (_CHINESE, _CYRILLIC_AND_GREEK):
        simple = table.get(simple, simple)
    return simple


_TABLE = _Table()


@dataclass(frozen=True, slots=True)
class Folded:
    """A plain text, and for each sign of it where it stood in the original."""

    original: str
    text: str
    at: list[int] | range = field(repr=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the original."""
        return self.at[start], self.at[end - 1] + 1


def fold(text: str) -> Folded:
    """The plain form of a text."""
    signs = [_TABLE[sign] for sign in text]
    plain = "".join(signs)
    if len(plain) == len(text) and "" not in signs:
        return Folded(text, plain, range(len(text)))
    return Folded(text, plain, [i for i, sign in enumerate(signs) for _ in sign])


def is_word_sign(sign: str) -> bool:
    """Whether words are made of it that spaces set apart: letters and digits, but no Chinese characters."""
    plain = _TABLE[sign]
    return plain not in ("", "%") and not (
        "\u2e80" <= sign <= "\ud7af" or "\uf900" <= sign <= "\ufaff" or sign >= "\U00020000"
    )
