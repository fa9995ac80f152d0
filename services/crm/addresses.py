"""This is where a customer's address book is kept: at most twenty, sealed, one of them preferred."""

from dataclasses import replace

import msgspec

from services.kit.errors import NotFound, WrongState
from services.kit.ids import new_id
from services.kit.store import Store

from .customers import Customer, Customers, SavedAddress, SealedAddress, open_addresses
from .people import Address, fit_address
from .privacy import PersonSeal, Privacy
from .races import until_saved

_MOST = 20


class AddressNotFound(NotFound):
    """There is no such address in this customer's book."""


class AddressBookFull(WrongState):
    """Twenty are kept; take one out first."""


class AddressBook:
    """Puts in, changes, takes out."""

    def __init__(self, store: Store[Customer], customers: Customers, privacy: Privacy) -> None:
        self._store, self._customers, self._privacy = store, customers, privacy

    async def put(self, customer_id: str, address_id: str, typed: Address, *, preferred: bool) -> SavedAddress:
        """Keeps a new address, or changes the one named. The same address again is not kept twice.

        Refuses with CUSTOMER_NOT_FOUND, ADDRESS_NOT_FOUND, ADDRESS_BOOK_FULL, INVALID_ADDRESS.
        """
        address = fit_address(typed)

        async def attempt() -> SavedAddress:
            customer = await self._customers.kept(customer_id)
            seal = await self._privacy.of(customer_id)
            saved = SavedAddress(address_id or _known(customer, seal, address) or new_id("adr"), address, preferred)
            _put(customer, seal, saved, self._privacy.phone_index(address.phone), new=not address_id)
            await self._store.save(customer)
            return saved

        return await until_saved(attempt)

    async def delete(self, customer_id: str, address_id: str) -> None:
        """Takes one out; an unknown one changes nothing. Refuses with CUSTOMER_NOT_FOUND."""

        async def attempt() -> None:
            customer = await self._customers.kept(customer_id)
            left = [kept for kept in customer.addresses if kept.id != address_id]
            if len(left) < len(customer.addresses):
                customer.addresses = left
                await self._store.save(customer)

        await until_saved(attempt)


def _known(customer: Customer, seal: PersonSeal, address: Address) -> str:
    # A request that was sent twice must not fill the book.
    return next((saved.id for saved in open_addresses(customer, seal) if saved.address == address), "")


def _put(customer: Customer, seal: PersonSeal, saved: SavedAddress, phone_index: bytes, *, new: bool) -> None:
    place = next((i for i, kept in enumerate(customer.addresses) if kept.id == saved.id), None)
    if place is None and not new:
        raise AddressNotFound("no such address in the book")
    if place is None and len(customer.addresses) >= _MOST:
        raise AddressBookFull(f"at most {_MOST} addresses are kept")
    if saved.preferred:
        customer.addresses = [replace(kept, preferred=False) for kept in customer.addresses]
    sealed = seal.close(saved.id, msgspec.json.encode(saved.address).decode())
    kept = SealedAddress(saved.id, sealed, saved.preferred, phone_index)
    if place is None:
        customer.addresses.append(kept)
    else:
        customer.addresses[place] = kept
