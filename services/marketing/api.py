"""This is where calls come in over gRPC."""

import re
from collections.abc import Sequence
from typing import Any

from shop.marketing.v1 import coupons_pb2, coupons_pb2_grpc, promotions_pb2, promotions_pb2_grpc

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid

from .allotments import Allotments
from .carts import Carts
from .checking import Check
from .coupons import MOST_ENTERED, Coupons, InvalidCoupon, TooManyCodes
from .floor import Floor
from .messages.carts import cart_from, evaluation_message, shopper_from, wanted_from
from .messages.coupons import coupon_from, coupon_message, given_by, template_message
from .messages.promotions import floor_override, promotion_from, promotion_message
from .promotions import InvalidPromotion, Promotions
from .takings import Takings
from .templates import TEMPLATES

_ORDER = re.compile(r"ord_[A-Za-z0-9_-]{1,64}")
_CUSTOMER = re.compile(r"(?:cus_[A-Za-z0-9_-]{1,64})?")


class InvalidId(Invalid):
    """Not an id of ours."""


class PromotionsApi(promotions_pb2_grpc.PromotionsServiceServicer):
    """Promotions and carts."""

    def __init__(
        self, promotions: Promotions, carts: Carts, allotments: Allotments, floor: Floor, clock: Clock
    ) -> None:
        self._promotions, self._carts, self._allotments = promotions, carts, allotments
        self._floor, self._clock = floor, clock

    async def CreatePromotion(
        self, request: promotions_pb2.CreatePromotionRequest, context: Any
    ) -> promotions_pb2.CreatePromotionResponse:
        """Keeps one."""
        promotion = promotion_from(request.promotion, request.by, self._clock.now())
        kept = await self._promotions.create(promotion, request.margin_override_reason)
        return promotions_pb2.CreatePromotionResponse(promotion=promotion_message(kept))

    async def GetPromotion(
        self, request: promotions_pb2.GetPromotionRequest, context: Any
    ) -> promotions_pb2.GetPromotionResponse:
        """One, and how many units of it were taken."""
        promotion = await self._promotions.get(request.id)
        sold = await self._allotments.sold([promotion.id] if promotion.counted else [])
        shown = promotion_message(promotion, sold.get(promotion.id, 0))
        return promotions_pb2.GetPromotionResponse(promotion=shown)

    async def ChangePromotion(
        self, request: promotions_pb2.ChangePromotionRequest, context: Any
    ) -> promotions_pb2.ChangePromotionResponse:
        """Replaces one."""
        promotion = promotion_from(request.promotion, request.by, self._clock.now())
        kept = await self._promotions.replace(promotion, request.if_version, request.margin_override_reason)
        return promotions_pb2.ChangePromotionResponse(promotion=promotion_message(kept))

    async def PausePromotion(
        self, request: promotions_pb2.PausePromotionRequest, context: Any
    ) -> promotions_pb2.PausePromotionResponse:
        """Stops one, or lets it go on."""
        check = Check()
        check.by(request.by)
        check.refuse_as(InvalidPromotion, "who pauses it must be a staff id")
        paused = await self._promotions.pause(request.id, request.paused)
        return promotions_pb2.PausePromotionResponse(promotion=promotion_message(paused))

    async def TakeUnits(
        self, request: promotions_pb2.TakeUnitsRequest, context: Any
    ) -> promotions_pb2.TakeUnitsResponse:
        """Takes units."""
        _demand_order(request.order_id, request.customer_id)
        await self._allotments.take(request.order_id, request.customer_id, wanted_from(request.claims))
        return promotions_pb2.TakeUnitsResponse()

    async def ReleaseUnits(
        self, request: promotions_pb2.ReleaseUnitsRequest, context: Any
    ) -> promotions_pb2.ReleaseUnitsResponse:
        """Gives units back."""
        _demand_order(request.order_id, request.customer_id)
        await self._allotments.release(request.order_id, request.customer_id, wanted_from(request.claims))
        return promotions_pb2.ReleaseUnitsResponse()

    async def EndPromotion(
        self, request: promotions_pb2.EndPromotionRequest, context: Any
    ) -> promotions_pb2.EndPromotionResponse:
        """Ends one."""
        check = Check()
        check.by(request.by)
        check.refuse_as(InvalidPromotion, "who ends it must be a staff id")
        ended = await self._promotions.end(request.id, request.by)
        return promotions_pb2.EndPromotionResponse(promotion=promotion_message(ended))

    async def ListPromotions(
        self, request: promotions_pb2.ListPromotionsRequest, context: Any
    ) -> promotions_pb2.ListPromotionsResponse:
        """A page."""
        items, cursor = await self._promotions.page(request.live, request.page.limit, request.page.cursor)
        shown = [promotion_message(each) for each in items]
        return promotions_pb2.ListPromotionsResponse(promotions=shown, next_cursor=cursor)

    async def ListFloorOverrides(
        self, request: promotions_pb2.ListFloorOverridesRequest, context: Any
    ) -> promotions_pb2.ListFloorOverridesResponse:
        """A page."""
        items, cursor = await self._floor.page(request.page.limit, request.page.cursor)
        shown = [floor_override(each) for each in items]
        return promotions_pb2.ListFloorOverridesResponse(overrides=shown, next_cursor=cursor)

    async def EvaluateCart(
        self, request: promotions_pb2.EvaluateCartRequest, context: Any
    ) -> promotions_pb2.EvaluateCartResponse:
        """What a cart gets."""
        _demand(_CUSTOMER, request.customer_id, "/customer_id")
        currency, goods = cart_from(request.lines)
        evaluation = await self._carts.evaluate(currency, goods, request.coupons, shopper_from(request))
        return evaluation_message(evaluation)


