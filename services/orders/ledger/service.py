"""This is where the ledger wing is put together."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from shop.orders.v1 import ledger_pb2_grpc
from shop.type.v1.address_pb2 import Address

from services.kit.clock import SystemClock, parse_time
from services.kit.events import Told
from services.kit.listening import BatchHandler, Hears
from services.kit.service import Answers, Ground, Service
from services.kit.store import Store
from services.orders.aftersales.returns import Return
from services.orders.core import Core
from services.orders.invoices.invoices import Invoice
from services.orders.orders import Order

from . import store
from .api import LedgerApi
from .chain import Block
from .evidence import Contact, Evidence, More, masked_name, masked_phone
from .heading import Heading
from .messages import OTHERS, OWN, noted
from .recording import Recording
from .store import Chain, Head
from .verifying import Verifying


@dataclass(frozen=True)
class Ledger:
    """The wing's use cases."""

    chain: Chain
    heading: Heading
    recording: Recording
    verifying: Verifying


def ledger(ground: Ground[Any]) -> Ledger:
    """The ledger on its tables."""
    chain = Chain(ground.store("ledger", Block, store.LEDGER), ground.store("ledger_head", Head))
    length = ground.metrics.gauge("shop_ledger_length", "Entries of the ledger.")
    lag = ground.metrics.gauge("shop_ledger_lag_seconds", "From an event's commit to its entry, of the newest.")
    clock, heading = SystemClock(), Heading(chain)  # events are told by this clock
    ground.closing.append(heading.close)

    def wrote(block: Block) -> None:
        heading.to(block)
        length.set(block.last)
        if told := parse_time(block.entries[-1].told_at):
            lag.set(max(0.0, (clock.now() - told).total_seconds()))

    recording = Recording(chain, ground.clock, wrote)
    return Ledger(chain, heading, recording, Verifying(chain.blocks, chain.holding, heading.tip))


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    wing = ledger(ground)
    more: list[More] = [_returns(core), _invoices(ground)]
    evidence = Evidence(core.orders, wing.chain.about, wing.heading.tip, _contact(core), more, core.clock)
    note = _noting(wing.recording)
    return Service(
        answers=[
            Answers(
                "shop.orders.v1.LedgerService",
                ledger_pb2_grpc.add_LedgerServiceServicer_to_server,
                LedgerApi(wing.chain, wing.heading, wing.verifying, evidence),
            )
        ],
        hears=Hears(batches=dict.fromkeys(OTHERS, note), own=dict.fromkeys(OWN, note)),
        before=[lambda: wing.chain.begin(ground.clock.now())],
    )


def _noting(recording: Recording) -> BatchHandler:
    async def note(events: Sequence[tuple[Message, Told]]) -> None:
        await recording.note([noted(event, told) for event, told in events])

    return note


def _contact(core: Core) -> Contact:
    """Whom it went to, so that they know themselves and nobody else does."""

    def contact(order: Order) -> dict[str, str]:
        address = Address.FromString(core.seal.open(order.sealed_address, order.id))
        return {"name": masked_name(address.name), "phone": masked_phone(address.phone)}

    return contact


def _returns(core: Core) -> Callable[[Order], Awaitable[dict[str, Any]]]:
    async def returns(order: Order) -> dict[str, Any]:
        ids = [event.key.removeprefix("return:") for event in order.events if event.key.startswith("return:ret_")]
        found = await core.keeping.returns.get_many(ids) if ids else {}
        return {"returns": [_shown(found[key]) for key in ids if key in found]}

    return returns


def _invoices(ground: Ground[Any]) -> Callable[[Order], Awaitable[dict[str, Any]]]:
    # What the invoices wing keeps is read here; its indexes are its own.
    kept = Store(ground.database, "invoices", Invoice, ground.relay, turnstile=ground.turnstile)

    async def invoices(order: Order) -> dict[str, Any]:
        found = await kept.find({"order_id": order.id}, limit=200)
        return {"invoices": [_paper(each) for each in found]}

    return invoices


def _paper(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.label,
        "kind": invoice.kind,
        "total_minor": invoice.total_minor,
        "tax_minor": invoice.tax_minor,
        "issued_at": invoice.issued_at,
        "reverses": invoice.reverses,
        "digest": invoice.digest,
    }


def _shown(rma: Return) -> dict[str, Any]:
    return {
        "id": rma.id,
        "state": rma.state.value,
        "reason": rma.reason,
        "lines": [{"sku": row.sku, "quantity": row.quantity, "refund_minor": row.refund_minor} for row in rma.lines],
        "requested_at": rma.requested_at,
        "photos": len(rma.photos),
    }
