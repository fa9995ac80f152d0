"""This is where a buyer sees what customs will take, and staff get a parcel's customs papers."""

from typing import Any

import orjson
from fastapi import Request, Response
from shop.logistics.v1 import customs_pb2 as pb
from shop.orders.v1 import carts_pb2
from shop.type.v1.money_pb2 import Money

from gateway.answers import Json, answer, money
from gateway.carts import key_of_cart
from gateway.described import feature, problems_of, shown
from gateway.fields import PathId, PathSlug
from gateway.neighbours import STAFF_S, ask_again
from gateway.problems import problem

router = feature("customs")
_YUAN = {"currency": "CNY", "minor": 9900}
DUTIES = {
    "abroad": True,
    "obstacles": [{"sku": "MUG-01", "kind": "restricted", "reason": "permit", "text": "A permit is needed."}],
    "estimate": {
        "tax_name": "VAT",
        "customs_value": _YUAN,
        "duty": _YUAN,
        "tax": _YUAN,
        "options": [{"terms": "DAP", "due_now": _YUAN, "due_at_door": _YUAN, "fee": _YUAN, "at_checkout": True}],
        "lines": [{"sku": "MUG-01", "value": _YUAN, "duty": _YUAN, "tax": _YUAN}],
        "unknown": ["TEA-01"],
    },
}
DECLARATION = {"shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx", "form": "CN22", "value_minor": 9900, "pieces": []}


def _customs(request: Request) -> Any:
    return request.app.state.gateway.neighbours.customs


@router.get(
    "/v1/carts/{cart_id}/duties",
    summary="What customs will take",
    responses=shown(DUTIES, "CART_NOT_FOUND", "ADDRESS_MISSING", "CART_EMPTY"),
)
async def get_cart_duties(request: Request, cart_id: PathId) -> Response:
    """An estimate of duty and import tax, and what stands against its goods going there. Two terms: `DAP`, the receiver pays
    customs at the door: what checkout sells; `DDP`, the shop pays them for a fee, where it does: what that would cost."""
    carts = request.app.state.gateway.neighbours.carts
    cart = (await ask_again(carts.GetCart, carts_pb2.GetCartRequest(key=key_of_cart(request, cart_id)))).cart
    if not cart.address.country:
        return problem(request, "ADDRESS_MISSING")
    lines = [
        pb.CrossingLine(
            sku=line.sku,
            quantity=line.quantity,
            unit=Money(currency=line.total.currency, minor=line.total.minor // max(1, line.quantity)),
        )
        for line in cart.lines
    ]
    if not lines:
        return problem(request, "CART_EMPTY")
    asked = pb.JudgeCrossingRequest(country=cart.address.country, lines=lines, freight=cart.delivery.price)
    return answer(_duties(await ask_again(_customs(request).JudgeCrossing, asked)))


def _duties(of: pb.JudgeCrossingResponse) -> Json:
    obstacles = [{n: getattr(one, n) for n in ("sku", "kind", "reason", "text")} for one in of.obstacles]
    estimate = _estimate(of.estimate) if of.HasField("estimate") else None
    return {"abroad": of.abroad, "obstacles": obstacles, "estimate": estimate}


def _estimate(of: pb.DutyEstimate) -> Json:
    def amount(minor: int) -> Json:
        return {"currency": of.duty.currency, "minor": minor}

    options = [_terms("DAP", amount(0), amount(of.duty.minor + of.tax.minor), amount(0))]
    if of.HasField("ddp"):
        options.append(_terms("DDP", money(of.ddp), amount(0), money(of.ddp_fee)))
    return {
        "tax_name": of.tax_name,
        "customs_value": money(of.customs_value),
        "duty": money(of.duty),
        "tax": money(of.tax),
        "options": options,
        "lines": [
            {"sku": one.sku, "value": money(one.value), "duty": money(one.duty), "tax": money(one.tax)}
            for one in of.lines
        ],
        "unknown": list(of.unknown),
    }


def _terms(terms: str, now: Json, at_door: Json, fee: Json) -> Json:
    return {"terms": terms, "due_now": now, "due_at_door": at_door, "fee": fee, "at_checkout": terms == "DAP"}


_PAPER = ("SHIPMENT_NOT_FOUND", "NOT_ABROAD", "DECLARATION_INCOMPLETE")


@router.get(
    "/v1/shipments/{shipment_id}/declaration",
    summary="A parcel's customs declaration",
    responses=shown(DECLARATION, *_PAPER),
)
async def get_declaration(request: Request, shipment_id: PathId) -> Response:
    """As data, for its carrier: sender, addressee, and each piece with HS code, origin, value and net weight."""
    asked = pb.GetDeclarationRequest(shipment_id=shipment_id)
    return answer(orjson.loads((await ask_again(_customs(request).GetDeclaration, asked)).document))


@router.get(
    "/v1/shipments/{shipment_id}/customs-papers/{kind}",
    summary="A parcel's customs paper",
    responses={
        200: {
            "description": "The paper.",
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems_of((*_PAPER, "UNAVAILABLE")),
    },
)
async def print_customs_paper(request: Request, shipment_id: PathId, kind: PathSlug) -> Response:
    """Commercial invoice, packing list, or CN22/CN23, as PDF."""
    asked = pb.PrintCustomsPaperRequest(shipment_id=shipment_id, kind=kind)
    answered = await ask_again(_customs(request).PrintCustomsPaper, asked, STAFF_S)
    headers = {"cache-control": "no-store", "content-disposition": "inline"}
    return Response(answered.document, media_type=answered.media_type, headers=headers)
