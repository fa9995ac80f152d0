"""This is where staff sign in, make accounts and prove a second factor."""

import jwt
import pyotp
import pytest
from shop.crm.v1.sessions_pb2 import Tokens
from shop.crm.v1.staff_pb2 import (
    ConfirmTotpRequest,
    CreateStaffRequest,
    EnrollTotpRequest,
    ListStaffRequest,
    SignInStaffRequest,
    Staff,
)

from services.crm.settings import CrmSettings
from services.kit.errors import AlreadyExists, Exhausted, Invalid, NotAllowed, NotFound, NotSignedIn, WrongState
from services.kit.settings import InsecureSettings
from tests.crm.desk import OWNER, OWNER_PASSWORD, PASSWORD, Desk, together


def claims_of(tokens: Tokens) -> dict[str, object]:
    """What the access token says; that it is signed is tested with the sessions."""
    return jwt.decode(tokens.access_token, options={"verify_signature": False})


async def hire(desk: Desk, *roles: str, by: str = "", email: str = "wang@example.com") -> Staff:
    """A sub-account."""
    by = by or (await desk.sign_in_owner()).subject
    request = CreateStaffRequest(email=email, password=PASSWORD, name="王芳", roles=roles, by=by)
    member: Staff = (await desk.ask(desk.staff.CreateStaff, request)).staff
    return member


async def enrolled(desk: Desk, staff_id: str) -> pyotp.TOTP:
    """A telephone with the staff member's second factor on it, proved."""
    uri = (await desk.ask(desk.staff.EnrollTotp, EnrollTotpRequest(staff_id=staff_id))).uri
    phone = pyotp.parse_uri(uri)
    assert isinstance(phone, pyotp.TOTP)
    await desk.ask(desk.staff.ConfirmTotp, ConfirmTotpRequest(staff_id=staff_id, code=code(desk, phone)))
    return phone


def code(desk: Desk, phone: pyotp.TOTP, steps: int = 0) -> str:
    """What the telephone shows now, or some steps from now."""
    return phone.at(int(desk.house.clock.now().timestamp()) + 30 * steps)


async def test_the_owner_is_there_from_the_first_start_and_made_once(desk: Desk) -> None:
    tokens = await desk.sign_in_owner()
    claims = claims_of(tokens)
    assert (claims["aud"], claims["roles"], claims["sub"]) == ("staff", ["owner"], tokens.subject)
    await desk.crm.stop()
    again = Desk(desk.house, await desk.house.start("crm"))
    assert (await again.sign_in_owner()).subject == tokens.subject
    assert len((await again.ask(again.staff.ListStaff, ListStaffRequest())).staff) == 1


def test_the_development_owner_is_refused_in_production() -> None:
    with pytest.raises(InsecureSettings, match="TOKEN_KEY, OWNER_PASSWORD"):
        CrmSettings(shop_env="production", seal_key="c2hvcC1wcm9kdWN0aW9uLXNlYWwta2V5LTAwMDAwMDA=")


async def test_a_sub_account_signs_in_with_its_roles(desk: Desk) -> None:
    member = await hire(desk, "orders", "goods", "goods")
    assert (member.email, member.name, [*member.roles], member.totp) == (
        "wang@example.com",
        "王芳",
        ["goods", "orders"],
        False,
    )
    request = SignInStaffRequest(email="WANG@example.com", password=PASSWORD)
    tokens = (await desk.ask(desk.staff.SignInStaff, request)).tokens
    assert claims_of(tokens)["roles"] == ["goods", "orders"]
    refreshed = await desk.refresh(tokens.refresh_token)
    assert (claims_of(refreshed)["aud"], claims_of(refreshed)["roles"]) == ("staff", ["goods", "orders"])


async def test_everybody_is_listed_by_address(desk: Desk) -> None:
    await hire(desk, "support", email="bo@example.com")
    staff = (await desk.ask(desk.staff.ListStaff, ListStaffRequest())).staff
    assert [(member.email, [*member.roles]) for member in staff] == [
        ("bo@example.com", ["support"]),
        (OWNER, ["owner"]),
    ]


