"""This is where two carriers try every route on every object of the other's: nothing is seen, nothing changes.

The routes are the gateway's own table: a new one without a row here fails.
"""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from shop.logistics.v1 import partner_keys_pb2, partner_keys_pb2_grpc, returns_pb2_grpc

from gateway.described import operations
from gateway.rights.partners import SCOPES
from services.kit.rpc import call
from tests.gateway.gate import Answer, Gate
from tests.gateway.gate import opened as gate_opened
from tests.gateway.neighbours import Neighbour
from tests.house import House
from tests.logistics.neighbourhood import Signer, opened
from tests.logistics.test_returns import return_request
from tests.logistics.test_shipments import Desk

ALL = sorted(set(SCOPES.values()))
HIDDEN = {("GET", "/carrier/v1/openapi.json"), ("GET", "/carrier/v1/docs")}  # show nobody's things


@dataclass
class Party:
    """A carrier, its key, and one of each thing that is its own."""

    name: str
    key: Signer
    gate: Gate
    own: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: Any = None, key: Signer | None = None) -> Answer:
        """One signed request."""
        raw = json.dumps(body).encode() if body is not None else None
        proof = (key or self.key).proof(raw or b"")
        headers = {
            "x-carrier-key": proof.key_id,
            "webhook-id": proof.webhook_id,
            "webhook-timestamp": proof.timestamp,
            "webhook-signature": proof.signature,
        }
        if raw:
            headers["content-type"] = "application/json"
        return await self.gate.call(method, path, raw=raw, **headers)


Row = tuple[Callable[[dict[str, str]], str], Callable[[dict[str, str]], Any], str]


def _no_body(_own: dict[str, str]) -> None:
    return None


def _at(path: str, body: Any = None, refusal: str = "") -> Row:
    """A route on somebody's objects: its path, its body, and what a stranger is told (nothing: a list without them)."""
    return lambda own: path.format(**own), (lambda _own: body) if body is not None else _no_body, refusal


def _scan(own: dict[str, str]) -> Any:
    scans = [
        {"waybill": own[name], "code": "picked_up", "occurred_at": own["now"]} for name in ("waybill", "return_waybill")
    ]
    return {"scans": scans}


HOOK, GONE, LOST = "/carrier/v1/webhooks/{endpoint}", "ENDPOINT_NOT_FOUND", "DELIVERY_NOT_FOUND"
_SPAN = {"since": "2020-01-01T00:00:00Z", "until": "2120-01-01T00:00:00Z"}
ROWS: dict[tuple[str, str], list[Row]] = {
    ("GET", "/carrier/v1/shipments"): [_at("/carrier/v1/shipments?limit=100")],
    ("GET", "/carrier/v1/waybills"): [_at("/carrier/v1/waybills?limit=100")],
    ("GET", "/carrier/v1/waybills/{waybill}"): [
        _at("/carrier/v1/waybills/{waybill}", refusal="WAYBILL_NOT_FOUND"),
        _at("/carrier/v1/waybills/{return_waybill}", refusal="WAYBILL_NOT_FOUND"),
    ],
    ("POST", "/carrier/v1/scans"): [(lambda _own: "/carrier/v1/scans", _scan, "")],
    ("GET", "/carrier/v1/labels/{waybill}"): [
        _at("/carrier/v1/labels/{waybill}", refusal="WAYBILL_NOT_FOUND"),
        _at("/carrier/v1/labels/{return_waybill}?format=zpl", refusal="WAYBILL_NOT_FOUND"),
    ],
    ("GET", "/carrier/v1/pickups"): [_at("/carrier/v1/pickups?date={day}")],
    ("GET", "/carrier/v1/pickups/waybills"): [_at("/carrier/v1/pickups/waybills?date={day}&limit=100")],
    ("GET", "/carrier/v1/manifests"): [_at("/carrier/v1/manifests?limit=100")],
    ("GET", "/carrier/v1/manifests/waybills"): [_at("/carrier/v1/manifests/waybills?date={day}&limit=100")],
    ("GET", "/carrier/v1/manifests/{manifest_id}"): [
        _at("/carrier/v1/manifests/{manifest}", refusal="MANIFEST_NOT_FOUND")
    ],
    ("GET", "/carrier/v1/webhooks"): [_at("/carrier/v1/webhooks")],
    ("POST", "/carrier/v1/webhooks"): [
        _at("/carrier/v1/webhooks", {"url": "https://a.example/", "types": ["shipment.planned"]})
    ],
    ("GET", "/carrier/v1/webhooks/{endpoint_id}"): [_at(HOOK, refusal=GONE)],
    ("PATCH", "/carrier/v1/webhooks/{endpoint_id}"): [_at(HOOK, {"url": "https://b.example/"}, GONE)],
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/rotate"): [_at(HOOK + "/rotate", {"overlap_hours": 0}, GONE)],
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/test"): [_at(HOOK + "/test", {}, GONE)],
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/replay"): [_at(HOOK + "/replay", _SPAN, GONE)],
    ("GET", "/carrier/v1/webhooks/{endpoint_id}/deliveries"): [_at(HOOK + "/deliveries", refusal=GONE)],
    ("GET", "/carrier/v1/deliveries/{delivery_id}"): [_at("/carrier/v1/deliveries/{delivery}", refusal=LOST)],
    ("POST", "/carrier/v1/deliveries/{delivery_id}/replay"): [
        _at("/carrier/v1/deliveries/{delivery}/replay", {}, LOST)
    ],
}


