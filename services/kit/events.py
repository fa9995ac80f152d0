"""This is where an event gets its envelope. Its subject is its protobuf message's full name; there is no registry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from google.protobuf.message import Message

from services.kit.clock import SystemClock, rfc3339
from services.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event on its way: what MongoDB keeps in the outbox and NATS carries."""

    id: str
    subject: str
    data: bytes
    at: datetime
    trace: str = ""

    def headers(self, source: str) -> dict[str, str]:
        """CloudEvents 1.0 headers of the NATS binding, and the id JetStream drops duplicates by."""
        headers = {
            "Nats-Msg-Id": self.id,
            "ce-specversion": "1.0",
            "ce-id": self.id,
            "ce-type": self.subject,
            "ce-source": f"/shop/{source}",
            "ce-time": rfc3339(self.at),
        }
        return headers | {"traceparent": self.trace} if self.trace else headers


@dataclass(frozen=True, slots=True)
class Told:
    """What a listener is told beside the event itself."""

    id: str
    at: str
    deliveries: int = 1
    headers: dict[str, str] = field(default_factory=dict)


def subject_of(message_type: type[Message]) -> str:
    """`shop.orders.v1.OrderPaid`."""
    return str(message_type.DESCRIPTOR.full_name)


def envelope(message: Message, trace: str = "") -> Envelope:
    """Wraps an event."""
    return Envelope(new_id("evt"), subject_of(type(message)), message.SerializeToString(), SystemClock().now(), trace)


class Hints(Protocol):
    """Is told at once what was just committed, so that it need not be found."""

    def look_into(self, collection: str) -> None:
        """Something is about to be told there: should it not be heard of again, it is to be found."""
        ...

    def hint(self, collection: str, key: str, rows: Sequence[Envelope]) -> None:
        """`rows` of document `key` wait to be published."""
        ...
