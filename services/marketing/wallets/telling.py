"""This is where it is named how the wing tells that somebody was given a voucher. Pure."""

from typing import Protocol

from google.protobuf.message import Message

from services.marketing.vouchers import Voucher


class Granted(Protocol):
    """Makes the event."""

    def __call__(self, voucher: Voucher, /) -> Message:
        """Of this voucher."""
        ...
