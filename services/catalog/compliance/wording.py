"""This is where it is looked at what a listing says: banned words, prohibited goods, claims nobody can keep."""

from collections.abc import Iterator, Sequence

from services.catalog.categories import Categories
from services.catalog.content import Product
from services.catalog.gates import Finding, Moment

from .lists import Lists
from .matching import Hit, Matcher
from .words import Word, WordKind

_CODES = {
    WordKind.SUPERLATIVE: "BANNED_WORD",
    WordKind.ABSOLUTE: "BANNED_WORD",
    WordKind.MEDICAL_CLAIM: "MEDICAL_CLAIM",
    WordKind.PROHIBITED_GOOD: "PROHIBITED_GOOD",
    WordKind.FALSE_SCARCITY: "FALSE_SCARCITY",
    WordKind.DATA_CLAIM: "UNPROVEN_CLAIM",
}
_WHY = {
    WordKind.SUPERLATIVE: (
        "is a superlative, which article 9 of the Advertising Law forbids",
        "属于《广告法》第九条禁止的极限用语",
    ),
    WordKind.ABSOLUTE: ("promises what nobody can keep", "属于绝对化用语，无法保证"),
    WordKind.MEDICAL_CLAIM: (
        "claims to treat or prevent an illness, which article 17 of the Advertising Law keeps to medicine",
        "涉及疾病治疗功能，《广告法》第十七条禁止",
    ),
    WordKind.PROHIBITED_GOOD: ("names goods that may not be sold here", "属于禁售商品"),
    WordKind.FALSE_SCARCITY: (
        "presses the buyer with a scarcity that no live figure shows",
        "以无实时数据支持的稀缺性催促购买",
    ),
    WordKind.DATA_CLAIM: ("may be said only where figures show it", "须有真实数据支持方可使用"),
}


class Wording:
    """The gate in front of what a listing says."""

    def __init__(self, lists: Lists, categories: Categories) -> None:
        self._lists, self._categories = lists, categories

    async def look(self, products: Sequence[Product], moment: Moment) -> list[list[Finding]]:
        """What is said that may not be, by the list as it is now."""
        matcher = await self._lists.matcher()
        above = {
            category: await self._categories.lineage(category) if matcher.scoped else []
            for category in {product.category for product in products}
        }
        return [
            [
                finding
                for pointer, text in said_by(product)
                for finding in findings_in(matcher, pointer, text, above[product.category])
            ]
            for product in products
        ]


def said_by(product: Product) -> Iterator[tuple[str, str]]:
    """Every text of a product that people read, by its JSON pointer."""
    yield "/title", product.title
    yield "/description", product.description
    for i, tag in enumerate(product.tags):
        yield f"/tags/{i}", tag
    for i, attribute in enumerate(product.attributes):
        yield f"/attributes/{i}/name", attribute.name
        yield f"/attributes/{i}/value", attribute.value
    for i, media in enumerate(product.media):
        yield f"/media/{i}/alt", media.alt
    for i, variant in enumerate(product.variants):
        for j, option in enumerate(variant.options):
            yield f"/variants/{i}/options/{j}/value", option.value
    for i, block in enumerate(product.trust_blocks):
        yield f"/trust_blocks/{i}/text", block.text
    yield "/handling_notice", product.handling_notice
    if product.after_sales:
        yield "/after_sales/text", product.after_sales.text


def findings_in(matcher: Matcher, pointer: str, text: str, categories: Sequence[str] = ()) -> list[Finding]:
    """What is said in a text that may not be."""
    return [_finding(pointer, hit) for hit in matcher.find(text, categories)] if text else []


def _finding(pointer: str, hit: Hit) -> Finding:
    word, (en, zh) = hit.word, _WHY[hit.word.kind]
    return Finding(
        code=_CODES[word.kind],
        pointer=pointer,
        en=f'"{hit.text}"{_meant(word, hit, " (= {})")} {en}{_instead(word, "; say {} instead", " or ")}',
        zh=f"“{hit.text}”{_meant(word, hit, '（即“{}”）')}{zh}{_instead(word, '，建议改为{}', '或')}",
        suggestion=" / ".join(word.suggestions) + (f" ({word.note})" if word.note else ""),
        text=hit.text,
        blocks=word.blocks,
        position=hit.start,
    )


def _meant(word: Word, hit: Hit, form: str) -> str:
    return "" if hit.text.casefold() == word.term.casefold() else form.format(word.term)


def _instead(word: Word, form: str, joint: str) -> str:
    said = joint.join(f"“{suggestion}”" for suggestion in word.suggestions)
    note = f" ({word.note})" if said and word.note else ""
    return form.format(said) + note if said else ""
