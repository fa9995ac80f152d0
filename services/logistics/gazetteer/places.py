"""This is where the divisions of China are known: provinces, cities, districts with their GB/T 2260 codes. Read when first
asked for: about 3,400 places. Where the table comes from stands in `SOURCES.md`.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROVINCE, CITY, DISTRICT = 1, 2, 3
FULL, OLD, STEM = 3.0, 2.5, 2.0  # how much a name says: in full, one given up since, cut short
_TABLE = Path(__file__).parent / "places.tsv.gz"
_PEOPLES = (
    "壮|回|维吾尔|苗|土家|侗|布依|藏|羌|彝|哈尼|傣|白|景颇|傈僳|蒙古|哈萨克|柯尔克孜|朝鲜|满|瑶|畲|黎|仡佬|水|拉祜|佤|布朗|纳西|普米|怒|独龙|"
    "毛南|仫佬|撒拉|东乡|保安|裕固|土|锡伯|塔吉克|达斡尔|鄂温克|鄂伦春|各"
)
_ENDING = re.compile(
    rf"(?:(?:(?:{_PEOPLES})族|维吾尔|蒙古|哈萨克|柯尔克孜|塔吉克)*自治[区州县旗]|特别行政区|地区|新区|林区|矿区|省|市|区|县|旗|盟)$"
)
_ENDING_OF_PROVINCE = re.compile(r"(?:(?:壮族|回族|维吾尔)?自治区|特别行政区|省|市)$")
_AUTONOMOUS = re.compile(r"自治([州县旗])$")


@dataclass(frozen=True, slots=True)
class Place:
    """A division: its six-digit code, its name, and its level from `PROVINCE` to `DISTRICT`."""

    code: str
    name: str
    level: int


@dataclass(frozen=True, slots=True)
class Chain:
    """A place and those it lies in. A municipality has no city, a city without districts none."""

    province: Place
    city: Place | None = None
    district: Place | None = None

    @property
    def deepest(self) -> Place:
        """The place itself."""
        return self.district or self.city or self.province

    def __iter__(self) -> Iterator[Place]:
        return (place for place in (self.province, self.city, self.district) if place)


@dataclass(frozen=True, slots=True)
class Named:
    """A place that can be meant by a name, and how much that name says."""

    place: Place
    worth: float


class Places:
    """The table, ready to be asked."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.known: dict[str, Place] = {}
        self.named: dict[str, list[Named]] = {}
        self._children: dict[str, list[Place]] = {}
        old: list[list[str]] = []
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if cells[0] == "trad":
                self._simpler = str.maketrans(cells[1], cells[2])
            elif cells[0] == "old":
                old.append(cells)
            else:
                self._add(Place(cells[0], cells[1], _level(cells[0])))
        for _, code, name in old:
            self._name(name, Named(self.known[code], OLD))
        self.longest = max(map(len, self.named))

    def _add(self, place: Place) -> None:
        self.known[place.code] = place
        self._name(place.name, Named(place, FULL))
        for short in _shorts(place):
            self._name(short, Named(place, STEM))
        if place.level == DISTRICT:
            for above in {f"{place.code[:4]}00", f"{place.code[:2]}0000"}:
                self._children.setdefault(above, []).append(place)
        elif place.level == CITY:
            self._children.setdefault(f"{place.code[:2]}0000", []).append(place)

    def _name(self, name: str, named: Named) -> None:
        there = self.named.setdefault(name, [])
        if all(one.place is not named.place for one in there):
            there.append(named)

    def simplified(self, text: str) -> str:
        """The same with the characters of places' names simplified; as long as before."""
        return text.translate(self._simpler)

    def chain(self, place: Place) -> Chain:
        """Where it lies."""
        province = self.known[f"{place.code[:2]}0000"]
        if place.level == PROVINCE:
            return Chain(province)
        if place.level == CITY:
            return Chain(province, place)
        city = self.known.get(f"{place.code[:4]}00")
        if city is province:
            city = None
        # 仙桃 lies in no city: it is one.
        return Chain(province, city, place) if city or place.name[-1] != "市" else Chain(province, place)

    def within(self, place: Place | None) -> list[Place]:
        """What lies in it, all levels down; provinces and cities for None."""
        if place is None:
            return [one for one in self.known.values() if one.level < DISTRICT]
        return self._children.get(place.code, [])


def _level(code: str) -> int:
    return PROVINCE if code.endswith("0000") else CITY if code.endswith("00") else DISTRICT


def stem(name: str) -> str:
    """湘西土家族苗族自治州 → 湘西; what would be one character stays whole."""
    short = _ENDING.sub("", name)
    return short if len(short) > 1 else name


def _shorts(place: Place) -> Iterator[str]:
    name = place.name
    if place.level == PROVINCE:
        yield _ENDING_OF_PROVINCE.sub("", name)
        return
    short = stem(name)
    if short != name:
        yield short
    if found := _AUTONOMOUS.search(name):
        yield short + found.group(1)  # 湘西州
    if name.endswith("新区"):
        yield name.removesuffix("区")


@cache
def places() -> Places:
    """The table."""
    with gzip.open(_TABLE, "rt", encoding="utf-8") as lines:
        return Places(lines)
