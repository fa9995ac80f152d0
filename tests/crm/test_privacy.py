"""This is where personal data are looked for in the raw database, and not found."""

from datetime import datetime
from typing import Any

import pytest
from shop.crm.v1.customers_pb2 import GetCustomerRequest, PutAddressRequest, RegisterRequest, UpdateCustomerRequest
from shop.crm.v1.staff_pb2 import CreateStaffRequest, EnrollTotpRequest
from shop.type.v1.address_pb2 import Address

from services.crm.privacy import DataKey, PersonSeal, Privacy
from services.kit.errors import NotFound
from services.kit.seal import SealBroken
from services.kit.store import Store
from tests.crm.desk import PASSWORD, Desk

CANARIES = ("canary.mail", "CANARY.MAIL", "Canaria", "Canary Street", "8613800138000", PASSWORD)


def raw_text(value: Any) -> str:
    """All a document says, bytes too, as text."""
    if isinstance(value, dict):
        return " ".join(f"{key} {raw_text(part)}" for key, part in value.items())
    if isinstance(value, list):
        return " ".join(map(raw_text, value))
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value.isoformat() if isinstance(value, datetime) else str(value)


async def everything_kept(desk: Desk) -> str:
    """The raw documents of the whole database."""
    database = desk.crm.ground.database
    texts = []
    for name in await database.list_collection_names():
        texts += [raw_text(document) async for document in database[name].find({}).hint("_id_")]
    return "\n".join(texts)


async def test_nothing_that_names_a_person_is_kept_in_clear(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="services")
    request = RegisterRequest(email="Canary.Mail@example.com", password=PASSWORD, name="Canaria")
    customer = (await desk.ask(desk.customers.Register, request)).customer
    assert customer.email == "Canary.Mail@example.com"
    address = Address(country="CN", city="x", street="Canary Street 1", name="Canaria", phone="+8613800138000")
    await desk.ask(desk.customers.PutAddress, PutAddressRequest(customer_id=customer.id, address=address))
    await desk.ask(desk.customers.UpdateCustomer, UpdateCustomerRequest(id=customer.id, patch=b'{"name": "Canaria"}'))
    await desk.sign_in("canary.mail@example.com")
    await desk.refusal(desk.customers.Register, request)
    owner = (await desk.sign_in_owner()).subject
    staff = CreateStaffRequest(
        email="canary.mail@example.com", password=PASSWORD, name="Canaria", roles=["goods"], by=owner
    )
    member = (await desk.ask(desk.staff.CreateStaff, staff)).staff
    uri = (await desk.ask(desk.staff.EnrollTotp, EnrollTotpRequest(staff_id=member.id))).uri
    secret = uri.partition("secret=")[2].partition("&")[0]
    kept = await everything_kept(desk)
    assert customer.id in kept
    for canary in (*CANARIES, secret, "owner@example.com"):
        assert canary not in kept
        assert canary not in caplog.text


async def test_who_is_forgotten_cannot_be_read_any_more(desk: Desk) -> None:
    customer = await desk.register()
    settings = desk.crm.ground.settings
    keys: Store[DataKey] = next(store for store in desk.crm.ground.stores if store.name == "keys")
    await Privacy(keys, settings.seal_key).forget(customer.id)
    refused = await desk.refusal(desk.customers.GetCustomer, GetCustomerRequest(id=customer.id))
    assert isinstance(refused, NotFound)
    assert refused.reason == "CUSTOMER_NOT_FOUND"
    change = UpdateCustomerRequest(id=customer.id, patch=b'{"name": "x"}')
    assert isinstance(await desk.refusal(desk.customers.UpdateCustomer, change), NotFound)


def test_a_field_opens_as_itself_and_for_its_person_only() -> None:
    key = b"k" * 32
    sealed = PersonSeal("cus_1", key).close("name", "李梅")
    assert PersonSeal("cus_1", key).open("name", sealed) == "李梅"
    for seal, field in [(PersonSeal("cus_1", key), "email"), (PersonSeal("cus_2", key), "name")]:
        with pytest.raises(SealBroken):
            seal.open(field, sealed)


async def test_the_blind_index_depends_on_the_master_key(desk: Desk) -> None:
    keys: Store[DataKey] = next(store for store in desk.crm.ground.stores if store.name == "keys")
    ours = Privacy(keys, desk.crm.ground.settings.seal_key)
    other = Privacy(keys, "c2hvcC1wcm9kdWN0aW9uLXNlYWwta2V5LTAwMDAwMDA=")
    assert ours.email_index("MEI@example.com") == ours.email_index("mei@example.com")
    assert ours.email_index("mei@example.com") != other.email_index("mei@example.com")
