"""This is where an address is judged and repaired: fields or one line in, places with their code out, with a confidence from
0 to 100 and why. Pure; about a tenth of a millisecond. What it is not sure of it says, and refuses nothing.

confidence = 100 × the product of a factor for each thing that is the matter (`FACTORS`); what lies abroad is judged by its
street and city alone.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from . import postcodes
from .lines import taken_apart
from .places import places
from .reading import CITY, DISTRICT, PROVINCE, Read, names, read

FACTORS = {
    "province_added": 0.97,
    "city_added": 0.96,
    "spelling_repaired": 0.86,
    "old_name": 0.95,
    "pair_repaired": 0.62,
    "ambiguous": 0.45,
    "province_unknown": 0.45,
    "city_unknown": 0.5,
    "city_not_checked": 0.75,  # in Latin letters
    "district_unknown": 0.85,
    "district_missing": 0.82,
    "city_missing": 0.48,
    "place_unknown": 0.3,
    "city_says_nothing": 0.4,
    "street_says_nothing": 0.4,
    "street_short": 0.85,
    "postcode_mismatch": 0.7,
    "phone_invalid": 0.9,
}
DOUBTFUL = 50  # below it people should look
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"(?:\+?86)?0?([1-9][0-9]{1,2}[2-9][0-9]{6,7})")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SAYS_WHERE = frozenset("路街道巷弄号號村楼樓室栋棟幢苑园園城镇鎮乡鄉区區座里")


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """An address as it was given; `line` is all of it in one. Personal: never logged."""

    country: str = "CN"
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    name: str = ""
    phone: str = ""
    postcode: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """The address as it can be meant, the code of the smallest place that is sure, how sure, and why."""

    address: Written
    code: str
    confidence: int
    reasons: tuple[str, ...]


def judge(given: Written) -> Judged:
    """The address, repaired where it can be."""
    clean = _clean(given)
    if clean.line:
        clean = taken_apart(clean)
    phone, bad = _phone(clean.phone, clean.country)
    clean = replace(clean, phone=phone)
    reasons = ["phone_invalid"] if bad else []
    if clean.country != "CN":
        return _judged(clean, "", reasons + _abroad(clean))
    found = read(places(), (clean.province, clean.city, clean.district), clean.street)
    repaired = _repaired(clean, found)
    reasons += [*_of_places(clean, found), *_of_street(repaired.street)]
    if found.chain and not postcodes.fits(clean.postcode, found.chain.province.code):
        reasons.append("postcode_mismatch")
    return _judged(repaired, found.chain.deepest.code if found.chain else "", reasons)


def _clean(given: Written) -> Written:
    texts = {name: getattr(given, name) for name in Written.__slots__}
    plain = {name: unicodedata.normalize("NFKC", text).strip() for name, text in texts.items()}
    return Written(**{**plain, "country": plain["country"].upper()})


def _judged(address: Written, code: str, reasons: list[str]) -> Judged:
    sure = 1.0
    for reason in reasons:
        sure *= FACTORS[reason]
    return Judged(address, code, round(100 * sure), tuple(reasons))


def _repaired(given: Written, found: Read) -> Written:
    if found.chain is None:
        return given
    province, city, district = names(found.chain)
    lost = [text for level, text in found.unread.items() if level == DISTRICT or (level == CITY and city)]
    street = f"{''.join(lost)}{found.street}" if _is_han(found.street) else found.street
    return replace(
        given,
        province=province,
        city=city or given.city,
        district=district or ("" if lost else given.district if DISTRICT in found.unread else ""),
        street=street or given.street,
    )


def _of_places(given: Written, found: Read) -> list[str]:
    chain = found.chain
    if chain is None:
        return ["place_unknown"] + ([] if any(map(str.isalpha, given.city)) or given.line else ["city_says_nothing"])
    listed = bool(places().within(chain.province))
    reasons = ["province_unknown"] if PROVINCE in found.unread else []
    if city := found.unread.get(CITY, ""):
        reasons += _of_city(city) if listed else []
    elif not names(chain)[1] and listed:
        reasons.append("city_missing")
    if DISTRICT in found.unread and listed and chain.city:
        reasons.append("district_unknown")
    elif chain.district is None and not reasons and places().within(chain.deepest):
        reasons.append("district_missing")
    if PROVINCE not in found.said and PROVINCE not in found.unread:
        reasons.append("province_added")
    if chain.district and chain.city and CITY not in found.said and CITY not in found.unread:
        reasons.append("city_added")
    reasons += ["pair_repaired"] * min(2, found.contradicted)
    said = {"spelling_repaired": found.guessed, "old_name": found.old, "ambiguous": found.ambiguous}
    return reasons + [reason for reason, so in said.items() if so]


def _of_city(city: str) -> list[str]:
    if not any(map(str.isalpha, city)):
        return ["city_says_nothing"]
    return ["city_unknown"] if _is_han(city) else ["city_not_checked"]


def _of_street(street: str) -> list[str]:
    letters = [c.casefold() for c in street if c.isalnum()]
    if len(letters) < 2 or len(set(letters)) < 2:
        return ["street_says_nothing"]
    if len(letters) < 4 or not any(c.isdigit() or c in _SAYS_WHERE for c in letters):
        return ["street_short"]
    return []


def _abroad(given: Written) -> list[str]:
    nowhere = [] if any(map(str.isalpha, given.city or given.line)) else ["city_says_nothing"]
    return nowhere + _of_street(given.street)


def _is_han(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _phone(given: str, country: str) -> tuple[str, bool]:
    """E.164, and whether it cannot be read; nothing given is no fault."""
    digits = re.sub(r"[\s().-]", "", given)
    if not digits:
        return "", False
    if country == "CN":
        if mobile := _MOBILE.fullmatch(digits):
            return f"+86{mobile.group(1)}", False
        if fixed := _LANDLINE.fullmatch(digits):
            return f"+86{fixed.group(1)}", False
    return (digits, False) if _E164.fullmatch(digits) else (given, True)
