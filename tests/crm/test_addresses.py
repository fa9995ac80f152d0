"""This is where the address book is written."""

from shop.crm.v1.customers_pb2 import DeleteAddressRequest, PutAddressRequest, SavedAddress
from shop.type.v1.address_pb2 import Address

from services.kit.errors import Invalid, NotFound, WrongState
from tests.crm.desk import Desk, together


def home(street: str = "文三路 1 号") -> Address:
    """An address."""
    return Address(
        country="CN",
        province="浙江省",
        city="杭州市",
        district="西湖区",
        street=street,
        name="李梅",
        phone="+8613800138000",
    )


async def put(
    desk: Desk, customer_id: str, address: Address, address_id: str = "", *, preferred: bool = False
) -> SavedAddress:
    """Keeps it."""
    request = PutAddressRequest(customer_id=customer_id, id=address_id, address=address, preferred=preferred)
    saved: SavedAddress = (await desk.ask(desk.customers.PutAddress, request)).saved
    return saved


async def test_an_address_is_kept_changed_and_taken_out(desk: Desk) -> None:
    customer = await desk.register()
    saved = await put(desk, customer.id, home())
    assert [*(await desk.look(customer.id)).addresses] == [saved]
    changed = await put(desk, customer.id, home("龙井路 2 号"), saved.id)
    assert (changed.id, changed.address.street) == (saved.id, "龙井路 2 号")
    assert [*(await desk.look(customer.id)).addresses] == [changed]
    for _ in range(2):
        await desk.ask(desk.customers.DeleteAddress, DeleteAddressRequest(customer_id=customer.id, id=saved.id))
    assert [*(await desk.look(customer.id)).addresses] == []


async def test_one_address_is_preferred(desk: Desk) -> None:
    customer = await desk.register()
    first = await put(desk, customer.id, home("1"), preferred=True)
    second = await put(desk, customer.id, home("2"), preferred=True)
    book = (await desk.look(customer.id)).addresses
    assert {saved.id: saved.preferred for saved in book} == {first.id: False, second.id: True}


async def test_the_same_request_twice_keeps_one_address(desk: Desk) -> None:
    customer = await desk.register()
    assert await put(desk, customer.id, home()) == await put(desk, customer.id, home())
    assert len((await desk.look(customer.id)).addresses) == 1


async def test_the_book_holds_twenty_even_when_all_come_at_once(desk: Desk) -> None:
    customer = await desk.register()
    answers = await together(*(put(desk, customer.id, home(str(number))) for number in range(25)))
    assert len((await desk.look(customer.id)).addresses) == 20
    refusals = [answer for answer in answers if isinstance(answer, WrongState)]
    assert {refused.reason for refused in refusals} == {"ADDRESS_BOOK_FULL"}
    assert len(refusals) == 5


async def test_an_address_of_another_book_is_not_found(desk: Desk) -> None:
    mei, lan = await desk.register(), await desk.register("lan@example.com")
    saved = await put(desk, mei.id, home())
    request = PutAddressRequest(customer_id=lan.id, id=saved.id, address=home("mine now"))
    refused = await desk.refusal(desk.customers.PutAddress, request)
    assert isinstance(refused, NotFound)
    assert refused.reason == "ADDRESS_NOT_FOUND"
    await desk.ask(desk.customers.DeleteAddress, DeleteAddressRequest(customer_id=lan.id, id=saved.id))
    assert [*(await desk.look(mei.id)).addresses] == [saved]


async def test_a_bad_address_says_which_parts(desk: Desk) -> None:
    customer = await desk.register()
    request = PutAddressRequest(customer_id=customer.id, address=Address(country="China", name="x"))
    refused = await desk.refusal(desk.customers.PutAddress, request)
    assert isinstance(refused, Invalid)
    assert refused.reason == "INVALID_ADDRESS"
    assert {error.pointer for error in refused.errors} == {
        "/address/country",
        "/address/city",
        "/address/street",
        "/address/phone",
    }
