"""This is where the kit's tests get a service to test it with: notes, told as `CustomerRegistered`, heard by a listener."""

from dataclasses import dataclass
from typing import Any

from shop.crm.v1.events_pb2 import CustomerRegistered

from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Ground, Service
from services.kit.store import Store


@dataclass
class Note:
    """A thing to keep."""

    id: str
    text: str
    version: int = 0


def noted(note: Note) -> CustomerRegistered:
    """The event a note tells."""
    return CustomerRegistered(customer_id=note.id, at=note.text)


class Listener:
    """Keeps what it hears; fails as often as it is told to."""

    def __init__(self, heard: Store[Note], failures: dict[str, list[Exception]]) -> None:
        self.heard, self.failures = heard, failures

    async def on_registered(self, event: CustomerRegistered, told: Told) -> None:
        """One more note heard; once only, by its id."""
        if waiting := self.failures.get(event.customer_id):
            raise waiting.pop(0) if len(waiting) > 1 else waiting[0]
        await self.heard.collection.update_one({"_id": event.customer_id}, {"$inc": {"times": 1}}, upsert=True)


def teller(ground: Ground[Any]) -> Service:
    """A service that keeps notes."""
    ground.store("notes", Note)
    return Service(answers=[])


def listener_with(failures: dict[str, list[Exception]]) -> Any:
    """A service that hears of them."""

    def build(ground: Ground[Any]) -> Service:
        listener = Listener(ground.store("heard", Note), failures)
        return Service(answers=[], hears=Hears({CustomerRegistered: listener.on_registered}))

    return build
