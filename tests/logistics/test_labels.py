"""This is where labels are printed, and it is shown that they name nobody in full."""

import dataclasses
import itertools
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as some
from shop.logistics.v1 import carriers_pb2, shipments_pb2
from shop.type.v1 import money_pb2

from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.rpc import call
from services.kit.seal import Seal
from services.kit.settings import DEVELOPMENT_SEAL_KEY
from services.kit.store import Store
from services.logistics.addresses import masked_name, masked_phone
from services.logistics.carriers.sandbox import Sandbox
from services.logistics.label_formats import zpl
from services.logistics.label_pages import pdf
from services.logistics.label_texts import SIZES, Insert, LabelText, amount
from services.logistics.labels import Labels, NoLabel
from services.logistics.shipments import Shipment
from services.logistics.warehouses import Used, Warehouse, Warehouses
from tests.house import House
from tests.papers import text_of

from .neighbourhood import NAME, PHONE, STREET, paid
from .pictures import pictures
from .test_planning import parcels
from .test_scans import started


@pytest.mark.parametrize(
    ("name", "shown"),
    [("張三豐", "張**"), ("張三", "張*"), ("張", "張*"), ("", ""), ("Johann Sebastian", "J***"), (" 李 ", "李*")],
)
def test_of_a_name_the_first_letter_stays(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+8613812341234", "138****1234"),
        ("13812341234", "138****1234"),
        ("+4930123456", "493****3456"),
        ("12345", "****45"),
    ],
)
def test_of_a_phone_the_ends_stay(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


LABEL = LabelText(
    "Sandbox", "CN 上海", "SB123456789012", "張** 138****1234", "上海 ^XZ 路 ~JR 1 號", "主倉", "ord_1 1/1"
)


def test_a_pdf_has_a_page_a_label() -> None:
    document = pdf([LABEL] * 7)
    assert document.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", document)) == 7
    assert "SB123456789012" in text_of(document)
    assert b"/MediaBox [ 0 0 297.6378 419.5276 ]" in document  # A6


CARD = Insert("ABCDEFGH2345", "https://shop.example/i/ABCDEFGH2345", "掃碼進群", "領 ¥5")


def read(document: bytes) -> list[set[tuple[str, str]]]:
    """What a decoder reads off each page."""
    return [{(one.format.name, one.text) for one in zxingcpp.read_barcodes(page)} for page in pictures(document)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("waybill", ["SB123456789012", "A1", "SF1000000000000000000042", "A-B9" * 9])
def test_what_is_printed_can_be_read_back(size: str, waybill: str) -> None:
    label = dataclasses.replace(LABEL, waybill=waybill, insert=CARD)
    pages = read(pdf([label, dataclasses.replace(label, insert=None)], size))
    bars, card = {("Code128", waybill), ("QRCode", waybill)}, {("QRCode", CARD.url)}
    assert pages == ([bars, card, bars] if size == "a6" else [bars | card, bars])


@given(some.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-", min_size=1, max_size=24).filter(lambda text: text[0] != "-"))
def test_every_waybill_can_be_read_back(waybill: str) -> None:
    (page,) = read(pdf([dataclasses.replace(LABEL, waybill=waybill)]))
    assert page == {("Code128", waybill), ("QRCode", waybill)}


@pytest.mark.parametrize(("size", "paper"), [("a6", (105, 148)), ("100x180", (100, 180))])
def test_papers_are_as_large_as_they_are_called(size: str, paper: tuple[int, int]) -> None:
    document = pdf([LABEL], size)
    (box,) = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", document)
    assert tuple(round(float(side) / 72 * 25.4) for side in box) == paper
    dots = f"^PW{paper[0] * 8}^LL{paper[1] * 8}"
    assert dots in zpl([LABEL], size).decode()


def test_what_the_courier_collects_is_said_in_its_own_decimals() -> None:
    assert [amount("CNY", 123450), amount("JPY", 1250), amount("KWD", 1), amount("CNY", 5)] == [
        "CNY 1234.50",
        "JPY 1250",
        "KWD 0.001",
        "CNY 0.05",
    ]
    label = dataclasses.replace(LABEL, collect="CNY 12.50")
    for size in SIZES:
        assert "CNY 12.50" in text_of(pdf([label], size)) and "CNY 12.50" in zpl([label], size).decode()
        assert "COD" not in text_of(pdf([LABEL], size)) and "COD" not in zpl([LABEL], size).decode()


async def test_a_parcel_paid_at_the_door_says_so(house: House) -> None:
    desk, _ = await started(house)
    event = paid(house.clock, {"TEA": 1})
    event.to_collect.CopyFrom(money_pb2.Money(currency="CNY", minor=8850))
    await house.tell(event)
    await house.settled()
    (parcel,) = await parcels(desk.logistics, event.order_id)
    (other,) = await desk.planned(TEA=1)
    for form, size in itertools.product(("pdf", "zpl"), SIZES):
        asked = shipments_pb2.PrintLabelsRequest(shipment_ids=[parcel.id, other.id], format=form, size=size)
        document = (await call(desk.stub.PrintLabels, asked)).document
        said = text_of(document) if form == "pdf" else document.decode()
        assert said.count("CNY 88.50") == said.count("COD") == 1
    asked = shipments_pb2.PrintLabelsRequest(shipment_ids=[parcel.id], format="pdf", size="a4")
    with pytest.raises(Invalid):
        await call(desk.stub.PrintLabels, asked)


def test_texts_cannot_command_the_printer() -> None:
    document = zpl([LABEL, LABEL]).decode()
    assert document.count("^XA") == document.count("^XZ") == 2
    assert "~" not in document
    assert "^BCN" in document
    assert "^BQN" in document
    assert "SB123456789012" in document


async def test_staff_print_many_labels_as_one_document_with_names_masked(house: House) -> None:
    desk, _ = await started(house)
    ids = [(await desk.planned(TEA=1))[0].id for _ in range(3)]
    printed = await call(desk.stub.PrintLabels, shipments_pb2.PrintLabelsRequest(shipment_ids=ids, format="pdf"))
    assert printed.media_type == "application/pdf"
    assert len(re.findall(rb"/Type /Page\b", printed.document)) == 3
    said = text_of(printed.document)
    assert "138****1234" in said
    assert "張**" in said
    printed = await call(desk.stub.PrintLabels, shipments_pb2.PrintLabelsRequest(shipment_ids=ids, format="zpl"))
    said += printed.document.decode()
    assert STREET in said
    for personal in (NAME, PHONE, PHONE[3:]):
        assert personal not in said


class DrawsItsOwn(Sandbox):
    """A carrier with labels of its own for waybills that end in an even digit."""

    async def labels(self, waybills: Sequence[str], form: str) -> Mapping[str, bytes]:
        return {number: f"{form}-{number}".encode() for number in waybills if int(number[-1]) % 2 == 0}


async def test_a_carriers_own_labels_stand_among_ours_in_order_once_each(house: House) -> None:
    desk, _ = await started(house)
    ground = desk.logistics.ground
    kept = Store(ground.database, "shipments", Shipment, ground.relay)
    made = [(await desk.planned(TEA=1))[0] for _ in range(3)]
    for number, one in enumerate(made):
        await kept.change({"_id": one.id}, {"$set": {"waybill": f"SB{number}"}})
    homes = Warehouses(Store(ground.database, "warehouses", Warehouse, ground.relay), house.clock, _nobody_waits)
    ours = Labels(kept, homes, {"sandbox": DrawsItsOwn()}, Seal(DEVELOPMENT_SEAL_KEY), None)  # type: ignore[arg-type]
    ids = [one.id for one in made]
    document, _ = await ours.of_shipments(ids, "zpl")
    first, *ours_drawn, last = document.decode().split("\n")
    assert (first, last) == ("zpl-SB0", "zpl-SB2")
    drawn = "\n".join(ours_drawn)
    assert drawn.count("^XA") == 1 and "SB1" in drawn
    assert (await ours.of_shipments(ids[:1], "pdf"))[0] == b"pdf-SB0"
    assert (await ours.of_shipments(ids[1:2], "pdf"))[0].startswith(b"%PDF-")
    with pytest.raises(NoLabel):
        await ours.of_shipments(ids, "pdf")


async def _nobody_waits(_warehouse: str, _since: datetime) -> Used:
    return Used()


async def test_a_carrier_gets_the_label_of_its_waybill(house: House) -> None:
    desk, courier = await started(house)
    (parcel,) = await desk.planned(TEA=1)
    for form in ("pdf", "zpl"):
        request = carriers_pb2.GetLabelRequest(proof=courier.proof(), waybill=parcel.waybill, format=form)
        label = await call(courier.stub.GetLabel, request)
        assert label.media_type == f"application/{form}"
        assert label.document
    for waybill in ("SB000000000000", "", "\x00", "$ne"):
        request = carriers_pb2.GetLabelRequest(proof=courier.proof(), waybill=waybill, format="pdf")
        with pytest.raises(NotFound):
            await call(courier.stub.GetLabel, request)


async def test_what_cannot_be_printed_is_refused(house: House) -> None:
    desk, _ = await started(house)
    (parcel,), (stopped,) = await desk.planned(TEA=1), await desk.planned(TEA=1)
    await desk.stop(stopped.order_id)
    for ids, form, kind, reason in (
        ([parcel.id], "png", Invalid, "INVALID_FORMAT"),
        ([], "pdf", Invalid, "INVALID_LABELS"),
        ([parcel.id] * 2, "pdf", Invalid, "INVALID_LABELS"),
        ([f"shp_{n}" for n in range(501)], "pdf", Invalid, "INVALID_LABELS"),
        ([parcel.id, "shp_none"], "pdf", NotFound, "SHIPMENT_NOT_FOUND"),
        ([stopped.id], "pdf", WrongState, "NO_LABEL"),
    ):
        with pytest.raises(kind) as refused:
            await call(desk.stub.PrintLabels, shipments_pb2.PrintLabelsRequest(shipment_ids=ids, format=form))
        assert refused.value.reason == reason


async def test_a_broken_seal_hides_the_address_and_nothing_else(house: House) -> None:
    desk, _ = await started(house)
    (parcel,) = await desk.planned(TEA=1)
    kept = desk.logistics.ground.database["shipments"]
    await kept.update_one({"_id": parcel.id}, {"$set": {"sealed_address": b"broken"}})
    shown = (await call(desk.stub.GetShipment, shipments_pb2.GetShipmentRequest(id=parcel.id))).shipment
    assert (shown.address.city, shown.address.name, shown.waybill) == ("上海市", "", parcel.waybill)