@pytest.mark.parametrize(
    ("changed", "kind", "reason"),
    [
        ({"email": OWNER}, AlreadyExists, "EMAIL_TAKEN"),
        ({"email": "nobody"}, Invalid, "INVALID_EMAIL"),
        ({"password": "short"}, Invalid, "WEAK_PASSWORD"),
        ({"name": ""}, Invalid, "INVALID_NAME"),
        ({"roles": ["god"]}, Invalid, "UNKNOWN_ROLE"),
        ({"roles": []}, Invalid, "UNKNOWN_ROLE"),
        ({"by": "stf_nobody"}, NotFound, "STAFF_NOT_FOUND"),
        ({"by": "cus_somebody"}, Invalid, "INVALID_ID"),
    ],
)
async def test_bad_accounts_say_what_is_bad(
    desk: Desk, changed: dict[str, object], kind: type[Exception], reason: str
) -> None:
    owner = (await desk.sign_in_owner()).subject
    fine = {"email": "wang@example.com", "password": PASSWORD, "name": "王芳", "roles": ["goods"], "by": owner}
    refused = await desk.refusal(desk.staff.CreateStaff, CreateStaffRequest(**(fine | changed)))  # type: ignore[arg-type]
    assert isinstance(refused, kind)
    assert refused.reason == reason


async def test_only_an_owner_makes_accounts(desk: Desk) -> None:
    member = await hire(desk, "goods")
    request = CreateStaffRequest(email="x@example.com", password=PASSWORD, name="x", roles=["owner"], by=member.id)
    refused = await desk.refusal(desk.staff.CreateStaff, request)
    assert isinstance(refused, NotAllowed)


async def test_staff_and_customers_may_share_an_address_but_not_a_door(desk: Desk) -> None:
    await hire(desk, "goods", email="mei@example.com")
    customer = await desk.register("mei@example.com")
    assert (await desk.sign_in("mei@example.com")).subject == customer.id


async def test_with_a_second_factor_the_password_does_not_suffice(desk: Desk) -> None:
    owner = (await desk.sign_in_owner()).subject
    phone = await enrolled(desk, owner)
    request = SignInStaffRequest(email=OWNER, password=OWNER_PASSWORD)
    refused = await desk.refusal(desk.staff.SignInStaff, request)
    assert isinstance(refused, NotSignedIn)
    assert refused.reason == "TOTP_REQUIRED"
    desk.house.clock.advance(seconds=60)
    assert (await desk.sign_in_owner(code(desk, phone))).subject == owner
    staff = (await desk.ask(desk.staff.ListStaff, ListStaffRequest())).staff
    assert [member.totp for member in staff] == [True]


async def test_a_code_is_good_once(desk: Desk) -> None:
    owner = (await desk.sign_in_owner()).subject
    phone = await enrolled(desk, owner)
    used = SignInStaffRequest(email=OWNER, password=OWNER_PASSWORD, totp=code(desk, phone))
    assert (await desk.refusal(desk.staff.SignInStaff, used)).reason == "WRONG_CREDENTIALS"  # by the confirmation
    desk.house.clock.advance(seconds=60)
    answers = await together(*(desk.sign_in_owner(code(desk, phone)) for _ in range(4)))
    assert sum(isinstance(answer, Tokens) for answer in answers) == 1


async def test_a_telephone_may_be_one_step_off_but_not_two(desk: Desk) -> None:
    owner = (await desk.sign_in_owner()).subject
    phone = await enrolled(desk, owner)
    for steps, fits in [(-1, True), (-2, False), (2, False), (1, True)]:
        desk.house.clock.advance(seconds=120)
        request = SignInStaffRequest(email=OWNER, password=OWNER_PASSWORD, totp=code(desk, phone, steps))
        if fits:
            await desk.ask(desk.staff.SignInStaff, request)
        else:
            assert (await desk.refusal(desk.staff.SignInStaff, request)).reason == "WRONG_CREDENTIALS"


