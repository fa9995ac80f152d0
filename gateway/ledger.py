"""This is where the ledger's head is published, the chain verified, and evidence of an order taken out."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from shop.orders.v1 import ledger_pb2 as pb

from gateway.answers import Json, answer
from gateway.described import feature, problems_of, shown
from gateway.fields import PathId
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking

router = feature("ledger")
_HASH = r"^([0-9a-f]{64})?$"
HEAD = {
    "seq": 12841,
    "hash": "5d41402abc4b2a76b9719d911017c592ae2b1f0f9c1c0d5a8d7c3c1b2a190807",
    "at": "2026-11-22T08:00:00.000Z",
}
VERDICT = {
    "ok": True,
    "first": 1,
    "last": 12841,
    "checked": 12841,
    "head": HEAD,
    "next": None,
    "faults": [{"seq": 77, "kind": "altered", "text": "entry 77 is not what was written"}],
}


def head(of: pb.LedgerHead) -> Json:
    """Where the chain ends."""
    return {"seq": of.seq, "hash": of.hash, "at": of.at or None}


def _ledger(request: Request) -> Any:
    return request.app.state.gateway.neighbours.ledger


@router.get("/v1/ledger/head", summary="Where the ledger ends", responses=shown(HEAD))
async def get_ledger_head(request: Request) -> Response:
    """Write it down: whoever rewrites what came before is found by it, by anybody who asks for a verification with it."""
    answered = await ask_again(_ledger(request).GetLedgerHead, pb.GetLedgerHeadRequest())
    return answer(head(answered.head))


@router.get(
    "/v1/ledger/verification",
    summary="Verify the ledger",
    responses=shown(VERDICT, "INVALID_VERIFICATION", "INVALID_PARAMETER"),
)
async def verify_ledger(
    request: Request,
    first: Annotated[int, Query(ge=1, le=10**15, description="From this entry on.")] = 1,
    limit: Annotated[int, Query(ge=1, le=100_000, description="How many entries, about.")] = 20_000,
    known_seq: Annotated[int, Query(ge=0, le=10**15, description="An entry noted before.")] = 0,
    known_hash: Annotated[str, Query(pattern=_HASH, description="Its hash, as it was noted.")] = "",
) -> Response:
    """Recomputes every hash: entries that were altered, removed, reordered or cut off are found. `next`: where to go on."""
    asked = pb.VerifyLedgerRequest(first=first, limit=limit, known_seq=known_seq, known_hash=known_hash)
    of = await ask_again(_ledger(request).VerifyLedger, asked, STAFF_S)
    plain = {name: getattr(of, name) for name in ("ok", "first", "last", "checked")}
    faults = [{"seq": row.seq, "kind": row.kind, "text": row.text} for row in of.faults]
    return answer({**plain, "head": head(of.head), "next": of.next or None, "faults": faults})


@router.get(
    "/v1/orders/{order_id}/evidence",
    summary="Evidence for a dispute",
    responses={
        200: {
            "description": "evidence.json, verify.py, README.txt.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems_of(("ORDER_NOT_FOUND", "UNAVAILABLE")),
    },
)
async def export_evidence(request: Request, order_id: PathId) -> Response:
    """What happened, the ledger's entries that prove it with their hashes, and a program that recomputes them. Names and
    phones are masked."""
    answered = await ask_again(
        _ledger(request).ExportEvidence, pb.ExportEvidenceRequest(order_id=order_id, by=asking(request).id), STAFF_S
    )
    headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{answered.name}"'}
    return Response(answered.content, media_type="application/zip", headers=headers)
