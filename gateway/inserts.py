"""This is where the card in a parcel leads: what it promises is seen by who scans it, and claimed once by a customer."""

import hashlib
from typing import Annotated, Any

from fastapi import Path, Request, Response
from pydantic import StringConstraints
from shop.crm.v1 import groups_pb2
from shop.logistics.v1 import inserts_pb2 as pb
from shop.marketing.v1 import wallets_pb2

from gateway.answers import Json, answer, tagged
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, PathId, Url
from gateway.idempotency import key_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("inserts")
Code = Annotated[str, Path(pattern="^[A-Za-z0-9_]{1,64}$", description="As it is printed on the card.")]
OFFER = {
    "enabled": True,
    "url": "https://shop.example.com/i/",
    "title": "掃碼進群 領 ¥5",
    "text": "Scan, join the group, get ¥5",
    "coupon": "GROUP5",
}
_SEEN = {"title": OFFER["title"], "text": OFFER["text"], "redeemed": False}
_GIVEN = {"title": OFFER["title"], "redeemed_at": "2026-11-22T08:00:00.000Z", "coupon": "GROUP5", "code": "7K3M-9QWX"}
_CARD = {
    "code": "MFZWIZTHNBUW",
    "shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "scans": 2,
    "scanned_at": "2026-11-22T08:00:00.000Z",
    "redeemed_at": None,
}


class InsertOfferBody(Body):
    """What the cards promise. A card's code is added to `url`; `coupon` is one that customers may claim."""

    enabled: bool = True
    url: Url
    title: Annotated[str, StringConstraints(min_length=1, max_length=30, pattern=ONE_LINE)]
    text: Annotated[str, StringConstraints(max_length=60, pattern=ONE_LINE)] = ""
    coupon: Annotated[str, StringConstraints(max_length=64, pattern=ONE_LINE)] = ""


def _inserts(request: Request) -> Any:
    return request.app.state.gateway.neighbours.inserts


def _offer(of: pb.InsertOffer) -> Json:
    return {name: getattr(of, name) for name in OFFER}


@router.get("/v1/insert-offer", summary="What the cards in parcels promise", responses=shown(OFFER))
async def get_insert_offer(request: Request) -> Response:
    """The ETag is for If-Match."""
    offer = (await ask_again(_inserts(request).GetInsertOffer, pb.GetInsertOfferRequest())).offer
    return tagged(_offer(offer), offer.version)


@router.put(
    "/v1/insert-offer",
    summary="Say what the cards in parcels promise",
    responses=shown(OFFER, "INVALID_INSERT_OFFER", "VERSION_MISMATCH", body=True),
)
async def put_insert_offer(request: Request, body: InsertOfferBody) -> Response:
    """If-Match with the ETag that was read; without it, only the first time."""
    offer = pb.InsertOffer(**body.model_dump())
    asked = pb.PutInsertOfferRequest(offer=offer, if_version=if_version(request) or 0)
    kept = (await ask(_inserts(request).PutInsertOffer, asked)).offer
    return tagged(_offer(kept), kept.version)


@router.get("/v1/shipments/{shipment_id}/insert", summary="A parcel's card", responses=shown(_CARD, "INSERT_NOT_FOUND"))
async def get_shipment_insert(request: Request, shipment_id: PathId) -> Response:
    """How often it was looked at, and whether it was redeemed."""
    asked = pb.GetShipmentInsertRequest(shipment_id=shipment_id)
    card = (await ask_again(_inserts(request).GetShipmentInsert, asked)).card
    return answer({name: getattr(card, name) if name == "scans" else getattr(card, name) or None for name in _CARD})


@router.get("/v1/inserts/{code}", summary="What a card promises", responses=shown(_SEEN, "INSERT_NOT_FOUND"))
async def scan_insert(request: Request, code: Code) -> Response:
    """Where the QR code of a card leads; counts that it was looked at."""
    seen = await ask(_inserts(request).ScanInsert, pb.ScanInsertRequest(code=code))
    return answer({"title": seen.offer.title, "text": seen.offer.text, "redeemed": seen.redeemed})


@router.post(
    "/v1/inserts/{code}",
    summary="Claim what a card promises",
    responses=shown(
        _GIVEN,
        "INSERT_NOT_FOUND",
        "INSERT_REDEEMED",
        "COUPON_NOT_FOUND",
        "NOT_ISSUING",
        "NOT_FOR_YOU",
        "CLAIMED_ALREADY",
        "CLAIMED_OUT",
        "IDEMPOTENCY_KEY_MISSING",
        "IDEMPOTENCY_KEY_INVALID",
        "NOT_SIGNED_IN",
    ),
)
async def redeem_insert(request: Request, code: Code) -> Response:
    """Once a card, by whom signed in. `code` is what to enter at a cart. Needs an Idempotency-Key; the card's own code keeps
    the coupon from being given twice, whatever the key: who has redeemed it may ask again and is answered the same."""
    key_of(request)
    neighbours, me = request.app.state.gateway.neighbours, asking(request).id
    # The card is theirs first: whatever breaks off after that, asking again finishes it.
    given = await ask_again(neighbours.inserts.RedeemInsert, pb.RedeemInsertRequest(code=code, customer_id=me))
    voucher = ""
    if given.offer.coupon:
        standing = await ask_again(neighbours.groups.GetStanding, groups_pb2.GetStandingRequest(customer_id=me))
        asked = wallets_pb2.ClaimVoucherRequest(
            coupon=given.offer.coupon,
            customer_id=me,
            tier=standing.tier,
            groups=standing.groups,
            request_id=hashlib.sha256(f"insert|{code.upper()}".encode()).hexdigest(),
        )
        voucher = (await ask_again(neighbours.wallets.ClaimVoucher, asked)).voucher.code
    gift = {"coupon": given.offer.coupon or None, "code": voucher or None}
    return answer({"title": given.offer.title, "redeemed_at": given.card.redeemed_at, **gift})
