"""This is where it is tried to ask too much."""

import asyncio

import pytest

from gateway.limits import BROWSE, CHECKOUT, SIGN_IN, WRITE, Limits, class_of, client_of
from services.kit.errors import Exhausted, TooLate, Unavailable
from tests.gateway.gate import Gate, opened
from tests.house import House


class Now:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now = Now()
    limits = Limits(10, now)
    assert sum(limits.take("a", BROWSE).allowed for _ in range(100)) == 20
    now.at += 1
    assert sum(limits.take("a", BROWSE).allowed for _ in range(100)) == 10
    now.at += 3600
    assert sum(limits.take("a", BROWSE).allowed for _ in range(100)) == 20


@pytest.mark.parametrize("step", [0.01, 0.1, 0.37])
def test_over_a_minute_the_rate_is_kept_to_a_twentieth(step: float) -> None:
    now = Now()
    limits, allowed = Limits(10, now), 0
    while now.at < 60:
        allowed += sum(limits.take("a", BROWSE).allowed for _ in range(10))
        now.at += step
    assert abs(allowed - (20 + 600)) <= 0.05 * 620


def test_one_clients_haste_is_not_anothers_loss_and_classes_are_apart() -> None:
    limits = Limits(10, Now())
    while limits.take("a", WRITE).allowed:
        pass
    assert limits.take("b", WRITE).allowed
    assert limits.take("a", BROWSE).allowed


def test_when_to_come_back_is_true() -> None:
    now = Now()
    limits = Limits(4, now)
    while (last := limits.take("a", SIGN_IN)).allowed:
        pass
    now.at += last.retry_after_s
    assert limits.take("a", SIGN_IN).allowed


def test_memory_is_bounded() -> None:
    limits = Limits(10, Now())
    for number in range(60_000):
        limits.take(str(number), BROWSE)
    assert len(limits._buckets) == 50_000


@pytest.mark.parametrize(
    ("peer", "forwarded", "hops", "client"),
    [
        ("1.2.3.4", "", 0, "1.2.3.4"),
        ("1.2.3.4", "6.6.6.6", 0, "1.2.3.4"),  # believed by nobody
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),  # what the client made up stands further left
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", 2, "1.2.3.4"),
        ("10.0.0.1", "1.2.3.4", 3, "1.2.3.4"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "", 0, "2001:db8:1:2::"),
        ("10.0.0.1", "nonsense:::", 1, "nonsense:::"),
        ("10.0.0.1", "x" * 9000, 1, "x" * 45),
    ],
)
def test_who_asks_is_an_address_or_a_network(peer: str, forwarded: str, hops: int, client: str) -> None:
    assert client_of(peer, forwarded, hops) == client


def test_routes_have_classes() -> None:
    assert class_of("GET", "/v1/orders") is BROWSE
    assert class_of("POST", "/v1/checkouts") is CHECKOUT
    assert class_of("POST", "/v1/sessions") is SIGN_IN
    assert class_of("POST", "/v1/staff/sessions") is SIGN_IN
    assert class_of("PUT", "/v1/carts/crt_1/lines/A") is WRITE


async def test_too_many_requests_are_told_when_to_come_back(long_house: House, gate: Gate) -> None:
    async with opened(long_house, gate.fakes, rate_limit_per_s=5) as slow:
        answers = [await slow.call("GET", "/v1/categories") for _ in range(12)]
        assert [answer.status for answer in answers[:10]] == [200] * 10
        refused = answers[-1]
        assert (refused.status, refused.body["code"]) == (429, "RATE_LIMITED")
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.headers["ratelimit-policy"] == '"browse";q=10;w=2'
        assert refused.headers["ratelimit"].startswith('"browse";r=0;t=')
        assert (await slow.call("GET", "/healthz")).status == 200  # probes are never refused


async def test_an_account_is_counted_wherever_it_comes_from(long_house: House, gate: Gate) -> None:
    async with opened(long_house, gate.fakes, rate_limit_per_s=5) as slow:
        token = slow.token()
        statuses = [(await slow.call("GET", "/v1/customers/me", token=token)).status for _ in range(12)]
        assert statuses[-1] == 429
        assert (await slow.call("GET", "/v1/customers/me", token=slow.token())).status in (200, 429)


async def test_when_it_is_too_much_browsing_goes_first_and_checkout_last(long_house: House, gate: Gate) -> None:
    async with opened(long_house, gate.fakes, max_inflight=10) as small:
        held = asyncio.Event()

        async def slow(_: object) -> object:
            await held.wait()
            raise Unavailable("was held up")

        small.fakes["orders"].script["GetCart"] = slow
        waiting = [asyncio.create_task(small.call("GET", "/v1/carts/crt_1")) for _ in range(6)]
        while small.gateway.inside.inflight < 6:
            await asyncio.sleep(0.01)
        shed = await small.call("GET", "/v1/orders/ord_1")
        assert (shed.status, shed.body["code"], shed.headers["retry-after"]) == (503, "OVERLOADED", "1")
        body = {"cart_id": "crt_1", "payment": {"token": "tok_ok"}, "email": "a@example.com"}
        assert (await small.call("POST", "/v1/checkouts", body, idempotency_key="k")).status == 201
        held.set()
        await asyncio.gather(*waiting)
        assert small.gateway.inside.inflight == 0


@pytest.mark.parametrize(("refusal", "status"), [(Unavailable, 503), (TooLate, 504), (Exhausted, 429)])
async def test_trouble_says_when_to_try_again_and_no_more(gate: Gate, refusal: type[Exception], status: int) -> None:
    gate.refuses("orders", "GetOrder", refusal("mongodb at 10.0.0.7 is down"))
    answer = await gate.call("GET", "/v1/orders/ord_1")
    assert answer.status == status
    assert int(answer.headers["retry-after"]) >= 1
    if status >= 500:
        assert "mongodb" not in str(answer.body)


async def test_tries_that_are_counted_elsewhere_say_when_too(gate: Gate) -> None:
    from services.kit.errors import remote

    gate.refuses("crm", "SignIn", remote(Exhausted, "TOO_MANY_TRIES", "", [], {"retry_after_s": "17"}))
    answer = await gate.call("POST", "/v1/sessions", {"email": "a@b.c", "password": "x"})
    assert (answer.status, answer.body["code"], answer.headers["retry-after"]) == (429, "TOO_MANY_TRIES", "17")
