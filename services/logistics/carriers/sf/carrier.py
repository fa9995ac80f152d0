"""This is where SF Express is asked: what was ordered once is found again by our own id, whatever became of the answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Unavailable
from services.kit.ids import new_id
from services.logistics.carriers import (
    Account,
    CarrierRefused,
    Offer,
    Parcel,
    Post,
    Told,
    vocabulary,
)
from services.logistics.carriers.answers import door, understood
from services.logistics.carriers.usual import Usual

from . import messages

LIVE, TEST = "https://bspgw.sf-express.com/std/service", "https://sfapi-sbox.sf-express.com/std/service"
_MOST_TRACKED = 10
_FORM = {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}
_BUSY = frozenset({"A1099", "A1011"})  # SF's own trouble, and too many calls: it passes


class Sf(Usual):
    """SF Express. Labels are drawn here: SF's come as a link to a file of theirs. Its couriers come by the orders."""

    code = "sf"
    title = "順豐速運 SF Express"
    abilities = frozenset({"rate", "ship", "void", "track", "pickup"})
    account_fields = ("partner_id", "checkword", "monthly_card", "sender_name", "sender_phone", "sender_street")

    def __init__(self, account: Account, post: Post, clock: Clock, url: str = "") -> None:
        self.vocabulary = vocabulary("sf")
        self._account, self._post, self._url, self._clock = account, post, url, clock

    async def rate(self, parcel: Parcel) -> list[Offer]:
        """The price of our contract, of the service that is ordered."""
        account = await self._account.secrets()
        return messages.offers(await self._ask(messages.PRICES, messages.prices_wanted(parcel, account), again=True))

    async def make_waybill(self, parcel: Parcel) -> str:
        """Ordered once a shipment: SF refuses the second (8016), then, and whenever an answer was lost, the first is asked
        for. Refuses with `CarrierRefused`, `Unavailable`."""
        account = await self._account.secrets()
        wish = messages.order(parcel, self._account.address(parcel), account)
        try:
            return self._number(await self._ask(messages.CREATE, wish, again=False))
        except CarrierRefused as refused:
            if refused.meta.get("code") != messages.ALREADY_ORDERED:
                raise
            return await self._ordered(parcel.shipment_id)
        except Unavailable:
            return await self._after_all(parcel.shipment_id)

    async def _after_all(self, shipment_id: str) -> str:
        """What became of an order whose answer is lost. Refuses with `Unavailable`: nothing did, it is to be asked again."""
        try:
            return await self._ordered(shipment_id)
        except CarrierRefused as unknown:
            raise Unavailable("SF knows nothing of this order: ask again") from unknown

    async def _ordered(self, shipment_id: str) -> str:
        return self._number(await self._ask(messages.SEARCH, {"orderId": shipment_id}, again=True))

    def _number(self, data: Mapping[str, Any]) -> str:
        try:
            return messages.waybill(data)
        except ValueError as none:
            raise Unavailable("SF has not numbered this order yet") from none

    async def void(self, shipment_id: str, waybill: str) -> None:
        """Cancels the order; one that is cancelled already stays so."""
        try:
            await self._ask(messages.UPDATE, messages.cancelling(shipment_id), again=True)
        except CarrierRefused as refused:
            if refused.meta.get("code") not in messages.NOT_THERE:
                raise

    async def track(self, waybills: Sequence[str], phones: Mapping[str, str]) -> list[Told]:
        """Ten at a time; those with a phone one by one, for SF asks for its digits per call."""
        plain = [number for number in waybills if not phones.get(number)]
        calls = [plain[start : start + _MOST_TRACKED] for start in range(0, len(plain), _MOST_TRACKED)]
        calls += [[number] for number in waybills if phones.get(number)]
        told: list[Told] = []
        for numbers in calls:
            wanted = messages.routes_wanted(numbers, phones)
            told += messages.routes(await self._ask(messages.ROUTES, wanted, again=True))
        return told

    async def _ask(self, service: str, message: Mapping[str, Any], *, again: bool) -> dict[str, Any]:
        account = await self._account.secrets()
        body = messages.form(service, message, account, new_id("req"), self._clock.now())
        answer = await self._post(self._url or door(account, LIVE, TEST), _FORM, body, again=again)
        return understood(messages.answered, answer, _BUSY)
