"""This is where the maps of a service's wings become one: a wing is a folder with rooms and a map of its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from google.protobuf.message import Message

from services.kit.events import Told
from services.kit.listening import BatchHandler, Hears
from services.kit.service import Service


def joined(*parts: Service) -> Service:
    """Several maps as one. What two of them hear, both are told; each bears to be told again when the other could not."""
    hears = [part.hears for part in parts]
    single = {kind for each in hears for kind in each.handlers}
    # What one takes one by one and another in batches, both take one by one.
    apart = [{kind: _one_by_one(do) for kind, do in each.batches.items() if kind in single} for each in hears]
    return Service(
        answers=[door for part in parts for door in part.answers],
        hears=Hears(
            handlers=_both(*(each.handlers for each in hears), *apart),
            batches=_both(*({k: do for k, do in each.batches.items() if k not in single} for each in hears)),
            own=_both(*(each.own for each in hears)),
        ),
        chores=[chore for part in parts for chore in part.chores],
        watches=_all_watching(parts),
        feeds=[feed for part in parts for feed in part.feeds],
        before=[step for part in parts for step in part.before],
    )


def _all_watching(parts: Sequence[Service]) -> dict[type[Message], Callable[[Any], None]]:
    watching: dict[type[Message], list[Callable[[Any], None]]] = {}
    for part in parts:
        for kind, watch in part.watches.items():
            watching.setdefault(kind, []).append(watch)

    def all_of(watches: list[Callable[[Any], None]]) -> Callable[[Any], None]:
        def watch_all(event: Any) -> None:
            for watch in watches:
                watch(event)

        return watch_all

    return {kind: watches[0] if len(watches) == 1 else all_of(watches) for kind, watches in watching.items()}


def _both(*tables: Mapping[type[Message], Callable[..., Awaitable[object]]]) -> dict[type[Message], Any]:
    kinds = dict.fromkeys(kind for table in tables for kind in table)
    return {kind: _one_after_another([table[kind] for table in tables if kind in table]) for kind in kinds}


def _one_by_one(handle: BatchHandler) -> Callable[..., Awaitable[object]]:
    async def one(event: Any, told: Told) -> object:
        return await handle([(event, told)])

    return one


def _one_after_another(handlers: list[Callable[..., Awaitable[object]]]) -> Callable[..., Awaitable[object]]:
    if len(handlers) == 1:
        return handlers[0]

    async def all_of_them(*told: Any) -> None:
        for handle in handlers:
            await handle(*told)

    return all_of_them
