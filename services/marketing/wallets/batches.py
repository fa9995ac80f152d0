"""This is where many vouchers of a coupon are made at once: codes for whoever knows them, as a job of small steps.

The codes are worked out from a secret of the batch and their numbers, so a step that is done again makes nothing new.
"""

import secrets
from collections.abc import Sequence
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid
from services.kit.store import Store, decode_cursor, encode_cursor
from services.marketing.coupons import Coupons
from services.marketing.jobs import Job, Jobs, Progress
from services.marketing.vouchers import BATCH, Voucher

from .issuing import code_of, demand_issuing, good_until

MOST = 100_000
_A_STEP, _A_PAGE = 1_000, 5_000


class InvalidBatch(Invalid):
    """No batch can be like this."""


class Keeps(Protocol):
    """Keeps many vouchers in one write; those that are there stay as they are."""

    async def __call__(self, vouchers: Sequence[Voucher], /) -> None:
        """All of them."""
        ...


class Batches:
    """Makes batches and lists their codes."""

    def __init__(self, jobs: Jobs, coupons: Coupons, issued: Store[Voucher], keep: Keeps, clock: Clock) -> None:
        self._jobs, self._coupons, self._issued, self._keep, self._clock = jobs, coupons, issued, keep, clock
        jobs.kinds[BATCH] = self._step

    async def start(self, code: str, count: int, by: str, request_id: str) -> Job:
        """Begins one; the same request again answers the same. Refuses with `InvalidBatch`, `CouponNotFound`,
        `NotIssuing`."""
        if not 1 <= count <= MOST:
            raise InvalidBatch(errors=[FieldError("/count", f"from 1 to {MOST:,}")])
        coupon = await self._coupons.get(code)
        demand_issuing(coupon, self._clock.now())
        parameters = {"coupon": coupon.id, "count": str(count), "seed": secrets.token_hex(32)}
        return await self._jobs.start("bat", BATCH, by, parameters, request_id)

    async def get(self, batch_id: str) -> Job:
        """How far it is. Refuses with `JobNotFound`."""
        return await self._jobs.get(batch_id, BATCH)

    async def codes(self, batch_id: str, cursor: str) -> tuple[list[Voucher], str]:
        """Its vouchers in the order made, 5,000 a page. Refuses with `JobNotFound`, `CursorInvalid`."""
        await self.get(batch_id)
        where: dict[str, object] = {"batch": batch_id}
        if cursor:
            where["_id"] = {"$gt": str(decode_cursor(cursor, 1)[0])}
        rows = await self._issued.find(where, [("_id", 1)], _A_PAGE + 1)
        return rows[:_A_PAGE], encode_cursor(rows[_A_PAGE - 1].id) if len(rows) > _A_PAGE else ""

    async def _step(self, job: Job) -> Progress:
        coupon = await self._coupons.get(job.parameters["coupon"])
        seed, total = bytes.fromhex(job.parameters["seed"]), int(job.parameters["count"])
        end = min(total, job.done + _A_STEP)
        until = good_until(coupon, job.created_at)
        await self._keep(
            [
                Voucher(
                    id=f"vch_{job.id.removeprefix('bat_')}{number:06d}",
                    code=code_of(seed, number),
                    coupon=coupon.id,
                    source=BATCH,
                    granted_at=job.created_at,
                    ends_at=until,
                    batch=job.id,
                    by=job.by,
                    version=1,
                )
                for number in range(job.done, end)
            ]
        )
        return Progress(end, total, over=end == total)
