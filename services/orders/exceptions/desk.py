"""This is where staff put right what went wrong: contact, repair, send once more, give money back, cancel (O16, O21)."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.kit.errors import Invalid
from services.kit.ids import new_id
from services.orders import limits
from services.orders.addresses import Address
from services.orders.cancellation import Cancellation
from services.orders.followups import Followups
from services.orders.looking import Orders
from services.orders.orders import Order
from services.orders.readdressing import Asker, Readdressing

from .cases import CHANNELS, OPEN, RESOLVED, RESULTS, Case, Cases, ExceptionClosed, Trouble, still_open
from .repaying import Repaying

OUTCOMES = ("solved", "waits", "cancelled")


def _one_of(value: str, known: tuple[str, ...], pointer: str) -> str:
    if value not in known:
        raise limits.refused(pointer, f"one of {', '.join(known)}", Invalid)
    return value


@dataclass
class Desk:
    """What can be done about a case."""

    cases: Cases
    orders: Orders
    readdressing: Readdressing
    followups: Followups
    repaying: Repaying
    cancellation: Cancellation

    async def open(self, order_id: str, reason: str, text: str, by: str) -> Case:
        """Opens one by hand; the open one when there is one."""
        order = await self.orders.get(order_id, "", staff=True)
        code, said = limits.code(reason, "/reason"), limits.text(text, "/text", 500)
        if known := await self.cases.of_order(order.id, code):
            return known
        return await self.cases.open(Trouble(order.id, code, new_id("key"), said, by))

    async def page(self, state: str, reason: str, overdue: bool, limit: int, cursor: str) -> tuple[list[Case], str]:
        """A page of cases."""
        return await self.cases.page(_one_of(state, ("", OPEN, RESOLVED), "/state"), reason, overdue, limit, cursor)

    async def contact(self, case_id: str, channel: str, result: str, note: str, by: str) -> Case:
        """Notes a contact."""
        how, came = _one_of(channel, CHANNELS, "/channel"), _one_of(result, RESULTS, "/result")
        return await self.cases.contact(case_id, how, came, note, by)

    async def resolve(self, case_id: str, outcome: str, note: str, by: str) -> Case:
        """Closes a case; `cancelled` cancels its order first."""
        came = _one_of(outcome, OUTCOMES, "/outcome")
        case = await self.cases.get(case_id)
        if case.state == OPEN and came == "cancelled":
            await self.cancellation.cancel(case.order_id, "", case.reason, staff=True)
        return await self.cases.resolve(case.id, came, note, by)

    async def reship(self, case_id: str, lines: Mapping[str, int], by: str) -> tuple[Case, Order]:
        """Sends goods once more, once a case."""
        case = await self._at(case_id, "reshipped")
        order = await self.followups.reship(case.order_id, lines, case.id)
        try:
            await self.cases.note(case.id, "reship", order.id, by, reship_id=order.id)
        except ExceptionClosed:  # by somebody who asked for the same meanwhile, or else it is refused
            await self._at(case_id, "reshipped")
        return await self.cases.resolve(case.id, "reshipped", "", by), order

    async def refund(self, case_id: str, lines: Mapping[str, int], by: str) -> tuple[Case, int, str]:
        """Gives money back, once a case; how much, and in which currency."""
        case = await self._at(case_id, "refunded")
        order = await self.orders.get(case.order_id, "", staff=True)
        if not case.refund_lines and case.state == OPEN:
            case = await self.cases.decide_refund(case, await self.repaying.decided(case, lines))
        minor = await self.repaying.refund(case, by)
        return await self.cases.resolve(case.id, "refunded", "", by), minor, order.currency

    async def repair(self, case_id: str, address: Address, by: str) -> Case:
        """Repairs the address."""
        case = await self._at(case_id, "address_repaired")
        await self.readdressing.repair(case.order_id, address, Asker("", by))
        return await self.cases.resolve(case.id, "address_repaired", "", by)

    async def _at(self, case_id: str, outcome: str) -> Case:
        """An open case; or one that this very thing was done about, so that a lost answer may be asked for again."""
        case = await self.cases.get(case_id)
        begun = outcome == "refunded" and case.refund_lines  # cancelling, it may have been closed already
        return case if case.outcome == outcome or begun else still_open(case)
