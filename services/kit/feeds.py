"""This is where what devices send is taken in: raw messages, kept by a stream until they are handled.

Devices speak MQTT to the NATS server: the topic `shop/iot/shelf/main/MUG-01` is the subject `shop.iot.shelf.main.MUG-01`.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from services.kit.broker import Msg
from services.kit.jetstream import Bus, feed_for_ever
from services.kit.listening import waits

log = logging.getLogger(__name__)
_TRIES = 5
_AGAIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What a device sent: its topic, part by part, and the payload as it is."""

    topic: tuple[str, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Feed:
    """What is sent under `shop.<name>.` and fits `subject` goes to `take`, which bears repeating and leaves out what it
    cannot read: nobody can ask a device again."""

    name: str
    subject: str
    take: Callable[[Sequence[Sent]], Awaitable[object]]

    async def take_in_for_ever(self, bus: Bus, service: str) -> None:
        """Takes in what comes, through every outage."""

        async def handle(messages: Sequence[Msg]) -> None:
            try:
                await self.take([Sent(_topic(bus.full_name(message.subject)), message.data) for message in messages])
            except Exception as error:
                log.warning("what came on %s waits: %s", self.subject, error, exc_info=not waits(error))
                for message in messages:
                    given_up = message.metadata.num_delivered >= _TRIES and not waits(error)
                    await (message.term() if given_up else message.nak(delay=_AGAIN_S))
            else:
                for message in messages:
                    await message.ack()

        await feed_for_ever(bus, self.name, service, self.subject, handle)


def _topic(subject: str) -> tuple[str, ...]:
    # The server writes a dot within a part of a topic as two slashes.
    return tuple(part.replace("//", ".") for part in subject.split("."))
