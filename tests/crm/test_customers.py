"""This is where customers register, look at themselves and change."""

import json

import pytest
from shop.crm.v1.customers_pb2 import (
    Customer,
    GetCustomerRequest,
    RegisterRequest,
    UpdateCustomerRequest,
)
from shop.crm.v1.events_pb2 import CustomerRegistered

from services.kit.errors import AlreadyExists, Conflict, Invalid, NotFound
from tests.crm.desk import PASSWORD, Desk, paid, together


async def test_somebody_registers_and_sees_themselves(desk: Desk) -> None:
    registered = await desk.register()
    assert (registered.email, registered.name, registered.language) == ("mei@example.com", "李梅", "zh-CN")
    assert (registered.tier, registered.points, registered.marketing_consent, registered.version) == (
        "basic",
        0,
        False,
        1,
    )
    assert await desk.look(registered.id) == registered


async def test_registering_is_told_without_saying_who(desk: Desk) -> None:
    customer = await desk.register()
    await desk.house.settled()
    told = desk.house.told(CustomerRegistered)
    assert [event.customer_id for event in told] == [customer.id]
    assert "mei" not in str(told[0])


@pytest.mark.parametrize("again", ["mei@example.com", "MEI@Example.COM", " mei@example.com "])
async def test_an_address_registers_once_however_it_is_written(desk: Desk, again: str) -> None:
    await desk.register()
    request = RegisterRequest(email=again, password=PASSWORD, name="Another")
    refused = await desk.refusal(desk.customers.Register, request)
    assert isinstance(refused, AlreadyExists)
    assert refused.reason == "EMAIL_TAKEN"


async def test_the_same_request_ten_times_at_once_makes_one_customer(desk: Desk) -> None:
    answers = await together(*(desk.register() for _ in range(10)))
    assert sum(isinstance(answer, Customer) for answer in answers) == 1
    assert {answer.reason for answer in answers if isinstance(answer, AlreadyExists)} == {"EMAIL_TAKEN"}
    await desk.house.settled()
    assert len(desk.house.told(CustomerRegistered)) == 1
    database = desk.crm.ground.database
    assert await database["keys"].estimated_document_count() == 2  # hers and the owner's: the losers left none


@pytest.mark.parametrize(
    ("request_", "reason", "pointer"),
    [
        (RegisterRequest(email="nobody", password=PASSWORD, name="x"), "INVALID_EMAIL", "/email"),
        (RegisterRequest(email="a@example.com", password="short", name="x"), "WEAK_PASSWORD", "/password"),
        (RegisterRequest(email="a@example.com", password="a@example.com", name="x"), "WEAK_PASSWORD", "/password"),
        (RegisterRequest(email="a@example.com", password=PASSWORD, name="\x00"), "INVALID_NAME", "/name"),
        (RegisterRequest(email="x" * 200_000, password="y" * 200_000, name="z"), "INVALID_EMAIL", "/email"),
    ],
)
async def test_bad_registrations_say_what_is_bad(
    desk: Desk, request_: RegisterRequest, reason: str, pointer: str
) -> None:
    refused = await desk.refusal(desk.customers.Register, request_)
    assert isinstance(refused, Invalid)
    assert (refused.reason, [error.pointer for error in refused.errors]) == (reason, [pointer])


async def test_nobody_is_not_found(desk: Desk) -> None:
    refused = await desk.refusal(desk.customers.GetCustomer, GetCustomerRequest(id="cus_nobody"))
    assert isinstance(refused, NotFound)
    assert refused.reason == "CUSTOMER_NOT_FOUND"


async def test_a_merge_patch_changes_what_it_names(desk: Desk) -> None:
    customer = await desk.register()
    patch = json.dumps({"name": "Mei Li", "language": "en", "marketing_consent": True}).encode()
    request = UpdateCustomerRequest(id=customer.id, if_version=customer.version, patch=patch)
    changed = (await desk.ask(desk.customers.UpdateCustomer, request)).customer
    assert (changed.name, changed.language, changed.marketing_consent) == ("Mei Li", "en", True)
    assert changed.version == customer.version + 1
    back = UpdateCustomerRequest(id=customer.id, patch=b'{"language": null, "marketing_consent": null}')
    changed = (await desk.ask(desk.customers.UpdateCustomer, back)).customer
    assert (changed.name, changed.language, changed.marketing_consent) == ("Mei Li", "zh-CN", False)


async def test_a_change_of_what_has_changed_meanwhile_is_refused(desk: Desk) -> None:
    customer = await desk.register()
    request = UpdateCustomerRequest(id=customer.id, if_version=1, patch=b'{"language": "en"}')
    await desk.ask(desk.customers.UpdateCustomer, request)
    refused = await desk.refusal(desk.customers.UpdateCustomer, request)
    assert isinstance(refused, Conflict)
    assert refused.reason == "VERSION_MISMATCH"


async def test_changes_at_the_same_moment_all_happen(desk: Desk) -> None:
    customer = await desk.register()
    request = UpdateCustomerRequest(id=customer.id, patch=b'{"language": "en"}')
    answers = await together(*(desk.ask(desk.customers.UpdateCustomer, request) for _ in range(8)))
    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    assert (await desk.look(customer.id)).version == 9


@pytest.mark.parametrize(
    "patch",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b'{"name": 1}',
        b'{"name": null}',
        b'{"language": "de"}',
        b'{"marketing_consent": "yes"}',
        b'{"tier": "platinum"}',
        b'{"points": 1000}',
        b'{"password_hash": ""}',
        b'{"language": {"$ne": "en"}}',
        b'{"name": NaN}',
        b"[" * 2000,
        b'{"name": "' + b"x" * 5000 + b'"}',
    ],
)
async def test_what_is_no_patch_is_refused(desk: Desk, patch: bytes) -> None:
    customer = await desk.register()
    refused = await desk.refusal(desk.customers.UpdateCustomer, UpdateCustomerRequest(id=customer.id, patch=patch))
    assert isinstance(refused, Invalid)
    assert await desk.look(customer.id) == customer


async def test_the_tier_rises_with_what_is_paid_and_kept(desk: Desk) -> None:
    customer = await desk.register()
    for number, (minor, tier) in enumerate(
        [(99_999, "basic"), (1, "silver"), (400_000, "gold"), (1_500_000, "platinum")]
    ):
        order = paid(customer.id, f"ord_{number}", minor)
        await desk.house.tell(order)
        await desk.house.tell(order)
        await desk.house.settled()
        assert (await desk.look(customer.id)).tier == tier


async def test_orders_of_guests_and_strangers_change_nothing(desk: Desk) -> None:
    await desk.house.tell(paid("", "ord_1", 10_000))
    await desk.house.tell(paid("cus_stranger", "ord_2", 10_000))
    await desk.house.settled()
    assert await desk.crm.ground.database["wallets"].estimated_document_count() == 0
    assert await desk.crm.ground.database["parked"].estimated_document_count() == 0
