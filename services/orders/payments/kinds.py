"""This is where it is decided which provider takes the money of an order: the usual one, or one a wing has added."""

from services.kit.money import Money

from .provider import Moved, Payment, Provider


class Kinds:
    """One provider made of several. An added one owns the tokens `kind|…` and the payments `kind_…`; it is asked first what
    became of an order, for it keeps its books here. What has no kind of its own goes to the usual one, at no cost.

    No customer can send a token with a bar in it (`limits.payment_token`): only a wing says that money was taken elsewhere.
    """

    def __init__(self, usual: Provider) -> None:
        self._usual = usual
        self._added: dict[str, Provider] = {}

    def add(self, kind: str, provider: Provider) -> None:
        """One more kind of payment."""
        self._added[kind] = provider

    async def charge(self, reference: str, amount: Money, token: str, *, capture: bool = True) -> Payment:
        """Authorises, and captures unless told not to, once a reference."""
        provider = self._added.get(token.partition("|")[0], self._usual)
        return await provider.charge(reference, amount, token, capture=capture)

    async def find(self, reference: str) -> Payment | None:
        """The payment of a reference."""
        for provider in self._added.values():
            if (payment := await provider.find(reference)) is not None:
                return payment
        return await self._usual.find(reference)

    async def capture(self, payment_id: str, minor: int = 0, key: str = "") -> Payment:
        """Takes what was authorised, or so much of it once a key."""
        return await self._of(payment_id).capture(payment_id, minor, key)

    async def confirm(self, payment_id: str) -> Payment:
        """Goes on with what the customer has confirmed."""
        return await self._of(payment_id).confirm(payment_id)

    async def void(self, payment_id: str, key: str = "") -> None:
        """Lets go of what was not captured."""
        await self._of(payment_id).void(payment_id, key)

    async def refund(self, payment_id: str, minor: int, key: str) -> None:
        """Gives back, once a key."""
        await self._of(payment_id).refund(payment_id, minor, key)

    async def movements(self, payment_id: str) -> list[Moved]:
        """All that was done with a payment."""
        return await self._of(payment_id).movements(payment_id)

    def _of(self, payment_id: str) -> Provider:
        return self._added.get(payment_id.partition("_")[0], self._usual)
