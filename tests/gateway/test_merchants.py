"""This is where a merchant's people are let in where the route keeps to what is theirs, and nowhere else."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import Message

from gateway.permissions import ROUTES
from gateway.roles import SELF, may
from tests.gateway.gate import Gate
from tests.gateway.test_routes import call_well

OPEN_TO_MERCHANTS = sorted(key for key, access in ROUTES.items() if access.merchants)


def _whose(message: Message) -> Iterator[str]:
    """What a request says of the merchant, itself or in the thing it carries."""
    for field in message.DESCRIPTOR.fields:
        if field.name == "merchant_id":
            yield getattr(message, field.name)
        elif field.message_type is not None and not field.is_repeated:
            yield from _whose(getattr(message, field.name))


@pytest.mark.parametrize(("method", "template"), OPEN_TO_MERCHANTS)
async def test_whatever_a_merchant_asks_for_catalog_is_told_whose_it_must_be(
    gate: Gate, method: str, template: str
) -> None:
    await call_well(gate, method, template, token=gate.staff("merchant"))
    asked = [request for requests in gate.fakes["catalog"].asked.values() for request in requests]
    assert asked
    for request in asked:
        assert "mer_1" in set(_whose(request)), request.DESCRIPTOR.name


@pytest.mark.parametrize(("method", "template"), OPEN_TO_MERCHANTS)
async def test_what_the_shops_own_people_ask_for_is_anybodys(gate: Gate, method: str, template: str) -> None:
    await call_well(gate, method, template, token=gate.staff("owner"))
    for name, requests in gate.fakes["catalog"].asked.items():
        for request in requests:
            assert "mer_1" not in set(_whose(request)), name


def test_a_merchant_neither_approves_nor_looks_around() -> None:
    closed = {
        ("POST", "/v1/products/{product_id}/approve"),
        ("GET", "/v1/jobs"),
        ("PUT", "/v1/categories/{category_id}"),
        ("GET", "/v1/orders"),
        ("GET", "/v1/staff"),
    }
    assert not closed & set(OPEN_TO_MERCHANTS)


def test_the_role_gives_nothing_that_no_route_open_to_merchants_asks_for() -> None:
    asked = {ROUTES[key].staff for key in OPEN_TO_MERCHANTS} - {"", SELF}
    assert all(may(frozenset({"merchant"}), permission or "") for permission in asked)


@pytest.mark.parametrize(
    ("roles", "merchant"),
    [
        (["merchant"], "self"),
        (["merchant"], None),
        (["goods"], "mer_1"),
        (["owner"], "mer_1"),
        (["merchant"], "mer_1' || '1"),
        (["merchant"], ["mer_1"]),
        (["merchant"], ""),
    ],
)
async def test_a_token_whose_role_and_merchant_do_not_go_together_is_none(
    gate: Gate, roles: list[str], merchant: Any
) -> None:
    token = gate.token("staff", *roles, mer=merchant)
    answer = await gate.call("GET", "/v1/stock/A", token=token)
    assert (answer.status, answer.body["code"]) == (401, "INVALID_TOKEN")
