"""This is where it is proved that a customer's tier and groups are asked for only while an offer needs them, and once."""

import asyncio
from dataclasses import dataclass, field, replace

from services.kit.errors import Unavailable
from services.orders.pricing import Discount, Share
from services.orders.quotes import Evaluation, Quotes, RulesCart, RulesLine, Standing

CART = RulesCart("CNY", (RulesLine("TEA", "food", 1, 10_000),), (), "cus_1")
TENTH = (Discount("prm_1", "items", "10% off", "", 1_000, [Share("TEA", 1_000)]),)


@dataclass
class Offers:
    """Marketing: a tenth off for the tea club, while that runs."""

    runs: bool = True
    asked: list[RulesCart] = field(default_factory=list)

    async def evaluate(self, cart: RulesCart) -> Evaluation:
        self.asked.append(cart)
        return Evaluation(TENTH if self.runs and "tea-club" in cart.groups else (), standing_matters=self.runs)


@dataclass
class Crm:
    """Who is in the tea club."""

    groups: tuple[str, ...] = ("tea-club",)
    away: bool = False
    asked: int = 0

    async def standing(self, customer_id: str) -> Standing:
        self.asked += 1
        if self.away:
            raise Unavailable("away")
        return Standing("basic", self.groups)


def asked_of(offers: Offers, crm: Crm) -> Quotes:
    return Quotes(None, offers, None, crm)  # type: ignore[arg-type]


async def given(quotes: Quotes, cart: RulesCart = CART) -> int:
    known = await quotes.evaluation(cart)
    assert known is not None
    return sum(each.minor for each in known.discounts)


async def test_nobody_asks_who_it_is_while_no_offer_wants_to_know() -> None:
    offers, crm = Offers(runs=False), Crm()
    quotes = asked_of(offers, crm)
    for minor in range(3):
        await given(quotes, replace(CART, lines=(RulesLine("TEA", "food", 1, minor),)))
    assert (crm.asked, len(offers.asked)) == (0, 3)


async def test_a_customer_is_asked_about_once_until_something_about_them_changes() -> None:
    offers, crm = Offers(), Crm()
    quotes = asked_of(offers, crm)
    carts = [replace(CART, lines=(RulesLine("TEA", "food", 1, minor),)) for minor in range(5)]
    assert [await given(quotes, cart) for cart in carts] == [1_000] * 5
    assert crm.asked == 1
    assert len(offers.asked) == 6  # the first told that it matters
    crm.groups = ()
    assert await given(quotes) == 1_000
    quotes.forget_standing("cus_1")
    assert await given(quotes) == 0
    assert crm.asked == 2


async def test_a_guest_is_asked_about_never() -> None:
    offers, crm = Offers(), Crm()
    assert await given(asked_of(offers, crm), replace(CART, customer_id="")) == 0
    assert crm.asked == 0


async def test_without_crm_nothing_for_some_is_given_and_it_is_said() -> None:
    offers, crm = Offers(), Crm(away=True)
    quotes = asked_of(offers, crm)
    known = await quotes.evaluation(CART)
    assert known is not None
    assert (known.discounts, known.standing_unknown) == ((), True)
    crm.away = False
    again = await quotes.evaluation(CART)
    assert again is not None
    assert (again.discounts, again.standing_unknown) == (TENTH, False)


async def test_an_answer_asked_for_before_a_change_is_not_remembered_after_it() -> None:
    offers, crm, asking = Offers(), Crm(), asyncio.Event()
    quotes, answer = asked_of(offers, crm), asyncio.Event()

    async def slow(customer_id: str) -> Standing:
        crm.asked += 1
        asking.set()
        await answer.wait()
        return Standing("basic", ("tea-club",))

    crm.standing, quick = slow, crm.standing  # type: ignore[method-assign]
    first = asyncio.create_task(given(quotes))
    await asking.wait()
    quotes.forget_standing("cus_1")
    answer.set()
    assert await first == 1_000
    crm.standing, crm.groups = quick, ()  # type: ignore[method-assign]
    assert await given(quotes) == 0
