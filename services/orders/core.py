"""This is where it is named what the wings of orders share: collections, use cases, neighbours, the clock."""

from collections.abc import Callable
from dataclasses import dataclass

from services.kit.clock import Clock
from services.kit.seal import Seal

from .cancellation import Cancellation
from .carts import Carts
from .checkout import Checkout
from .followups import Followups
from .fulfilment import Fulfilment
from .holding import Holding
from .looking import Orders
from .neighbours import Catalog, Crm, Logistics, Marketing
from .payments.kinds import Kinds
from .payments.methods import Methods
from .payments.moving import Moving
from .quotes import Quotes
from .readdressing import Readdressing
from .refunding import MoneyBack
from .saga import Saga
from .screens import Screens
from .settings import OrdersSettings
from .shelves import Shelves
from .slots.neighbours import Slots
from .store import Keeping
from .till import Till
from .timers import TermsBook
from .undoing import Undoing


@dataclass(frozen=True)
class Core:
    """What a wing is built on beside its ground. A wing reads these collections; it writes orders by conditional atomic
    writes of its own fields, everything else through the use cases."""

    keeping: Keeping
    carts: Carts
    till: Till
    quotes: Quotes
    orders: Orders
    checkout: Checkout
    saga: Saga
    undoing: Undoing
    cancellation: Cancellation
    money: MoneyBack
    screens: Screens
    shelves: Shelves
    slots: Slots
    provider: Kinds
    holding: Holding
    readdressing: Readdressing
    followups: Followups
    book: TermsBook  # how long things may take
    fulfilment: Fulfilment
    methods: Methods
    moving: Moving  # captures, voids, refunds, second charges
    catalog: Catalog
    marketing: Marketing
    logistics: Logistics
    crm: Crm
    seal: Seal
    clock: Clock
    settings: OrdersSettings
    count: Callable[[str], None]  # one more checkout with this outcome
