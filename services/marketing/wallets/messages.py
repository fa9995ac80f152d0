"""This is where vouchers and batches become protobuf messages."""

from shop.marketing.v1 import events_pb2, wallets_pb2

from services.kit.clock import rfc3339
from services.marketing.jobs import Job
from services.marketing.messages.amounts import end
from services.marketing.messages.coupons import coupon_message
from services.marketing.vouchers import Voucher

from .wallet import Held


def voucher_granted(voucher: Voucher) -> events_pb2.VoucherGranted:
    """Somebody was given one."""
    return events_pb2.VoucherGranted(
        voucher_id=voucher.id,
        coupon=voucher.coupon,
        customer_id=voucher.customer_id,
        source=voucher.source,
        by=voucher.by,
        at=rfc3339(voucher.granted_at),
    )


def batch(job: Job) -> wallets_pb2.Batch:
    """A batch, without the secret its codes are made from."""
    return wallets_pb2.Batch(
        id=job.id,
        coupon=job.parameters["coupon"],
        count=int(job.parameters["count"]),
        made=job.done,
        state=job.state.value,
        detail=job.detail,
        by=job.by,
        created_at=rfc3339(job.created_at),
    )


def voucher_message(held: Held) -> wallets_pb2.Voucher:
    """A voucher with its coupon."""
    voucher = held.voucher
    return wallets_pb2.Voucher(
        id=voucher.id,
        code=voucher.code,
        coupon=coupon_message(held.coupon),
        source=voucher.source,
        state=held.state,
        granted_at=rfc3339(voucher.granted_at),
        ends_at=end(voucher.ends_at),
        customer_id=voucher.customer_id,
        order_id=voucher.order_id,
        by=voucher.by,
        reason=voucher.reason,
    )
