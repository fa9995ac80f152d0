"""This is where the addresses that accuracy is measured with were made: true ones off the table, each spoilt as people spoil
them, with a fixed seed. `python -m tests.logistics.gazetteer.corpus` writes `addresses.tsv` anew."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.logistics.gazetteer.places import CITY, DISTRICT, Places, places, stem
from services.logistics.gazetteer.reading import names

FILE = Path(__file__).parent / "addresses.tsv"
_GIVEN, _TRUE = ("line", "province", "city", "district", "street"), ("code", "province", "city", "district")
HEADER = ("kind", *_GIVEN, *(f"true_{name}" for name in _TRUE))
_SEED, _EACH = 2260, 30
_ROADS = ("人民路", "建设大道", "解放街", "中山北路", "学府路", "长江西路", "文化巷", "新华街", "滨河东路", "科技大道")
_TRADITIONAL = str.maketrans(
    "广东江苏浙宁陕云贵庆龙台湾兴阳区县华丰门岛连沈济内乌鲁齐长滨乡",
    "廣東江蘇浙寧陝雲貴慶龍臺灣興陽區縣華豐門島連瀋濟內烏魯齊長濱鄉",
)
_WRONG = "冬洋糊舟平"


@dataclass(frozen=True)
class True_:  # noqa: N801 - `True` is taken
    """An address as it is meant."""

    code: str
    province: str
    city: str
    district: str
    street: str


Spoilt = tuple[str, str, str, str, str]  # line, province, city, district, street


def _drawn(table: Places, dice: random.Random) -> True_:
    districts = [one for one in table.known.values() if one.level == DISTRICT and one.code[:2] < "70"]
    while True:
        place = dice.choice(districts)
        province, city, district = names(table.chain(place))
        if city and district and len(district) > 2:
            return True_(place.code, province, city, district, f"{dice.choice(_ROADS)}{dice.randint(1, 999)}号")


def _as_it_is(of: True_, dice: random.Random, table: Places) -> Spoilt:
    return "", of.province, of.city, of.district, of.street


def _shortened(of: True_, dice: random.Random, table: Places) -> Spoilt:
    short = (
        of.province.removesuffix("省").removesuffix("市").replace("自治区", "").replace("壮族", "").replace("回族", "")
    )
    return "", short.replace("维吾尔", ""), stem(of.city), of.district, of.street


def _without_province(of: True_, dice: random.Random, table: Places) -> Spoilt:
    return "", "", of.city, of.district, of.street


def _without_city(of: True_, dice: random.Random, table: Places) -> Spoilt:
    return "", of.province, "", of.district, of.street


def _traditional(of: True_, dice: random.Random, table: Places) -> Spoilt:
    province, city, district = (text.translate(_TRADITIONAL) for text in (of.province, of.city, of.district))
    return "", province, city, district, of.street


def _wrong_city(of: True_, dice: random.Random, table: Places) -> Spoilt:
    others = [one.name for one in table.known.values() if one.level == CITY and one.code[:2] == of.code[:2]]
    other = dice.choice([name for name in others if name != of.city] or ["石家庄市"])
    return "", of.province, other, of.district, of.street


def _misspelt(of: True_, dice: random.Random, table: Places) -> Spoilt:
    at = dice.randrange(len(of.district) - 1)
    return "", of.province, of.city, of.district[:at] + dice.choice(_WRONG) + of.district[at + 1 :], of.street


def _in_a_line(of: True_, dice: random.Random, table: Places) -> Spoilt:
    return (
        f"{of.province}{of.city}{of.district}{of.street} 1{dice.randint(3 * 10**9, 10**10 - 1)} 王小明",
        "",
        "",
        "",
        "",
    )


def _short_in_a_line(of: True_, dice: random.Random, table: Places) -> Spoilt:
    _, province, city, _, _ = _shortened(of, dice, table)
    return f"李雷,1{dice.randint(3 * 10**9, 10**10 - 1)},{province}{city}{stem(of.district)}{of.street}", "", "", "", ""


def _all_in_the_street(of: True_, dice: random.Random, table: Places) -> Spoilt:
    return "", of.province, of.city, "", f"{of.province}{of.city}{of.district}{of.street}"


KINDS: Sequence[Callable[[True_, random.Random, Places], Spoilt]] = (
    _as_it_is,
    _shortened,
    _without_province,
    _without_city,
    _traditional,
    _wrong_city,
    _misspelt,
    _in_a_line,
    _short_in_a_line,
    _all_in_the_street,
)


def rows() -> list[tuple[str, ...]]:
    """Thirty of each kind."""
    table, dice = places(), random.Random(_SEED)
    made: list[tuple[str, ...]] = []
    for spoil in KINDS:
        for _ in range(_EACH):
            of = _drawn(table, dice)
            spoilt = spoil(of, dice, table)
            made.append((spoil.__name__.strip("_"), *spoilt, of.code, of.province, of.city, of.district))
    return made


if __name__ == "__main__":
    FILE.write_text("\n".join("\t".join(row) for row in (HEADER, *rows())) + "\n", "utf-8")
