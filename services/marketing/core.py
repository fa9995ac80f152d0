"""This is where it is named what the wings of marketing share: promotions, coupons, the pricing of carts, the floor."""

from dataclasses import dataclass

from services.kit.clock import Clock
from services.kit.store import Store

from .allotments import Allotments
from .carts import Carts
from .coupons import Coupon, Coupons
from .floor import Floor
from .jobs import Jobs
from .neighbours import Catalog
from .promotions import Promotion, Promotions
from .rules import Rules
from .running import Running
from .showing.showcase import Showcase
from .takings import Takings
from .vouchers import Voucher, Vouchers


@dataclass(frozen=True)
class Core:
    """What a wing is built on beside its ground. A wing reads these collections; it writes them through the use cases."""

    promotions: Store[Promotion]
    running: Running[Rules]
    showing: Running[Showcase]
    making: Promotions
    coupons: Coupons
    counts: Store[Coupon]
    vouchers: Vouchers
    issued: Store[Voucher]
    takings: Takings
    allotments: Allotments
    carts: Carts
    floor: Floor
    catalog: Catalog
    jobs: Jobs
    clock: Clock

    def forget(self) -> None:
        """A promotion changed."""
        self.running.forget()
        self.showing.forget()
