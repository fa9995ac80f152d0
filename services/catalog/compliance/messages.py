"""This is where words, findings, schemas and the shop's policy meet protobuf."""

from collections.abc import Iterable, Sequence

from shop.catalog.v1 import compliance_pb2 as pb
from shop.catalog.v1 import policies_pb2, spec_tables_pb2

from services.catalog.gates import Finding
from services.catalog.messages import promises
from services.catalog.policies import ShopPolicy
from services.kit.clock import rfc3339
from services.kit.errors import FieldError

from .spec_tables import Inherited, InvalidSchema, Schema
from .specs import Rule, SpecKind
from .words import InvalidWord, Word, WordKind

_KINDS = {kind: pb.WordKind.Value(f"WORD_KIND_{kind.value.upper()}") for kind in WordKind}
_NAMED = {value: kind for kind, value in _KINDS.items()}
_SPECS = {kind: spec_tables_pb2.SpecKind.Value(f"SPEC_KIND_{kind.value.upper()}") for kind in SpecKind}
_SPECS_NAMED = {value: kind for kind, value in _SPECS.items()}


def kind(value: pb.WordKind.ValueType) -> str:
    """Which kind of words; empty for all."""
    return _NAMED[value].value if value in _NAMED else ""


def word(kept: Word) -> pb.Word:
    """A word of the list."""
    return pb.Word(
        id=kept.id,
        term=kept.term,
        kind=_KINDS[kept.kind],
        locale=kept.locale,
        suggestions=kept.suggestions,
        note=kept.note,
        categories=kept.categories,
        exceptions=kept.exceptions,
        blocks=kept.blocks,
        added_in=kept.added_in,
        by=kept.by,
        added_at=rfc3339(kept.added_at),
    )


def wanted(message: pb.Word) -> Word:
    """A word as somebody would have it on the list. Refuses with INVALID_WORD."""
    if message.kind not in _NAMED:
        raise InvalidWord("no such kind", errors=[FieldError("/kind", "is unknown")])
    return Word(
        id="",
        term=message.term,
        kind=_NAMED[message.kind],
        locale=message.locale,
        suggestions=list(message.suggestions),
        note=message.note,
        categories=list(message.categories),
        exceptions=list(message.exceptions),
        blocks=message.blocks,
    )


def findings(found: Iterable[Finding]) -> list[pb.Finding]:
    """What there is against something."""
    return [
        pb.Finding(
            code=each.code,
            pointer=each.pointer,
            position=each.position,
            text=each.text,
            en=each.en,
            zh=each.zh,
            suggestion=each.suggestion,
            blocks=each.blocks,
        )
        for each in found
    ]


def rules(messages: Iterable[spec_tables_pb2.SpecRule]) -> list[Rule]:
    """Lines as somebody would have them. Refuses with INVALID_SCHEMA."""
    found = []
    for i, each in enumerate(messages):
        if each.kind not in _SPECS_NAMED:
            raise InvalidSchema("no such kind", errors=[FieldError(f"/attributes/{i}/kind", "is unknown")])
        found.append(
            Rule(
                name=each.name,
                kind=_SPECS_NAMED[each.kind],
                required=each.required,
                values=list(each.values),
                units=list(each.units),
                least=each.least if each.HasField("least") else None,
                most=each.most if each.HasField("most") else None,
                also=list(each.also),
            )
        )
    return found


def schema(kept: Schema, holding: Sequence[Inherited]) -> spec_tables_pb2.CategorySchema:
    """What a category asks for."""
    effective = [spec_tables_pb2.InheritedRule(rule=_rule(each.rule), category=each.category) for each in holding]
    return spec_tables_pb2.CategorySchema(
        category=kept.id, own=[_rule(rule) for rule in kept.rules], effective=effective, version=kept.version
    )


def _rule(rule: Rule) -> spec_tables_pb2.SpecRule:
    return spec_tables_pb2.SpecRule(
        name=rule.name,
        kind=_SPECS[rule.kind],
        required=rule.required,
        values=rule.values,
        units=rule.units,
        least=rule.least,
        most=rule.most,
        also=rule.also,
    )


def policy(kept: ShopPolicy) -> policies_pb2.ShopPolicy:
    """The shop's policy."""
    return policies_pb2.ShopPolicy(
        after_sales=promises.after_sales(kept.after_sales, own=False),
        version=kept.version,
        by=kept.by,
        updated_at=rfc3339(kept.updated_at),
    )