@dataclass
class Two:
    """Two carriers before one gateway, a real logistics behind it."""

    house: House
    gate: Gate
    desk: Desk
    parties: tuple[Party, Party]

    async def key(self, carrier: str, scopes: list[str]) -> Signer:
        """Another key of a carrier."""
        stub = partner_keys_pb2_grpc.PartnerKeysServiceStub(self.desk.logistics.channel)
        wish = partner_keys_pb2.CreatePartnerKeyRequest(carrier=carrier, title="t", scopes=scopes, rate_per_s=1000)
        made = await call(stub.CreatePartnerKey, wish)
        return Signer(self.house.clock, made.key.id, made.secret)

    async def things(self) -> dict[str, Any]:
        """All that is kept of what carriers could change."""
        database = self.desk.logistics.ground.database
        names = ("shipments", "webhook_endpoints", "webhook_deliveries")
        found = [row for name in names for row in await database[name].find({"_id": {"$gt": ""}}).to_list(None)]
        chores = ("outbox", "uncounted")  # what the relay and the scorecards do by themselves
        return {row["_id"]: {name: value for name, value in row.items() if name not in chores} for row in found}


@pytest.fixture
async def two(house: House) -> AsyncIterator[Two]:
    """Two carriers, each with a parcel that waits, one handed over, one that comes back, an endpoint and a delivery."""
    house.settings["webhooks_every_s"] = 1000.0
    logistics, _ = await opened(house)
    desk, crm = Desk(house, logistics), Neighbour("crm")
    await house.fake("crm", crm, crm.add)
    async with gate_opened(house, {"crm": crm}) as gate:
        party = Two(house, gate, desk, ())  # type: ignore[arg-type]
        made = [Party(name, await party.key(name, ALL), gate) for name in ("alpha", "beta")]
        for number, one in enumerate(made):
            await _own(party, one, number)
        party.parties = (made[0], made[1])
        yield party


async def _own(two: Two, party: Party, number: int) -> None:
    (waiting,), (handed,) = [await two.desk.planned(TEA=1) for _ in range(2)]
    await two.desk.pack(handed.id)
    await two.desk.ship(handed.id)
    returns = returns_pb2_grpc.ReturnParcelsServiceStub(two.desk.logistics.channel)
    back = await call(returns.BookReturn, return_request(f"ret_01kt5m8q2z000000000000000{number}"))
    shipments = two.desk.logistics.ground.database["shipments"]
    for one in (waiting.id, handed.id, back.shipment_id):
        await shipments.update_one({"_id": one}, {"$set": {"carrier": party.name}})
    body = {"url": f"https://{party.name}.example/", "types": ["shipment.planned"]}
    endpoint = (await party.call("POST", "/carrier/v1/webhooks", body)).body["id"]
    delivery = (await party.call("POST", f"/carrier/v1/webhooks/{endpoint}/test", {})).body["id"]
    now = two.house.clock.now()
    signed = {"carrier": party.name, "warehouse": "main", "state": "closed", "cutoff_at": now, "created_at": now}
    manifest = f"man_{party.name}"
    manifests = two.desk.logistics.ground.database["manifests"]
    await manifests.insert_one({"_id": manifest, **signed, "closed_at": now, "version": 1})
    party.own = {
        "manifest": manifest,
        "waybill": waiting.waybill,
        "handed": handed.waybill,
        "return_waybill": back.waybill,
        "shipment": waiting.id,
        "endpoint": endpoint,
        "delivery": delivery,
    }
    party.own |= {"day": now.strftime("%Y-%m-%d"), "now": now.isoformat()}


