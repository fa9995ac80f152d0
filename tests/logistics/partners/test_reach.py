"""This is where it is tried to have webhooks sent inside (SSRF), and when they are sent again."""

import socket
from collections import deque

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from services.kit.clock import SettableClock
from services.logistics.partners.neighbours import HttpPost
from services.logistics.partners.posting import Answered
from services.logistics.partners.reach import Reach
from services.logistics.partners.schedule import DELAYS_S, JITTER, next_wait

from .receiver import SLOW, Receiver

OUTSIDE, LAPTOP = Reach(), Reach(development=True)
INSIDE = (
    "127.0.0.1",
    "127.8.9.10",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "2130706433",
    "127.1",
    "0177.0.0.1",
)


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_reached(address: str) -> None:
    assert not OUTSIDE.allows(address)
    assert OUTSIDE.fault_of(f"https://{f'[{address}]' if ':' in address else address}/hook")


def test_addresses_outside_are_reached_and_a_laptop_reaches_itself_and_no_further() -> None:
    for address in ("8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"):
        assert OUTSIDE.allows(address)
    assert LAPTOP.allows("127.0.0.1") and LAPTOP.allows("::1")
    assert not any(LAPTOP.allows(one) for one in ("10.0.0.1", "169.254.169.254", "fd12::1", "2130706433"))


def test_only_https_to_a_host_and_nothing_hidden_in_it() -> None:
    assert OUTSIDE.fault_of("https://hooks.quick.example/shop?x=1") == ""
    assert OUTSIDE.fault_of("https://hooks.quick.example:443/") == ""
    for wrong in (
        "http://hooks.quick.example/",
        "ftp://hooks.quick.example/",
        "https://",
        "https:///x",
        "https://user:pw@hooks.quick.example/",
        "https://hooks.quick.example@127.0.0.1/",
        "https://hooks.quick.example/#x",
        "https://hooks.quick.example:0/",
        "https://hooks.quick.example:22/",
        "https://hooks.quick.example:8443/",
        "https://hooks.quick.example:99999/",
        "https://localhost/",
        "https://a.localhost/",
        "https://[::1",
        "https://a b/",
        "https://a.example/" + "x" * 500,
        "https://例え.example/",
        "javascript:alert(1)",
        "",
    ):
        assert OUTSIDE.fault_of(wrong), wrong
    assert LAPTOP.fault_of("http://127.0.0.1:1/") == ""
    assert LAPTOP.fault_of("http://10.0.0.1/")


def _means(*addresses: str) -> tuple[list[str], object]:
    """A name that means another address each time it is looked up."""
    asked: list[str] = []

    async def lookup(host: str, port: int, _family: socket.AddressFamily) -> list[ResolveResult]:
        address = addresses[min(len(asked), len(addresses) - 1)]
        asked.append(host)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
        ]

    return asked, lookup


async def _posted(reach: Reach, url: str, lookup: object) -> Answered:
    post = HttpPost(reach, SettableClock(), lookup, most_s=1)  # type: ignore[arg-type]
    try:
        return await post(url, {}, b"{}")
    finally:
        await post.close()


async def test_a_name_that_means_an_address_inside_is_not_connected_to() -> None:
    for address in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1"):
        asked, lookup = _means(address)
        answered = await _posted(OUTSIDE, "https://hooks.quick.example/", lookup)
        assert (answered.outcome, asked) == ("address_refused", ["hooks.quick.example"])


async def test_a_connection_goes_to_the_very_address_that_was_looked_at() -> None:
    """DNS rebinding: looked up a second time, the name would mean the inside. It is looked up once an attempt."""
    async with _Listening() as (port, taken):
        asked, lookup = _means("127.0.0.1", "10.1.2.3")
        post = HttpPost(LAPTOP, SettableClock(), lookup, most_s=1)  # type: ignore[arg-type]
        url = f"http://hooks.quick.example:{port}/"
        assert (await post(url, {}, b"{}")).status == 200
        assert len(asked) == 1 and taken == ["hooks.quick.example"]
        assert (await post(url, {}, b"{}")).outcome == "address_refused"  # no pool, no cache: looked at anew
        assert len(asked) == 2 and len(taken) == 1
        await post.close()


class _Listening:
    """Something that takes posts, and says for which host they were."""

    async def __aenter__(self) -> tuple[int, list[str]]:
        taken: list[str] = []

        async def take(request: web.Request) -> web.Response:
            taken.append(request.host.partition(":")[0])
            return web.Response()

        app = web.Application()
        app.router.add_post("/", take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        port = Receiver().port
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return port, taken

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


async def test_who_does_not_answer_in_time_has_not_taken_it_and_no_redirect_is_followed() -> None:
    async with Receiver(says=deque([SLOW, (307, {"location": "/elsewhere"}), (503, {"retry-after": "120"})])) as slow:
        post = HttpPost(LAPTOP, SettableClock(), most_s=0.1)
        headers = {"webhook-id": "m"}
        answers = [await post(slow.url, headers, b"{}") for _ in range(3)]
        assert [one.outcome for one in answers] == ["timeout", "redirect", "refused_status"]
        assert answers[2].retry_after_s == 120 and len(slow.seen) == 3
        await post.close()
    post = HttpPost(LAPTOP, SettableClock(), most_s=1)
    assert (await post(slow.url, headers, b"{}")).outcome == "unreachable"  # nobody listens any more
    await post.close()


async def test_a_number_is_not_taken_for_a_name() -> None:
    asked, lookup = _means("8.8.8.8")
    for url in ("https://127.0.0.1/", "https://2130706433/", "https://127.1/", "https://[::1]/", "https://[fd12::1]/"):
        assert (await _posted(OUTSIDE, url, lookup)).outcome == "address_refused"
    assert asked == []


def test_ten_attempts_over_three_days() -> None:
    waits = [next_wait(attempt, 0.5) for attempt in range(1, 11)]
    assert [wait.total_seconds() for wait in waits if wait] == list(DELAYS_S)
    assert waits[-1] is None
    assert 3 * 86_400 < sum(DELAYS_S) < 3.2 * 86_400


@given(st.integers(1, 9), st.floats(0, 1), st.integers(0, 10**6))
def test_waits_spread_by_a_tenth_and_heed_retry_after(attempt: int, dice: float, retry_after_s: int) -> None:
    wait, usual = next_wait(attempt, dice, retry_after_s), DELAYS_S[attempt - 1]
    assert wait is not None
    seconds = wait.total_seconds()
    assert seconds >= usual * (1 - JITTER) - 1e-6
    assert seconds >= min(retry_after_s, 86_400)
    assert seconds <= max(usual * (1 + JITTER), min(retry_after_s, 86_400)) + 1e-6