class CouponsApi(coupons_pb2_grpc.CouponsServiceServicer):
    """Coupons and their uses."""

    def __init__(self, coupons: Coupons, takings: Takings, clock: Clock) -> None:
        self._coupons, self._takings, self._clock = coupons, takings, clock

    async def CreateCoupon(
        self, request: coupons_pb2.CreateCouponRequest, context: Any
    ) -> coupons_pb2.CreateCouponResponse:
        """Keeps one."""
        coupon = coupon_from(request.coupon, request.by, self._clock.now(), request.template)
        kept = await self._coupons.create(coupon, request.margin_override_reason)
        return coupons_pb2.CreateCouponResponse(coupon=coupon_message(kept))

    async def GetCoupon(self, request: coupons_pb2.GetCouponRequest, context: Any) -> coupons_pb2.GetCouponResponse:
        """One."""
        return coupons_pb2.GetCouponResponse(coupon=coupon_message(await self._coupons.get(request.code)))

    async def PauseCoupon(
        self, request: coupons_pb2.PauseCouponRequest, context: Any
    ) -> coupons_pb2.PauseCouponResponse:
        """Suspends one, or not any more."""
        changed = await self._coupons.pause(request.code, paused=request.paused)
        return coupons_pb2.PauseCouponResponse(coupon=coupon_message(changed))

    async def EndCoupon(self, request: coupons_pb2.EndCouponRequest, context: Any) -> coupons_pb2.EndCouponResponse:
        """Ends one."""
        check = Check()
        check.by(request.by)
        check.refuse_as(InvalidCoupon, "who ends it must be a staff id")
        ended = await self._coupons.end(request.code, request.by)
        return coupons_pb2.EndCouponResponse(coupon=coupon_message(ended))

    async def ListCouponTemplates(
        self, request: coupons_pb2.ListCouponTemplatesRequest, context: Any
    ) -> coupons_pb2.ListCouponTemplatesResponse:
        """All."""
        return coupons_pb2.ListCouponTemplatesResponse(templates=map(template_message, TEMPLATES.values()))

    async def ListCoupons(
        self, request: coupons_pb2.ListCouponsRequest, context: Any
    ) -> coupons_pb2.ListCouponsResponse:
        """A page."""
        items, cursor = await self._coupons.page(request.page.limit, request.page.cursor)
        return coupons_pb2.ListCouponsResponse(coupons=map(coupon_message, items), next_cursor=cursor)

    async def TakeCoupons(
        self, request: coupons_pb2.TakeCouponsRequest, context: Any
    ) -> coupons_pb2.TakeCouponsResponse:
        """Takes uses."""
        _demand_order(request.order_id, request.customer_id, request.codes)
        await self._takings.take(request.order_id, request.customer_id, given_by(request))
        return coupons_pb2.TakeCouponsResponse()

    async def ReleaseCoupons(
        self, request: coupons_pb2.ReleaseCouponsRequest, context: Any
    ) -> coupons_pb2.ReleaseCouponsResponse:
        """Gives uses back."""
        _demand_order(request.order_id, request.customer_id, request.codes)
        await self._takings.release(request.order_id, request.customer_id, request.codes)
        return coupons_pb2.ReleaseCouponsResponse()


def _demand(pattern: re.Pattern[str], text: str, pointer: str) -> None:
    if not pattern.fullmatch(text):
        raise InvalidId("not an id", errors=[FieldError(pointer, "not well-formed")])


def _demand_order(order_id: str, customer_id: str, codes: Sequence[str] = ()) -> None:
    _demand(_ORDER, order_id, "/order_id")
    _demand(_CUSTOMER, customer_id, "/customer_id")
    if len(codes) > MOST_ENTERED:
        raise TooManyCodes(f"at most {MOST_ENTERED} codes")
