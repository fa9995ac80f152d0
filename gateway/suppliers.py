"""This is where suppliers are kept: who they are, what they ask for which SKU, and how they do."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import Query, Request, Response
from pydantic import Field
from shop.catalog.v1 import suppliers_pb2 as pb

from gateway.answers import Json, answer, money, paged, tagged, word
from gateway.described import feature, shown
from gateway.fields import (
    Body,
    Currency,
    Cursor,
    Limit,
    Line,
    LineOrEmpty,
    MoneyBody,
    Name,
    PathId,
    PathSku,
    page_of,
)
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("suppliers")
States = Literal["", "candidate", "approved", "suspended"]
_Units = Annotated[int, Field(ge=0, le=10_000_000)]
_Days = Annotated[int, Field(ge=1, le=366)]
_Minor = Annotated[int, Field(ge=0, le=10**12)]
_Weekday = Annotated[int, Field(ge=0, le=7)]
_Note = Annotated[str, Field(max_length=2_000)]
CONTACT = {"name": "陈师傅", "role": "sales", "phone": "+8613800000000", "email": "chen@kiln.example"}
SUPPLIER = {
    "id": "sup_01kb2y5v7g8h9j0kmnpqrstvwx",
    "name": "景德镇瓷窑 Jingdezhen Kiln",
    "currency": "CNY",
    "state": "approved",
    "payment_terms": "net 30",
    "note": "",
    "capacity_units": 5000,
    "capacity_days": 30,
    "free_freight_minor": 200000,
    "pool_weekday": 0,
    "score": 82,
    "deliveries": 14,
    "created_at": "2026-11-22T08:00:00.000Z",
    "updated_at": "2026-11-22T08:00:00.000Z",
}
_WHOLE = {**SUPPLIER, "contacts": [CONTACT]}
ITEM = {
    "supplier_id": "sup_01kb2y5v7g8h9j0kmnpqrstvwx",
    "sku": "MUG-01",
    "supplier_sku": "JK-204",
    "cost": {"currency": "CNY", "minor": 1100},
    "moq": 100,
    "pack_size": 12,
    "lead_time_days": 14,
    "preferred": True,
    "updated_at": "2026-11-22T08:00:00.000Z",
}
_OFFER = {
    **ITEM,
    "supplier_name": "景德镇瓷窑 Jingdezhen Kiln",
    "state": "approved",
    "score": 82,
    "lead_time": {"mean_days": 15.2, "sd_days": 2.1, "measured": True, "n": 9},
}


class ContactBody(Body):
    """Somebody to ask there."""

    name: Name
    role: LineOrEmpty = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=254)] = ""

    def told(self) -> pb.SupplierContact:
        """As catalog takes it."""
        return pb.SupplierContact(name=self.name, role=self.role, phone=self.phone, email=self.email)


class SupplierBody(Body):
    """A new supplier."""

    name: Line
    currency: Currency = "CNY"
    state: Literal["candidate", "approved"] = "candidate"
    payment_terms: LineOrEmpty = ""
    note: _Note = ""
    capacity_units: _Units = 0
    capacity_days: _Days = 30
    free_freight_minor: _Minor = 0
    pool_weekday: _Weekday = 0
    contacts: list[ContactBody] = Field(default_factory=list, max_length=20)

    def told(self) -> pb.Supplier:
        """As catalog takes it."""
        plain = self.model_dump(exclude={"state", "contacts"})
        return pb.Supplier(**plain, state=state_of(self.state), contacts=[each.told() for each in self.contacts])


class SupplierPatch(Body):
    """A JSON Merge Patch (RFC 7396): what is there changes, null sets back."""

    name: Line | None = None
    state: Literal["candidate", "approved", "suspended"] | None = None
    payment_terms: LineOrEmpty | None = None
    note: _Note | None = None
    capacity_units: _Units | None = None
    capacity_days: _Days | None = None
    free_freight_minor: _Minor | None = None
    pool_weekday: _Weekday | None = None
    contacts: Annotated[list[ContactBody], Field(max_length=20)] | None = None


class ItemBody(Body):
    """What a supplier asks for a SKU."""

    supplier_sku: Annotated[str, Field(max_length=64)] = ""
    cost: MoneyBody
    moq: Annotated[int, Field(ge=1, le=10_000_000)] = 1
    pack_size: Annotated[int, Field(ge=1, le=10_000_000)] = 1
    lead_time_days: Annotated[int, Field(ge=0, le=730)]
    preferred: bool = False


def state_of(name: str) -> pb.SupplierState.ValueType:
    """`approved` as the contract has it; unspecified for an empty name."""
    return pb.SupplierState.Value(f"SUPPLIER_STATE_{name.upper()}") if name else pb.SUPPLIER_STATE_UNSPECIFIED


def supplier(of: pb.Supplier) -> Json:
    """A supplier, without whom to ask there."""
    plain = {name: getattr(of, name) for name in SUPPLIER if name != "state"}
    return {**plain, "state": word(pb.SupplierState.Name(of.state), "SUPPLIER_STATE_")}


def _whole(of: pb.Supplier, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    contacts = [{name: getattr(each, name) for name in CONTACT} for each in of.contacts]
    return tagged({**supplier(of), "contacts": contacts}, of.version, status, headers)


def item(of: pb.SupplierItem) -> Json:
    """What a supplier asks."""
    plain = {name: getattr(of, name) for name in ITEM if name != "cost"}
    return {**plain, "cost": money(of.cost)}


def _suppliers(request: Request) -> Any:
    return request.app.state.gateway.neighbours.suppliers


@router.post(
    "/v1/suppliers",
    status_code=201,
    summary="Take a supplier in",
    responses=shown(_WHOLE, "INVALID_SUPPLIER", status=201, body=True),
)
async def create_supplier(request: Request, body: SupplierBody) -> Response:
    """A candidate may quote and be drafted for by name; orders go to approved ones. Contacts are kept sealed."""
    asked = pb.CreateSupplierRequest(supplier=body.told(), by=asking(request).id)
    made = (await ask(_suppliers(request).CreateSupplier, asked)).supplier
    return _whole(made, 201, {"location": f"/v1/suppliers/{made.id}"})


@router.get(
    "/v1/suppliers",
    summary="Suppliers",
    responses=shown({"items": [SUPPLIER], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_suppliers(
    request: Request,
    state: Annotated[States, Query(description="Only in this state.")] = "",
    sort: Annotated[Literal["newest", "score"], Query(description="`score`: the best first.")] = "newest",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Without their contacts."""
    asked = pb.ListSuppliersRequest(state=state_of(state), by_score=sort == "score", page=page_of(limit, cursor))
    answered = await ask_again(_suppliers(request).ListSuppliers, asked)
    return paged(request, "items", [supplier(row) for row in answered.suppliers], answered.next_cursor)


