"""This is where a listing moves through its life: draft, in review, approved, live, delisted."""

from enum import StrEnum

from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, WrongState

from .content import ListingState, Product
from .gates import Gates, Moment
from .products import Products
from .store import NotAsSeen

_TRIES = 5


class IllegalTransition(WrongState):
    """A listing in this state cannot take this step."""


class ListingIncomplete(WrongState):
    """A customer would miss something."""


class Step(StrEnum):
    """What is done to a listing."""

    SUBMIT = "submit"
    APPROVE = "approve"
    PUBLISH = "publish"
    DELIST = "delist"


_STEPS: dict[Step, tuple[frozenset[ListingState], ListingState]] = {
    Step.SUBMIT: (frozenset({ListingState.DRAFT, ListingState.DELISTED}), ListingState.IN_REVIEW),
    Step.APPROVE: (frozenset({ListingState.IN_REVIEW}), ListingState.APPROVED),
    Step.PUBLISH: (frozenset({ListingState.APPROVED, ListingState.DELISTED}), ListingState.LIVE),
    Step.DELIST: (frozenset({ListingState.LIVE}), ListingState.DELISTED),
}


def lacks(product: Product, *, photos: bool) -> list[FieldError]:
    """What a listing lacks before customers may see it."""
    faults = []
    if not product.title:
        faults.append(FieldError("/title", "must not be empty"))
    if not product.category:
        faults.append(FieldError("/category", "must not be empty"))
    if not product.variants:
        faults.append(FieldError("/variants", "must be at least one"))
    if photos and not product.media:
        faults.append(FieldError("/media", "must be at least one"))
    return faults


def move(product: Product, step: Step, *, photos: bool) -> None:
    """Takes a step, or refuses with ILLEGAL_TRANSITION or LISTING_INCOMPLETE. Pure."""
    sources, target = _STEPS[step]
    if product.state not in sources:
        raise IllegalTransition(f"cannot {step.value} what is {product.state.value}", state=product.state.value)
    if step is Step.PUBLISH and product.state is ListingState.DELISTED and product.changed:
        raise IllegalTransition("it was changed while it was off sale: submit it for review", state="delisted")
    if step is not Step.DELIST and (faults := lacks(product, photos=photos)):
        names = ", ".join(fault.pointer.removeprefix("/") for fault in faults)
        raise ListingIncomplete(f"it lacks {names}", errors=faults)
    product.state = target
    if step is Step.PUBLISH:
        product.taken_down = None
    if step is Step.APPROVE:
        product.changed = False


class Listings:
    """Moves listings. `photos`: whether one is needed to go on sale."""

    def __init__(self, products: Products, gates: Gates, clock: Clock, *, photos: bool) -> None:
        self._products, self._gates, self._clock, self._photos = products, gates, clock, photos

    async def move(self, product_id: str, step: Step, by: str, merchant_id: str = "") -> tuple[Product, dict[str, int]]:
        """Takes a step. Refuses with PRODUCT_NOT_FOUND, ILLEGAL_TRANSITION, LISTING_INCOMPLETE, LISTING_REFUSED."""
        for _ in range(_TRIES):
            product = await self._products.get(product_id, merchant_id)
            move(product, step, photos=self._photos)
            if step is not Step.DELIST:
                await self._gates.demand(product, Moment.REVIEW)
            product.by, product.updated_at = by, self._clock.now()
            try:
                return product, await self._products.write(product)
            except NotAsSeen:
                continue
        raise Conflict("the listing is being changed by others")
