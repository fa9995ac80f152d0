"""This is where ZTO Express is asked: what was ordered once is found again by our own number."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.kit.errors import Unavailable
from services.logistics.carriers import (
    Account,
    CarrierRefused,
    Parcel,
    Post,
    Told,
    vocabulary,
)
from services.logistics.carriers.answers import door, understood
from services.logistics.carriers.usual import Usual

from . import messages

LIVE, TEST = "https://japi.zto.com", "https://japi-test.zto.com"


class Zto(Usual):
    """ZTO Express. It draws labels only on printers of its own, so ours are used; prices are our contract's."""

    code = "zto"
    title = "中通快遞 ZTO Express"
    abilities = frozenset({"ship", "void", "track", "pickup"})
    account_fields = (
        "app_key",
        "app_secret",
        "account_id",
        "account_password",
        "sender_name",
        "sender_phone",
        "sender_street",
    )

    def __init__(self, account: Account, post: Post, url: str = "") -> None:
        self.vocabulary = vocabulary("zto")
        self._account, self._post, self._url = account, post, url

    async def make_waybill(self, parcel: Parcel) -> str:
        """Ordered once a shipment: before a second try after a lost answer the first is looked for. Refuses with
        `CarrierRefused`, `Unavailable`."""
        account = await self._account.secrets()
        wish = messages.order(parcel, self._account.address(parcel), account)
        try:
            return self._bill(await self._ask(messages.CREATE, wish, again=False))
        except CarrierRefused:
            if found := await self._found(parcel.shipment_id):
                return found  # it was ordered before
            raise
        except Unavailable:
            if found := await self._found(parcel.shipment_id):
                return found
            raise

    async def _found(self, shipment_id: str) -> str:
        try:
            return messages.bill(await self._ask(messages.FIND, messages.finding(shipment_id), again=True))
        except (CarrierRefused, ValueError):
            return ""

    def _bill(self, result: Any) -> str:
        try:
            return messages.bill(result)
        except ValueError as broken:
            raise Unavailable("ZTO's answer is none") from broken

    async def void(self, shipment_id: str, waybill: str) -> None:
        """Cancels the parcel. ZTO gives no code for one that is cancelled already, so what it refuses is looked at."""
        try:
            await self._ask(messages.CANCEL, messages.cancelling(waybill), again=True)
        except CarrierRefused:
            if await self._found(shipment_id) == waybill:
                raise

    async def track(self, waybills: Sequence[str], phones: Mapping[str, str]) -> list[Told]:
        """One by one: ZTO asks for the phone's last digits. A waybill it does not know yet has no scans."""
        told: list[Told] = []
        for number in waybills:
            wanted = messages.track_wanted(number, phones.get(number, ""))
            try:
                told += messages.track(number, await self._ask(messages.TRACK, wanted, again=True))
            except CarrierRefused:
                continue
        return told

    async def _ask(self, method: str, message: Mapping[str, Any], *, again: bool) -> Any:
        account = await self._account.secrets()
        headers, body = messages.call(message, account)
        answer = await self._post(f"{self._url or door(account, LIVE, TEST)}/{method}", headers, body, again=again)
        return understood(messages.answered, answer, messages.BUSY)
