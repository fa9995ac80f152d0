"""This is where staff keeps customers together in groups, so that an offer can be theirs alone."""

from collections import defaultdict
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field
from shop.crm.v1 import groups_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.csvrows import BrokenHeader, Rows, header_of, lines_of
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Id, Limit, Line, PathId, PathSlug, page_of
from gateway.imports import TooManyRows, batches_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.problems import problem
from services.kit.errors import FieldError

router = feature("customers")
_GROUP: Json = {"id": "tea-club", "title": "Tea club on WeChat", "made_at": "2026-11-22T08:00:00.000Z"}
_ADDED: Json = {"added": 2, "already": 1, "unknown": ["cus_nobody"], "full": []}
_IMPORTED: Json = _ADDED | {"rows": 4, "broken": [{"row": 3, "message": "has 1 cells, the header 2"}]}
_MOST_ROWS = 100_000
_FILE = "group,customer_id\ntea-club,cus_01kb2y5v7g8h9j0kmnpqrstvwx\n"
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": _FILE}}}}


class GroupBody(Body):
    """A group."""

    title: Line


class MembersBody(Body):
    """Who is to be in it."""

    customer_ids: Annotated[list[Id], Field(min_length=1, max_length=1_000)]


def _groups(request: Request) -> Any:
    return request.app.state.gateway.neighbours.groups


def _group(of: pb.Group) -> Json:
    return {"id": of.id, "title": of.title, "made_at": of.made_at}


def _added(of: pb.AddMembersResponse) -> Json:
    return {"added": of.added, "already": of.already, "unknown": list(of.unknown), "full": list(of.full)}


@router.get("/v1/customer-groups", summary="Customer groups", responses=shown({"items": [_GROUP]}))
async def list_groups(request: Request) -> Response:
    """All, by id; at most 500."""
    answered = await ask_again(_groups(request).ListGroups, pb.ListGroupsRequest())
    return answer({"items": [_group(row) for row in answered.groups]})


@router.put(
    "/v1/customer-groups/{group_id}",
    summary="Make a customer group",
    responses=shown(_GROUP, "INVALID_GROUP", "TOO_MANY_GROUPS", body=True),
)
async def put_group(request: Request, group_id: PathSlug, body: GroupBody) -> Response:
    """Or give it another title. Offers name it in `groups`."""
    asked = pb.PutGroupRequest(id=group_id, title=body.title, by=asking(request).id)
    return answer(_group((await ask_again(_groups(request).PutGroup, asked)).group))


@router.get(
    "/v1/customer-groups/{group_id}/members",
    summary="Who is in a customer group",
    responses=shown({"items": ["cus_1"], "next_cursor": None}, "GROUP_NOT_FOUND", "CURSOR_INVALID"),
)
async def list_members(request: Request, group_id: PathSlug, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Ids of customers; nobody is named here."""
    asked = pb.ListMembersRequest(group_id=group_id, page=page_of(limit, cursor))
    answered = await ask_again(_groups(request).ListMembers, asked)
    return paged(request, "items", list(answered.customer_ids), answered.next_cursor)


@router.post(
    "/v1/customer-groups/{group_id}/members",
    summary="Put customers into a group",
    responses=shown(_ADDED, "GROUP_NOT_FOUND", "INVALID_GROUP", body=True),
)
async def add_members(request: Request, group_id: PathSlug, body: MembersBody) -> Response:
    """At most 1,000 at once, each once. Who is no customer of ours, or is in 50 groups already, is named."""
    asked = pb.AddMembersRequest(group_id=group_id, customer_ids=body.customer_ids)
    return answer(_added(await ask_again(_groups(request).AddMembers, asked, STAFF_S)))


@router.delete(
    "/v1/customer-groups/{group_id}/members/{customer_id}",
    status_code=204,
    summary="Take a customer out of a group",
    responses=shown(None, "GROUP_NOT_FOUND", status=204, text="Gone."),
)
async def remove_member(request: Request, group_id: PathSlug, customer_id: PathId) -> Response:
    """Again changes nothing."""
    await ask(_groups(request).RemoveMember, pb.RemoveMemberRequest(group_id=group_id, customer_id=customer_id))
    return Response(status_code=204)


@router.post(
    "/v1/customer-groups/import",
    summary="Put customers into groups by a CSV file",
    responses=shown(
        _IMPORTED,
        "INVALID_CSV",
        "GROUP_NOT_FOUND",
        "BODY_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        text="What became of them.",
    ),
    openapi_extra=_CSV,
)
async def import_members(request: Request) -> Response:
    """Columns `group` and `customer_id`; at most 5 MB and 100,000 rows. The groups are there already; good rows go in
    whatever the others hold, and the same file again changes nothing."""
    lines = lines_of(request.stream())
    try:
        header = header_of(await anext(lines, b""), ("group", "customer_id"), ())
    except BrokenHeader as wrong:
        return problem(request, "INVALID_CSV", errors=[FieldError("/header", str(wrong))])
    told: Json = {"added": 0, "already": 0, "unknown": [], "full": [], "rows": 0, "broken": []}
    try:
        async for batch in batches_of(lines, Rows(header), _MOST_ROWS):
            told["rows"] += len(batch)
            told["broken"] += [{"row": row.number, "message": row.problem} for row in batch if row.problem]
            members = defaultdict[str, list[str]](list)
            for row in batch:
                if not row.problem:
                    members[row.cells["group"].strip()].append(row.cells["customer_id"].strip())
            for group_id, customer_ids in members.items():
                await _put_in(request, group_id, customer_ids, told)
    except TooManyRows:
        return problem(request, "BODY_TOO_LARGE", f"at most {_MOST_ROWS} rows; what came before them is in")
    return answer(told)


async def _put_in(request: Request, group_id: str, customer_ids: list[str], told: Json) -> None:
    asked = pb.AddMembersRequest(group_id=group_id, customer_ids=customer_ids)
    for name, value in _added(await ask_again(_groups(request).AddMembers, asked, STAFF_S)).items():
        told[name] += value
