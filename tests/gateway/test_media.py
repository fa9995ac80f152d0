"""This is where pictures go in and out at the gateway: how large, how long they are kept, by whom; and what counts down."""

from typing import Any

import pytest
from shop.catalog.v1.media_pb2 import ShowMediaResponse
from shop.catalog.v1.storefront_pb2 import GetStorefrontResponse, Module, ShownModule
from shop.marketing.v1.promotions_pb2 import ListPromotionsResponse, Promotion

from services.kit.errors import Unavailable
from tests.gateway.gate import Gate

_MB = 1024 * 1024


async def test_a_picture_may_be_kept_for_ever_and_evidence_by_nobody(gate: Gate) -> None:
    shown = ShowMediaResponse(content=b"pixels", media_type="image/webp", etag="abc", public=True)
    gate.fakes["catalog"].script["ShowMedia"] = lambda _: shown
    answer = await gate.call("GET", "/v1/media/med_1?width=200")
    assert (answer.body, answer.headers["content-type"], answer.headers["etag"]) == (b"pixels", "image/webp", '"abc"')
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    shown.public = False
    evidence = await gate.call("GET", "/v1/media/med_1", token=gate.staff("goods"))
    assert evidence.headers["cache-control"] == "private, no-store"
    asked = gate.fakes["catalog"].asked["ShowMedia"]
    assert [(each.width, each.staff) for each in asked] == [(200, False), (0, True)]


async def test_what_the_caller_has_is_not_sent_again(gate: Gate) -> None:
    unchanged = ShowMediaResponse(etag="abc", unchanged=True, public=True)
    gate.fakes["catalog"].script["ShowMedia"] = lambda _: unchanged
    answer = await gate.call("GET", "/v1/media/med_1", if_none_match='W/"abc"')
    assert (answer.status, answer.body) == (304, b"")
    assert gate.fakes["catalog"].asked["ShowMedia"][0].seen == "abc"


@pytest.mark.parametrize(
    ("size", "kind", "status"),
    [
        (5 * _MB, "image/png", 201),
        (5 * _MB + 1, "image/png", 413),
        (10, "image/gif", 415),
        (10, "application/json", 415),
    ],
)
async def test_an_upload_is_a_picture_of_five_megabytes_at_most(gate: Gate, size: int, kind: str, status: int) -> None:
    sent: dict[str, Any] = {"raw": b"x" * size, "content_type": kind}
    assert (await gate.call("POST", "/v1/media", token=gate.staff("goods"), **sent)).status == status


async def test_a_countdown_is_of_a_promotion_that_runs_or_is_not_shown(gate: Gate) -> None:
    modules = [ShownModule(module=Module(id=name, kind="countdown", promotion_id=name)) for name in ("p1", "p2", "p3")]
    gate.fakes["catalog"].script["GetStorefront"] = lambda _: GetStorefrontResponse(modules=modules)
    running = [Promotion(id="p1", ends_at="2099-01-01T00:00:00.000Z"), Promotion(id="p2")]  # p2 never ends
    gate.fakes["marketing"].script["ListPromotions"] = lambda _: ListPromotionsResponse(promotions=running)
    shown = (await gate.call("GET", "/v1/storefront")).body["modules"]
    assert [(each["id"], each["ends_at"]) for each in shown] == [("p1", "2099-01-01T00:00:00.000Z")]
    gate.refuses("marketing", "ListPromotions", Unavailable("away"))
    gate.gateway.shelf.drop()
    assert (await gate.call("GET", "/v1/storefront")).body == {"modules": []}


async def test_the_front_page_is_asked_for_once_and_anew_after_an_edit(gate: Gate) -> None:
    for _ in range(5):
        await gate.call("GET", "/v1/storefront")
    asked = gate.fakes["catalog"].asked["GetStorefront"]
    assert len(asked) == 1
    body = {"modules": [{"id": "new", "kind": "new_arrivals"}]}
    await gate.call("PUT", "/v1/storefront/modules", body, token=gate.staff("goods"), if_match="*")
    await gate.call("GET", "/v1/storefront")
    assert len(asked) == 2
