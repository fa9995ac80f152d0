"""This is where places are found in what somebody wrote, and where all of them are made into one. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.logistics.regions import province as province_named

from .places import CITY, DISTRICT, FULL, OLD, PROVINCE, STEM, Chain, Named, Place, Places, stem

GUESSED = 1.5  # a name with one character wrong
_AGAINST = 1.6  # what a place that does not fit takes off
_APART = re.compile(r"[\s,，.。;；:：/|、·_-]+")
_COUNTRY = re.compile(r"(?:中国|中华人民共和国|china)[\s,，]*", re.I)
_ROAD = re.compile(
    r"(?:[东西南北中]{0,2}(?:[一二三四五六七八九十]{0,2})(?:路|街|道|巷|里|弄|胡同)|大街|大道|支路|新村|小区|花园|广场|大厦)"
)
_LEVELS = "省市区县州旗盟"
_AUTONOMY = "自治"
_MOST = 6  # places named in one address


@dataclass(slots=True)
class Mention:
    """Places that one word can mean."""

    meant: list[Named]
    level: int = 0  # of the field it stood in; 0 for the street's


@dataclass(slots=True)
class Read:
    """What was understood: `unread` is what stood in a field of places and names none we know, by level."""

    chain: Chain | None = None
    street: str = ""
    mentions: list[Mention] = field(default_factory=list)
    unread: dict[int, str] = field(default_factory=dict)
    said: set[int] = field(default_factory=set)  # levels that were named
    contradicted: int = 0
    guessed: bool = False
    old: bool = False
    ambiguous: bool = False


def read(table: Places, fields: Sequence[str], street: str) -> Read:
    """`fields` are province, city and district as given, each may be empty."""
    known = Read()
    for level, given in enumerate(fields, PROVINCE):
        rest = _head(table, known, given, level)
        if rest:
            known.unread[level] = rest
    known.street = _head(table, known, street, 0)
    _decide(table, known)
    return known


def _head(table: Places, known: Read, given: str, level: int) -> str:
    """Takes the places a text begins with; answers the rest of it."""
    plain = table.simplified(given)
    at = found.end() if (found := _COUNTRY.match(plain)) else 0
    while len(known.mentions) < _MOST:
        if found := _APART.match(plain, at):
            at = found.end()
        if at >= len(plain):
            return ""
        size, meant = _longest(table, plain, at, whole=bool(level))
        if not meant:
            size, meant = _guessed(table, known, plain, at, level)
        if not meant:
            break
        known.mentions.append(Mention(meant, level))
        at += size
    return given[at:].strip()


def _longest(table: Places, plain: str, at: int, *, whole: bool) -> tuple[int, list[Named]]:
    for size in range(min(table.longest, len(plain) - at), 1, -1):
        meant = table.named.get(plain[at : at + size])
        if meant is None:
            continue
        in_full = [one for one in meant if one.worth > STEM]
        if in_full or whole or not _ROAD.match(plain, at + size):
            return size, in_full or meant
    if plain[at : at + 1].isascii() and (of := table.named.get(province_named(plain[at:]))):
        return len(plain) - at, [one for one in of if one.place.level == PROVINCE]  # Guangdong Province
    return 0, []


def _guessed(table: Places, known: Read, plain: str, at: int, level: int) -> tuple[int, list[Named]]:
    """A place written with one character wrong, or with the wrong ending, within what is known so far."""
    word = (_APART.split(plain[at:], 1) or [""])[0]
    ends = [len(word)] if level else [n for n, letter in enumerate(word[:9], 1) if letter in _LEVELS and n > 2]
    inside = list(_inside(table, known))
    for end in ends[:3]:
        tried = word[:end]
        fits = [place for place in inside if _nearly(tried, place.name)]
        if not fits and not known.mentions and tried[-1:] in _LEVELS:
            fits = [place for place in table.known.values() if place.level == DISTRICT and _nearly(tried, place.name)]
        if 2 <= len(tried) <= 12 and 0 < len(fits) <= 2:
            return end, [Named(place, GUESSED) for place in fits]
    return 0, []


def _inside(table: Places, known: Read) -> Iterable[Place]:
    if not known.mentions:
        return table.within(None)
    return (place for one in known.mentions[-1].meant for place in table.within(one.place))


def _nearly(tried: str, name: str) -> bool:
    if tried == name:
        return False
    if len(tried) > 2 and stem(tried) == stem(name) and len(stem(tried)) > 1:
        return True
    if len(tried) != len(name) or len(name) < 3:
        return False
    if tried[-1] != name[-1]:
        return False
    return sum(one != other for one, other in zip(tried, name, strict=True)) == 1


def _decide(table: Places, known: Read) -> None:
    """The one chain that most of what was named agrees with; of equals the less deep, and the first named."""
    chains = {one.place.code: table.chain(one.place) for mention in known.mentions for one in mention.meant}
    if not chains:
        return
    weighed = [(_weight(chain, known.mentions), -chain.deepest.level, -n) for n, chain in enumerate(chains.values())]
    ranked = sorted(zip(weighed, chains.values(), strict=True), key=lambda each: each[0], reverse=True)
    (best, _, _), chain = ranked[0]
    rivals = [other for (weight, _, _), other in ranked[1:] if best - weight < 0.05 and not _along(chain, other)]
    if rivals:
        known.ambiguous = True
        chain = _shared(chain, rivals)
    known.chain = chain
    for mention in known.mentions:
        _account(known, chain, mention)


def _along(one: Chain, other: Chain) -> bool:
    """Whether one lies in the other."""
    return one.deepest in tuple(other) or other.deepest in tuple(one)


def _shared(chain: Chain, rivals: Sequence[Chain]) -> Chain:
    """What all agree in, at least the province of the first."""
    if any(other.province is not chain.province for other in rivals):
        return chain
    same_city = chain.city and all(other.city is chain.city for other in rivals)
    return Chain(chain.province, chain.city) if same_city else Chain(chain.province)


def _weight(chain: Chain, mentions: Sequence[Mention]) -> float:
    weight, used = 0.0, set[str]()
    for mention in mentions:
        fits = [one for one in mention.meant if one.place in tuple(chain)]
        if not fits:
            weight -= _AGAINST
            continue
        one = next((each for each in fits if each.place.code not in used), fits[0])
        if one.place.code in used:
            continue  # 上海市上海市 says it once
        used.add(one.place.code)
        # Who knows the district knows where they live; the city above it is picked from a list, and wrongly.
        weight += one.worth + (0.2 if one.place.level == DISTRICT else 0.0)
    return weight


def _account(known: Read, chain: Chain, mention: Mention) -> None:
    fits = [one for one in mention.meant if one.place in tuple(chain)]
    if not fits:
        known.contradicted += 1
        return
    one = fits[0]
    known.said.add(one.place.level)
    known.guessed |= one.worth == GUESSED
    known.old |= one.worth == OLD


def names(chain: Chain) -> tuple[str, str, str]:
    """Province, city and district as they are called; a municipality is its own city."""
    city = chain.city or (
        chain.province if chain.province.name[-1] in "市区" and _AUTONOMY not in chain.province.name else None
    )
    return chain.province.name, city.name if city else "", chain.district.name if chain.district else ""


__all__ = ["CITY", "DISTRICT", "FULL", "PROVINCE", "Mention", "Read", "names", "read"]
