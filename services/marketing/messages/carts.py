"""This is where a cart comes in as a protobuf message, and goes out with what it gets."""

from collections.abc import Iterable

from shop.marketing.v1 import promotions_pb2
from shop.type.v1 import money_pb2

from services.kit.errors import FieldError, Invalid
from services.marketing.allotments import Wanted
from services.marketing.checking import MOST_MINOR, is_category, is_currency, is_promotion, is_sku, is_word
from services.marketing.claims import Claim
from services.marketing.evaluation import Applied, Evaluation
from services.marketing.explaining import nearest, of_missed
from services.marketing.offers import Missed
from services.marketing.promotions import ADD_ON
from services.marketing.selection import Goods
from services.marketing.shoppers import STOREFRONT, Shopper

from .amounts import money
from .promotions import kind_number

MOST_LINES = 1_000
_MOST_QUANTITY = 99_999
_MOST_PRICE = 10**12
_MOST_GROUPS = 1_000
_MOST_OFFERS = 20


class InvalidCart(Invalid):
    """No cart can be like this."""


def cart_from(lines: Iterable[promotions_pb2.CartLine]) -> tuple[str, list[Goods]]:
    """The currency and the goods by SKU of a cart's lines. Refuses with `InvalidCart`."""
    goods: dict[str, Goods] = {}
    currency = ""
    for place, line in enumerate(lines):
        wrong = _wrong_with(line, currency) or (place >= MOST_LINES and ("", "too many lines"))
        before = goods.get(line.sku)
        if before and before.category != line.category:
            wrong = wrong or ("/category", "the SKU's category on another line")
        if wrong:
            raise InvalidCart("this cannot be a cart", errors=[FieldError(f"/lines/{place}{wrong[0]}", wrong[1])])
        currency = line.unit_price.currency
        gross = line.quantity * line.unit_price.minor + (before.gross if before else 0)
        goods[line.sku] = Goods(line.sku, line.category, gross, line.quantity + (before.quantity if before else 0))
    if sum(each.gross for each in goods.values()) > 1_000 * MOST_MINOR:
        raise InvalidCart("no cart is worth that much", errors=[FieldError("/lines", "too much in all")])
    return currency, list(goods.values())


def shopper_from(message: promotions_pb2.EvaluateCartRequest) -> Shopper:
    """Who a cart is for. Refuses with `InvalidCart`."""
    words = [("/tier", message.tier), ("/channel", message.channel), *(("/groups", group) for group in message.groups)]
    errors = [FieldError(pointer, "not well-formed") for pointer, text in words if text and not is_word(text)]
    if errors or len(message.groups) > _MOST_GROUPS:
        raise InvalidCart("this is not a shopper", errors=errors)
    channel = message.channel or STOREFRONT
    return Shopper(message.customer_id, message.tier, frozenset(message.groups), channel)


def wanted_from(claims: Iterable[promotions_pb2.Claim]) -> list[Wanted]:
    """Units to take or to give back. Refuses with `InvalidCart`."""
    wanted = [
        Wanted(each.promotion_id, each.units, each.at_most if each.counted else None, each.limit_per_customer)
        for each in claims
    ]
    fine = all(is_promotion(each.promotion_id) and 0 < each.units <= MOST_MINOR for each in wanted)
    if not fine or len({each.promotion_id for each in wanted}) != len(wanted) or len(wanted) > MOST_LINES:
        raise InvalidCart(
            "these cannot be claims", errors=[FieldError("/claims", "each promotion once, units above 0")]
        )
    return wanted


def _wrong_with(line: promotions_pb2.CartLine, currency: str) -> tuple[str, str] | None:
    if not is_sku(line.sku):
        return "/sku", "not a SKU"
    if not is_category(line.category):
        return "/category", "not a category's id"
    if not 1 <= line.quantity <= _MOST_QUANTITY:
        return "/quantity", f"from 1 to {_MOST_QUANTITY}"
    price = line.unit_price
    if not is_currency(price.currency) or price.currency != (currency or price.currency):
        return "/unit_price/currency", "one currency of three capital letters"
    if not 0 <= price.minor <= _MOST_PRICE:
        return "/unit_price/minor", f"from 0 to {_MOST_PRICE}"
    return None


def evaluation_message(evaluation: Evaluation) -> promotions_pb2.EvaluateCartResponse:
    """What a cart gets as the contract has it."""
    problems = [
        promotions_pb2.CouponProblem(code=each.code, problem=each.problem, text=each.text)
        for each in evaluation.problems
    ]
    gifts = [
        promotions_pb2.Gift(id=each.promotion.id, sku=each.sku, quantity=each.quantity, reason=each.reason)
        for each in evaluation.gifts
    ]
    off = evaluation.freight
    return promotions_pb2.EvaluateCartResponse(
        applied=[_applied(evaluation.currency, each) for each in evaluation.applied],
        problems=problems,
        standing_matters=evaluation.standing_matters,
        gifts=gifts,
        freight=promotions_pb2.FreightOff(
            id=off.promotion.id, most=money(evaluation.currency, off.most_minor), reason=off.reason
        )
        if off
        else None,
        claims=[_claim(each) for each in evaluation.claims],
        offers=[_offer(each) for each in nearest(evaluation.missed, _MOST_OFFERS)],
    )


def _claim(claim: Claim) -> promotions_pb2.Claim:
    return promotions_pb2.Claim(
        promotion_id=claim.promotion.id,
        units=claim.units,
        at_most=claim.at_most or 0,
        counted=claim.at_most is not None,
        limit_per_customer=claim.promotion.limit_per_customer,
    )


def _offer(missed: Missed) -> promotions_pb2.Offer:
    rule = missed.promotion
    about = [each.sku for each in rule.gifts] or ([each.sku for each in rule.prices] if rule.kind == ADD_ON else [])
    return promotions_pb2.Offer(
        id=rule.id,
        code=missed.code,
        text=of_missed(missed),
        missing=money(rule.currency, missed.missing_minor),
        missing_units=missed.missing_units,
        skus=about,
        kind=kind_number(rule.kind),
    )


def _applied(currency: str, applied: Applied) -> promotions_pb2.Applied:
    return promotions_pb2.Applied(
        id=applied.id,
        scope=applied.scope,
        reason=applied.reason,
        code=applied.code,
        amount=money_pb2.Money(currency=currency, minor=applied.minor),
        skus=list(applied.shares),
        shares_minor=list(applied.shares.values()),
    )
