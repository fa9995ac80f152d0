"""This is where many vouchers are kept in one write."""

from collections.abc import Sequence

from pymongo.errors import BulkWriteError

from services.kit.store import Store, encode
from services.marketing.vouchers import Voucher

_DUPLICATE = 11000


class ManyVouchers:
    """Keeps many; those that are there stay as they are."""

    def __init__(self, issued: Store[Voucher]) -> None:
        self._issued = issued

    async def __call__(self, vouchers: Sequence[Voucher]) -> None:
        """All of them."""
        documents = [encode(each) for each in vouchers]
        for document in documents:
            document["_id"] = document.pop("id")
        try:
            await self._issued.collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if any(wrong["code"] != _DUPLICATE for wrong in error.details["writeErrors"]):
                raise