@router.get("/v1/suppliers/{supplier_id}", summary="One supplier", responses=shown(_WHOLE, "SUPPLIER_NOT_FOUND"))
async def get_supplier(request: Request, supplier_id: PathId) -> Response:
    """With its contacts; the ETag is for If-Match."""
    answered = await ask_again(_suppliers(request).GetSupplier, pb.GetSupplierRequest(id=supplier_id))
    return _whole(answered.supplier)


@router.patch(
    "/v1/suppliers/{supplier_id}",
    summary="Change a supplier",
    responses=shown(
        _WHOLE,
        "SUPPLIER_NOT_FOUND",
        "VERSION_MISMATCH",
        "PRECONDITION_REQUIRED",
        "INVALID_SUPPLIER",
        body=True,
    ),
)
async def update_supplier(request: Request, supplier_id: PathId, body: SupplierPatch) -> Response:
    """JSON Merge Patch; If-Match with the ETag that was read is required."""
    asked = pb.UpdateSupplierRequest(
        id=supplier_id,
        if_version=if_version(request, required=True),
        patch=orjson.dumps(body.model_dump(exclude_unset=True)),
        by=asking(request).id,
    )
    return _whole((await ask(_suppliers(request).UpdateSupplier, asked)).supplier)


@router.put(
    "/v1/suppliers/{supplier_id}/items/{sku}",
    summary="What a supplier asks for a SKU",
    responses=shown(
        ITEM, "SUPPLIER_NOT_FOUND", "SKU_NOT_FOUND", "INVALID_SUPPLIER_ITEM", "VERSION_MISMATCH", body=True
    ),
)
async def put_supplier_item(request: Request, supplier_id: PathId, sku: PathSku, body: ItemBody) -> Response:
    """Cost in the supplier's currency, quantities in units. The preferred one is ordered from first; there is one a SKU."""
    wanted = pb.SupplierItem(
        supplier_id=supplier_id,
        sku=sku,
        supplier_sku=body.supplier_sku,
        cost=body.cost.told(),
        moq=body.moq,
        pack_size=body.pack_size,
        lead_time_days=body.lead_time_days,
        preferred=body.preferred,
    )
    asked = pb.PutSupplierItemRequest(item=wanted, if_version=if_version(request), by=asking(request).id)
    kept = (await ask_again(_suppliers(request).PutSupplierItem, asked)).item
    return tagged(item(kept), kept.version)


@router.get(
    "/v1/suppliers/{supplier_id}/items",
    summary="All a supplier quotes",
    responses=shown({"items": [ITEM]}, "SUPPLIER_NOT_FOUND"),
)
async def list_supplier_items(request: Request, supplier_id: PathId) -> Response:
    """By SKU, at most 1,000."""
    asked = pb.ListSupplierItemsRequest(supplier_id=supplier_id)
    answered = await ask_again(_suppliers(request).ListSupplierItems, asked)
    return answer({"items": [item(row) for row in answered.items]})


@router.get(
    "/v1/supplier-offers/{sku}",
    summary="Who offers a SKU",
    responses=shown({"items": [_OFFER]}, "NOT_FOUND"),
)
async def list_offers(request: Request, sku: PathSku) -> Response:
    """Best first: where orders go, then the preferred, the cheaper, the quicker. A lead time is `measured` from three
    receipts of the last year on; until then it is the quoted one, with half of it as a cautious deviation."""
    answered = await ask_again(_suppliers(request).ListOffers, pb.ListOffersRequest(sku=sku))
    return answer({"items": [_offer(row) for row in answered.offers]})


def _offer(of: pb.Offer) -> Json:
    return {
        **item(of.item),
        "supplier_name": of.supplier_name,
        "state": word(pb.SupplierState.Name(of.state), "SUPPLIER_STATE_"),
        "score": of.score,
        "lead_time": {
            "mean_days": of.lead_mean_days,
            "sd_days": of.lead_sd_days,
            "measured": of.measured,
            "n": of.receipts,
        },
    }
