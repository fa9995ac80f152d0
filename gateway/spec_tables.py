"""This is where it is said what the spec table of a category's products must hold."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.catalog.v1 import spec_tables_pb2 as pb

from gateway.answers import Json, answer, tagged, word
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, PathSlug
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("categories")
Name = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=ONE_LINE)]
Number = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
_RULE = {
    "name": "capacity",
    "kind": "number",
    "required": True,
    "values": ["blue"],
    "units": ["ml", "l"],
    "least": 50.0,
    "most": 5000.0,
    "also": ["容量"],
}
_SCHEMA = {
    "category": "mugs",
    "attributes": [_RULE],
    "effective": [{**_RULE, "from": "kitchen"}],
    "version": 2,
}


class RuleBody(Body):
    """One line a spec table must have. `also` are other names it goes by; `least` and `most` are in the first unit."""

    name: Name
    kind: Literal["text", "choice", "number"] = "text"
    required: bool = False
    values: list[Name] = Field(default_factory=list, max_length=200)
    units: list[Name] = Field(default_factory=list, max_length=20)
    least: Number | None = None
    most: Number | None = None
    also: list[Name] = Field(default_factory=list, max_length=20)

    def told(self) -> pb.SpecRule:
        """As catalog takes it."""
        return pb.SpecRule(
            name=self.name,
            kind=pb.SpecKind.Value(f"SPEC_KIND_{self.kind.upper()}"),
            required=self.required,
            values=self.values,
            units=self.units,
            least=self.least,
            most=self.most,
            also=self.also,
        )


class SchemaBody(Body):
    """What a category asks for itself."""

    attributes: Annotated[list[RuleBody], Field(max_length=60)]


def _rule(of: pb.SpecRule) -> Json:
    return {
        "name": of.name,
        "kind": word(pb.SpecKind.Name(of.kind), "SPEC_KIND_"),
        "required": of.required,
        "values": list(of.values),
        "units": list(of.units),
        "least": of.least if of.HasField("least") else None,
        "most": of.most if of.HasField("most") else None,
        "also": list(of.also),
    }


def _shown(of: pb.CategorySchema) -> Response:
    body = {
        "category": of.category,
        "attributes": [_rule(rule) for rule in of.own],
        "effective": [{**_rule(each.rule), "from": each.category} for each in of.effective],
        "version": of.version,
    }
    return tagged(body, of.version) if of.version else answer(body)


@router.get(
    "/v1/categories/{category_id}/attributes",
    summary="What spec tables of a category must hold",
    responses=shown(_SCHEMA, "UNKNOWN_CATEGORY"),
)
async def get_schema(request: Request, category_id: PathSlug) -> Response:
    """What it asks for itself, and all that holds for its products: a nearer line replaces a farther one of the same
    name. No ETag while it asks for nothing itself."""
    asked = pb.GetSchemaRequest(category=category_id)
    return _shown((await ask_again(request.app.state.gateway.neighbours.spec_tables.GetSchema, asked)).schema)


@router.put(
    "/v1/categories/{category_id}/attributes",
    summary="Say what spec tables of a category must hold",
    responses=shown(
        _SCHEMA, "UNKNOWN_CATEGORY", "INVALID_SCHEMA", "VERSION_MISMATCH", "PRECONDITION_REQUIRED", body=True
    ),
)
async def put_schema(request: Request, category_id: PathSlug, body: SchemaBody) -> Response:
    """If-Match with the ETag that was read is required; `*` for the first. Live listings are held against it when they next
    change, or by POST /v1/compliance/rescans."""
    asked = pb.PutSchemaRequest(
        category=category_id,
        rules=[rule.told() for rule in body.attributes],
        if_version=if_version(request, required=True),
        by=asking(request).id,
    )
    return _shown((await ask(request.app.state.gateway.neighbours.spec_tables.PutSchema, asked)).schema)
