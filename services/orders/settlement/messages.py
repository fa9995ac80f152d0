"""This is where settlements become protobuf."""

from shop.orders.v1 import settlements_pb2 as pb

from services.kit.clock import rfc3339
from services.orders.messages.addresses import money

from .differences import Difference
from .files import File
from .lines import Row
from .payouts import Payout


def settlement(of: File) -> pb.Settlement:
    """A file."""
    return pb.Settlement(
        id=of.id,
        provider=of.provider,
        state=of.state,
        done=of.done,
        rows=of.rows,
        counts=[pb.SettlementCount(outcome=name, count=count) for name, count in sorted(of.counts.items())],
        to=rfc3339(of.ends_at),
        by=of.by,
        created_at=rfc3339(of.created_at),
        done_at=rfc3339(of.done_at),
        **{"from": rfc3339(of.begins_at)},
    )


def row(of: Row) -> pb.SettlementLine:
    """What became of a row."""
    return pb.SettlementLine(
        row=of.row,
        line_id=of.uid.partition(":")[2],
        type=of.type,
        outcome=of.outcome,
        order_id=of.order_id,
        amount=money(of.currency, of.amount_minor),
        fee=money(of.currency, of.fee_minor),
        problem=of.problem,
    )


def difference(of: Difference) -> pb.SettlementDifference:
    """What differs."""
    return pb.SettlementDifference(
        id=of.id,
        kind=of.kind,
        state=of.state,
        settlement_id=of.file_id,
        line_id=of.uid.partition(":")[2],
        order_id=of.order_id,
        key=of.claim,
        ours=money(of.currency, of.ours_minor),
        theirs=money(of.currency, of.theirs_minor),
        note=of.note,
        by=of.by,
        at=rfc3339(of.at),
    )


def payout(of: Payout) -> pb.Payout:
    """What was paid out."""
    return pb.Payout(
        id=of.payout_id,
        provider=of.provider,
        settlement_id=of.file_id,
        captured=money(of.currency, of.captured_minor),
        refunded=money(of.currency, of.refunded_minor),
        fees=money(of.currency, of.fees_minor),
        net=money(of.currency, of.net_minor),
        stated=None if of.stated_minor is None else money(of.currency, of.stated_minor),
        difference=money(of.currency, of.difference_minor),
        captures=of.captures,
        days_to_payout=round(of.days, 3),
        paid_out_at=rfc3339(of.paid_out_at),
    )