async def test_five_wrong_codes_lock(desk: Desk) -> None:
    owner = (await desk.sign_in_owner()).subject
    phone = await enrolled(desk, owner)
    desk.house.clock.advance(seconds=60)
    for wrong in ["12345", "abcdef", "٣٣٣٣٣٣", "1234567", str((int(code(desk, phone)) + 1) % 1_000_000).zfill(6)]:
        request = SignInStaffRequest(email=OWNER, password=OWNER_PASSWORD, totp=wrong)
        assert (await desk.refusal(desk.staff.SignInStaff, request)).reason == "WRONG_CREDENTIALS"
    right = SignInStaffRequest(email=OWNER, password=OWNER_PASSWORD, totp=code(desk, phone))
    refused = await desk.refusal(desk.staff.SignInStaff, right)
    assert isinstance(refused, Exhausted)
    assert refused.reason == "TOO_MANY_TRIES"


async def test_a_second_factor_is_on_only_when_proved(desk: Desk) -> None:
    owner = (await desk.sign_in_owner()).subject
    enroll = EnrollTotpRequest(staff_id=owner)
    old = pyotp.parse_uri((await desk.ask(desk.staff.EnrollTotp, enroll)).uri)
    await desk.sign_in_owner()
    new = pyotp.parse_uri((await desk.ask(desk.staff.EnrollTotp, enroll)).uri)
    assert isinstance(old, pyotp.TOTP)
    assert isinstance(new, pyotp.TOTP)
    wrong = ConfirmTotpRequest(staff_id=owner, code=code(desk, old))
    refused = await desk.refusal(desk.staff.ConfirmTotp, wrong)
    assert isinstance(refused, Invalid)
    assert refused.reason == "WRONG_CODE"
    await desk.ask(desk.staff.ConfirmTotp, ConfirmTotpRequest(staff_id=owner, code=code(desk, new)))
    assert isinstance(await desk.refusal(desk.staff.EnrollTotp, enroll), WrongState)


async def test_a_staff_session_ends_unused_after_its_idle_time(desk: Desk) -> None:
    await desk.crm.stop()
    strict = Desk(desk.house, await desk.house.start("crm", staff_idle_minutes=15))
    tokens = await strict.sign_in_owner()
    strict.house.clock.advance(minutes=14)
    tokens = await strict.refresh(tokens.refresh_token)
    strict.house.clock.advance(minutes=15)
    with pytest.raises(NotSignedIn):
        await strict.refresh(tokens.refresh_token)


async def test_a_merchants_account_says_in_its_tokens_whose_it_is(desk: Desk) -> None:
    owner = (await desk.sign_in_owner()).subject
    account = {"email": "li@example.com", "password": PASSWORD, "name": "李", "by": owner}
    request = CreateStaffRequest(**account, roles=["merchant"], merchant_id="mer_1")
    assert (await desk.ask(desk.staff.CreateStaff, request)).staff.merchant_id == "mer_1"
    tokens = (
        await desk.ask(desk.staff.SignInStaff, SignInStaffRequest(email="li@example.com", password=PASSWORD))
    ).tokens
    for pair in (tokens, await desk.refresh(tokens.refresh_token)):
        assert (claims_of(pair)["roles"], claims_of(pair)["mer"]) == (["merchant"], "mer_1")
    assert claims_of(await desk.sign_in_owner())["mer"] == "self"


@pytest.mark.parametrize(
    ("roles", "merchant"),
    [
        (["merchant"], ""),
        (["merchant"], "self"),
        (["goods"], "mer_1"),
        (["owner", "merchant"], "mer_1"),
        (["merchant"], "mer 1"),
    ],
)
async def test_a_merchants_account_has_the_one_role_and_nobody_else_has_it(
    desk: Desk, roles: list[str], merchant: str
) -> None:
    owner = (await desk.sign_in_owner()).subject
    request = CreateStaffRequest(
        email="li@example.com", password=PASSWORD, name="李", roles=roles, by=owner, merchant_id=merchant
    )
    assert (await desk.refusal(desk.staff.CreateStaff, request)).reason == "INVALID_ACCOUNT"
