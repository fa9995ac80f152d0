"""This is where a partner carrier lives: everything it needs it fetches at `/carrier/v1` or is told by webhook."""

from services.logistics.carriers import HandedOver, Parcel, vocabulary
from services.logistics.carriers.numbers import waybill
from services.logistics.carriers.usual import Usual


class Partner(Usual):
    """One of any number: its code, title, prefix and vocabulary are data. Numbers come from its own series, made here."""

    abilities = frozenset({"ship", "void", "label", "pickup", "manifest"})
    account_fields: tuple[str, ...] = ()

    def __init__(self, code: str, title: str, prefix: str, speaks: str) -> None:
        self.code, self.title, self.prefix, self.speaks = code, title, prefix, speaks
        self.vocabulary = vocabulary("canonical", speaks)

    async def make_waybill(self, parcel: Parcel) -> str:
        """The next of its series; it finds the parcel among its shipments."""
        return waybill(self.prefix)

    async def void(self, shipment_id: str, waybill: str) -> None:
        """It finds the parcel cancelled, and is told of it."""

    async def manifest(self, handed: HandedOver) -> str:
        """It lists its manifests; the number is ours."""
        return handed.id
