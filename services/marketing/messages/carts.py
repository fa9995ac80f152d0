"""This is where a cart comes in as a protobuf message, and goes out with what it gets."""

from collections.abc import Iterable

from shop.marketing.v1 import promotions_pb2
from shop.type.v1 import money_pb2

from services.kit.errors import FieldError, Invalid
from services.marketing.checking import MOST_MINOR, is_category, is_currency, is_sku, is_word
from services.marketing.evaluation import Applied, Evaluation
from services.marketing.selection import Goods
from services.marketing.shoppers import STOREFRONT, Shopper

MOST_LINES = 1_000
_MOST_QUANTITY = 99_999
_MOST_PRICE = 10**12
_MOST_GROUPS = 1_000


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
        goods[line.sku] = Goods(line.sku, line.category, gross)
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
    return promotions_pb2.EvaluateCartResponse(
        applied=[_applied(evaluation.currency, each) for each in evaluation.applied],
        problems=[
            promotions_pb2.CouponProblem(code=each.code, problem=each.problem, text=each.text)
            for each in evaluation.problems
        ],
        standing_matters=evaluation.standing_matters,
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