def _secrets(own: dict[str, str]) -> list[str]:
    return [value for name, value in own.items() if name not in ("day", "now")]


async def test_every_route_of_the_carriers_has_its_row_and_its_scope(two: Two) -> None:
    served = {
        (method, route.path)
        for route in operations(two.gate.gateway.app.routes)
        for method in route.methods or ()
        if route.path.startswith("/carrier/")
    }
    assert served - HIDDEN == set(ROWS) == set(SCOPES)


async def test_nothing_of_the_other_is_seen_or_changed(two: Two) -> None:
    for me, other in (two.parties, two.parties[::-1]):
        for (method, template), rows in ROWS.items():
            for path, body, refusal in rows:
                before = await two.things()
                answer = await me.call(method, path(other.own), body(other.own))
                after = await two.things()
                where = (me.name, method, template, answer)
                for row in before.values():
                    if row["carrier"] == other.name:
                        assert after[row["_id"]] == row, where
                shown = json.dumps(answer.body) if not isinstance(answer.body, str | bytes) else str(answer.body)
                if refusal:
                    assert (answer.status, answer.body["code"]) == (404, refusal), where
                else:
                    assert answer.status in (200, 201), where
                    assert not any(value in shown for value in _secrets(other.own)), where
        rejected = await me.call("POST", "/carrier/v1/scans", _scan(other.own))
        assert [row["reason"] for row in rejected.body["answers"]] == ["waybill_not_found"] * 2


async def test_what_is_ones_own_is_seen_and_changed(two: Two) -> None:
    """The matrix above would pass if nothing worked at all."""
    last = ("POST", "/carrier/v1/scans")  # what is scanned is not to be picked up any more
    for me in two.parties:
        for (method, template), rows in sorted(ROWS.items(), key=lambda row: row[0] == last):
            for path, body, _ in rows:
                answer = await me.call(method, path(me.own), body(me.own))
                assert answer.status in (200, 201, 202), (method, template, answer)
                shown = str(answer.body)
                if method == "GET" and "labels" not in template:
                    assert any(value in shown for value in _secrets(me.own)), (template, shown)


async def test_a_key_without_the_scope_is_refused_and_a_revoked_or_forged_one_is_nobody(two: Two) -> None:
    me, _ = two.parties
    lacking = {scope: await two.key(me.name, [one for one in ALL if one != scope]) for scope in ALL}
    revoked = await two.key(me.name, ALL)
    stub = partner_keys_pb2_grpc.PartnerKeysServiceStub(two.desk.logistics.channel)
    await call(stub.RevokePartnerKey, partner_keys_pb2.RevokePartnerKeyRequest(id=revoked.key_id))
    forged = Signer(two.house.clock, me.key.key_id, two.parties[1].key.secret)
    before = await two.things()
    for (method, template), scope in SCOPES.items():
        path, body, _ = ROWS[method, template][0]
        for key, expected in (
            (lacking[scope], (403, "SCOPE_MISSING")),
            (revoked, (401, "KEY_REVOKED")),
            (forged, (401, "BAD_SIGNATURE")),
        ):
            answer = await me.call(method, path(me.own), body(me.own), key)
            assert (answer.status, answer.body["code"]) == expected, (method, template)
        bare = await two.gate.call(method, path(me.own), body(me.own))
        assert bare.status == 401, (method, template)
    assert await two.things() == before


async def test_a_call_that_changes_something_happens_once_and_is_not_made_of_a_signed_get(two: Two) -> None:
    me, _ = two.parties
    changing = [(method, template) for method, template in ROWS if method != "GET"]
    for method, template in changing:
        path, body, _ = ROWS[method, template][0]
        raw = json.dumps(body(me.own)).encode()
        proof = me.key.proof(raw)
        headers = {"x-carrier-key": proof.key_id, "webhook-id": proof.webhook_id}
        headers |= {"webhook-timestamp": proof.timestamp, "webhook-signature": proof.signature}
        first, again = [
            await two.gate.call(method, path(me.own), raw=raw, **headers, content_type="application/json")
            for _ in range(2)
        ]
        assert first.status < 300, (method, template, first)
        assert (again.status, again.body["code"]) == (409, "REPLAYED"), (method, template)
        get = me.key.proof(b"")
        headers |= {"webhook-id": get.webhook_id, "webhook-signature": get.signature}
        for stolen in (None, b"", b"{}"):
            answer = await two.gate.call(method, path(me.own), raw=stolen, **headers, content_type="application/json")
            assert answer.status >= 400, (method, template, stolen)
