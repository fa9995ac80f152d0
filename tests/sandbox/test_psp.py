"""This is where the provider proves over HTTP what merchants rely on."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from deploy.sandbox.psp.server import serving
from deploy.sandbox.psp.settings import PspSettings

BODY = {"amount_minor": 19900, "currency": "CNY", "token": "tok_ok", "capture": True, "reference": "ord_1"}


class Merchant:
    """Talks to the provider as orders does."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url

    async def send(
        self, method: str, path: str, body: Any = None, key: str = "", **headers: str
    ) -> tuple[int, dict[str, Any], bool]:
        headers = {"Authorization": "Bearer psp-development-secret"} | headers
        if key:
            headers["Idempotency-Key"] = key
        async with self.session.request(method, self.url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json(), answer.headers.get("Idempotent-Replayed") == "true"

    async def charge(self, key: str, **changes: object) -> dict[str, Any]:
        status, payment, _ = await self.send("POST", "/v1/payments", BODY | changes, key)
        assert status == 201
        return payment

    async def ledger(self) -> list[str]:
        _, answer, _ = await self.send("GET", "/v1/ledger")
        return [entry["kind"] for entry in answer["entries"]]


@pytest.fixture
async def merchant() -> AsyncIterator[Merchant]:
    async with serving(PspSettings(listen="127.0.0.1:0", data=":memory:")) as url, aiohttp.ClientSession() as session:
        yield Merchant(session, url)


async def test_fifty_charges_with_one_key_at_once_capture_once(merchant: Merchant) -> None:
    answers = await asyncio.gather(*(merchant.send("POST", "/v1/payments", BODY, "k") for _ in range(50)))
    assert {status for status, _, _ in answers} == {201}
    assert len({payment["id"] for _, payment, _ in answers}) == 1
    assert [replayed for _, _, replayed in answers].count(False) == 1
    assert await merchant.ledger() == ["authorise", "capture"]


async def test_the_same_key_with_another_amount_is_refused(merchant: Merchant) -> None:
    await merchant.charge("k")
    status, answer, _ = await merchant.send("POST", "/v1/payments", BODY | {"amount_minor": 1}, "k")
    assert (status, answer["error"]["code"]) == (422, "key_reused")


async def test_twenty_refunds_at_once_give_back_no_more_than_was_captured(merchant: Merchant) -> None:
    path = f"/v1/payments/{(await merchant.charge('k'))['id']}"
    refunds = (merchant.send("POST", f"{path}/refunds", {"amount_minor": 1990}, f"r{i}") for i in range(20))
    statuses = [status for status, _, _ in await asyncio.gather(*refunds)]
    assert (statuses.count(201), statuses.count(409)) == (10, 10)
    assert (await merchant.send("GET", path))[1]["refunded_minor"] == 19900


async def test_a_lost_answer_is_found_by_reference_and_by_the_same_key(merchant: Merchant) -> None:
    with pytest.raises(aiohttp.ClientError):
        await merchant.charge("k", token="tok_timeout_captured")
    _, found, _ = await merchant.send("GET", "/v1/payments?reference=ord_1")
    again = await merchant.charge("k", token="tok_timeout_captured")
    assert found["payments"] == [again]
    assert again["status"] == "captured"
    assert await merchant.ledger() == ["authorise", "capture"]


async def test_a_slow_card_is_charged_before_it_answers(merchant: Merchant) -> None:
    slow = asyncio.create_task(merchant.charge("k", token="tok_slow"))
    while not await merchant.ledger():
        await asyncio.sleep(0)
    assert not slow.done()
    slow.cancel()
    assert (await merchant.charge("k", token="tok_slow"))["status"] == "captured"


async def test_a_customer_confirms_at_the_address_the_payment_names(merchant: Merchant) -> None:
    payment = await merchant.charge("k", token="tok_3ds")
    assert payment["status"] == "requires_confirmation"
    async with merchant.session.get(payment["confirm_url"]) as page:
        assert "Confirm" in await page.text()
    async with merchant.session.post(payment["confirm_url"]) as confirmed:
        assert (await confirmed.json())["status"] == "captured"
    _, now, _ = await merchant.send("GET", f"/v1/payments/{payment['id']}")
    assert now["captured_minor"] == 19900


async def test_a_customer_may_decline(merchant: Merchant) -> None:
    payment = await merchant.charge("k", token="tok_3ds")
    async with merchant.session.post(payment["confirm_url"] + "?decline=1") as answer:
        assert (await answer.json())["decline_code"] == "confirmation_refused"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("tok_declined", "card_declined"),
        ("tok_insufficient_funds", "insufficient_funds"),
        ("4242424242424242", "invalid_token"),
    ],
)
async def test_a_bad_card_is_declined_and_says_why(merchant: Merchant, token: str, code: str) -> None:
    payment = await merchant.charge("k", token=token)
    assert (payment["status"], payment["decline_code"]) == ("declined", code)


async def test_an_authorisation_is_captured_or_voided(merchant: Merchant) -> None:
    first, second = [await merchant.charge(key, capture=False) for key in ("a", "b")]
    assert (await merchant.send("POST", f"/v1/payments/{first['id']}/capture"))[1]["status"] == "captured"
    assert (await merchant.send("POST", f"/v1/payments/{second['id']}/void"))[1]["status"] == "voided"
    assert (await merchant.send("POST", f"/v1/payments/{second['id']}/capture"))[0] == 409


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_minor": 0},
        {"amount_minor": True},
        {"amount_minor": 1.5},
        {"amount_minor": 10**13},
        {"currency": "cny"},
        {"reference": ""},
        {"reference": "a b"},
        {"token": ""},
        {"token": None},
    ],
)
async def test_a_body_that_makes_no_sense_is_a_400(merchant: Merchant, changes: dict[str, Any]) -> None:
    status, answer, _ = await merchant.send("POST", "/v1/payments", BODY | changes, "k")
    assert (status, answer["error"]["code"]) == (400, "invalid_request")


async def test_strangers_and_calls_without_a_key_are_turned_away(merchant: Merchant) -> None:
    assert (await merchant.send("GET", "/v1/ledger", Authorization="Bearer nonsense"))[0] == 401
    assert (await merchant.send("POST", "/v1/payments", BODY))[0] == 400
    assert (await merchant.send("GET", "/v1/payments/pay_nobody"))[0] == 404
    assert (await merchant.send("GET", "/nowhere"))[0] == 404
    assert (await merchant.send("GET", "/v1/ledger?since=x"))[0] == 400
    assert (await merchant.send("GET", "/healthz", Authorization=""))[0] == 200
