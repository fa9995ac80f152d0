"""This is where it stands how orders' neighbours refuse."""

from services.kit.errors import NotFound, WrongState


class OutOfStock(WrongState):
    """As catalog says it."""


class PriceChanged(WrongState):
    """As catalog says it."""


class WarehouseShort(WrongState):
    """As catalog says it."""


class CouponUsedUp(WrongState):
    """As marketing says it."""


class CustomerNotFound(NotFound):
    """As crm says it."""


class PointsShort(WrongState):
    """As crm says it."""


class AlreadyShipped(WrongState):
    """As logistics says it."""


class PromotionNotFound(NotFound):
    """As marketing says it."""
