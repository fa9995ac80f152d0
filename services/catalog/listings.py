"""This is where a listing moves through its life: draft, in review, approved, live, delisted, retired."""

from enum import StrEnum

from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, Invalid, WrongState

from .content import ListingState, Product
from .gates import Gates, Moment
from .products import ProductNotFound, Products
from .store import NotAsSeen

_TRIES = 5


class IllegalTransition(WrongState):
    """A listing in this state cannot take this step."""


class InvalidReplacement(Invalid):
    """That cannot take the place of what is retired."""


class Step(StrEnum):
    """What is done to a listing."""

    SUBMIT = "submit"
    APPROVE = "approve"
    PUBLISH = "publish"
    DELIST = "delist"
    RETIRE = "retire"


_STEPS: dict[Step, tuple[frozenset[ListingState], ListingState]] = {
    Step.SUBMIT: (frozenset({ListingState.DRAFT, ListingState.DELISTED}), ListingState.IN_REVIEW),
    Step.APPROVE: (frozenset({ListingState.IN_REVIEW}), ListingState.APPROVED),
    Step.PUBLISH: (frozenset({ListingState.APPROVED, ListingState.DELISTED}), ListingState.LIVE),
    Step.DELIST: (frozenset({ListingState.LIVE}), ListingState.DELISTED),
    Step.RETIRE: (frozenset({ListingState.DRAFT, ListingState.DELISTED}), ListingState.RETIRED),
}
_TOWARDS_SALE = frozenset({Step.SUBMIT, Step.APPROVE, Step.PUBLISH})


def move(product: Product, step: Step) -> None:
    """Takes a step, or refuses with ILLEGAL_TRANSITION. Pure."""
    sources, target = _STEPS[step]
    if product.state not in sources:
        raise IllegalTransition(f"cannot {step.value} what is {product.state.value}", state=product.state.value)
    if step is Step.PUBLISH and product.state is ListingState.DELISTED and product.changed:
        raise IllegalTransition("it was changed while it was off sale: submit it for review", state="delisted")
    product.state = target
    if step is Step.APPROVE:
        product.changed = False
    if step is Step.PUBLISH:
        product.taken_down = None


class Listings:
    """Moves listings."""

    def __init__(self, products: Products, gates: Gates, clock: Clock) -> None:
        self._products, self._gates, self._clock = products, gates, clock

    async def move(
        self, product_id: str, step: Step, by: str, merchant_id: str = "", replaced_by: str = ""
    ) -> tuple[Product, dict[str, int]]:
        """Takes a step; `replaced_by`: the product that takes the place of one that is retired. Refuses with
        PRODUCT_NOT_FOUND, ILLEGAL_TRANSITION, LISTING_REFUSED, INVALID_REPLACEMENT."""
        if replaced_by:
            await self._may_replace(product_id, step, replaced_by, merchant_id)
        for _ in range(_TRIES):
            product = await self._products.get(product_id, merchant_id)
            move(product, step)
            if step in _TOWARDS_SALE:
                await self._gates.demand(product, Moment.REVIEW)
            product.by, product.updated_at, product.replaced_by = by, self._clock.now(), replaced_by
            try:
                return product, await self._products.write(product)
            except NotAsSeen:
                continue
        raise Conflict("the listing is being changed by others")

    async def _may_replace(self, product_id: str, step: Step, replaced_by: str, merchant_id: str) -> None:
        try:
            successor = await self._products.get(replaced_by, merchant_id)
        except ProductNotFound:
            successor = None
        if step is not Step.RETIRE or successor is None or replaced_by == product_id or _is_over(successor):
            message = "must be the id of another product that is not retired"
            raise InvalidReplacement("it cannot take its place", errors=[FieldError("/replaced_by", message)])


def _is_over(product: Product) -> bool:
    return product.state is ListingState.RETIRED
