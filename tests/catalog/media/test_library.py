"""This is where pictures are uploaded, shown, declared and thrown away, on a real database."""

import asyncio
import sys
from datetime import timedelta
from typing import Any

import pytest
from shop.catalog.v1 import media_pb2 as pb
from shop.catalog.v1 import media_pb2_grpc, products_pb2
from shop.catalog.v1.events_pb2 import NoticeRaised

from services.catalog.media.assets import Asset
from services.catalog.media.rights import Licences
from services.catalog.media.store import ASSETS
from services.catalog.notices import Notice, Notices
from services.catalog.store import NOTICES, Table
from services.kit.clock import rfc3339
from services.kit.errors import Conflict, Invalid, NotFound, WrongState
from services.kit.rpc import call
from services.kit.store import Turnstile
from tests.catalog.counter import Counter, all_at_once, cny, reasons
from tests.catalog.media.drawing import goods, packed
from tests.house import House

GOOD = packed(goods(900))


class Desk:
    """The library's door."""

    def __init__(self, counter: Counter) -> None:
        self.counter, self.stub = counter, media_pb2_grpc.MediaServiceStub(counter.started.channel)

    async def upload(self, content: bytes = GOOD, purpose: str = "main", **more: str) -> pb.UploadMediaResponse:
        request = pb.UploadMediaRequest(content=content, purpose=purpose, by="stf", **more)
        return await call(self.stub.UploadMedia, request, timeout_s=20)

    async def show(self, key: str, width: int = 0, seen: str = "", staff: bool = False) -> pb.ShowMediaResponse:
        return await call(self.stub.ShowMedia, pb.ShowMediaRequest(id=key, width=width, seen=seen, staff=staff))

    async def declare(self, key: str, if_version: int = 0, **rights: Any) -> pb.Asset:
        declared = pb.MediaRights(**({"kind": "original", "holder": "The shop", "declared_by": "stf"} | rights))
        request = pb.SetMediaRightsRequest(id=key, rights=declared, if_version=if_version)
        return (await call(self.stub.SetMediaRights, request)).media

    async def remove(self, key: str) -> None:
        await call(self.stub.DeleteMedia, pb.DeleteMediaRequest(id=key))


@pytest.fixture
async def desk(counter: Counter) -> Desk:
    """A running catalog's library with nothing in it."""
    return Desk(counter)


async def test_the_same_upload_is_there_once_however_often_it_comes(desk: Desk) -> None:
    answers = await all_at_once(*(desk.upload(alt="A mug") for _ in range(3)))
    assert reasons(answers) == []
    assert len({answer.media.id for answer in answers}) == 1
    assert [answer.replayed for answer in answers].count(False) == 1
    again = await desk.upload(alt="another text")
    assert again.replayed and again.media.alt == "A mug"
    assert await desk.counter.database["media"].count_documents({"_id": again.media.id}) == 1
    kept = [each["_id"] async for each in desk.counter.database["media_pictures"].find({}, {"_id": 1}).sort("_id", 1)]
    assert len(kept) == 4  # as it is and three widths


async def test_the_service_itself_never_loads_what_works_on_pixels() -> None:
    code = "import sys, services.catalog.service; print(*{'PIL', 'numpy', 'scipy'} & set(sys.modules))"
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    said, _ = await child.communicate()
    assert (child.returncode, said.strip()) == (0, b"")


async def test_it_is_shown_in_each_width_and_not_sent_twice(desk: Desk) -> None:
    key = (await desk.upload()).media.id
    whole, little = await desk.show(key), await desk.show(key, 200)
    assert len(little.content) < len(whole.content)
    assert (whole.media_type, little.media_type, little.public) == ("image/jpeg", "image/webp", True)
    again = await desk.show(key, 200, seen=little.etag)
    assert (again.unchanged, again.content) == (True, b"")
    with pytest.raises(Invalid):
        await desk.show(key, 333)
    with pytest.raises(NotFound) as refused:
        await desk.show("med_nowhere")
    assert refused.value.reason == "MEDIA_NOT_FOUND"


async def test_one_that_is_narrower_is_shown_as_it_is(desk: Desk) -> None:
    key = (await desk.upload(packed(goods(300)))).media.id
    assert (await desk.show(key, 800)).content == (await desk.show(key)).content


async def test_evidence_is_shown_to_staff_only_and_is_another_asset_than_the_same_bytes_for_all(desk: Desk) -> None:
    evidence, public = await desk.upload(purpose="evidence"), await desk.upload(purpose="detail")
    assert evidence.media.id != public.media.id
    with pytest.raises(NotFound):
        await desk.show(evidence.media.id)
    assert not (await desk.show(evidence.media.id, staff=True)).public
    assert (await desk.show(public.media.id)).public


async def test_what_is_no_picture_leaves_nothing_behind(desk: Desk) -> None:
    for content, purpose in ((b"", "main"), (b"GIF89a", "main"), (b"x" * (5 * 1024 * 1024 + 1), "main"), (GOOD, "x")):
        with pytest.raises(Invalid) as refused:
            await desk.upload(content, purpose)
        assert refused.value.reason == "INVALID_MEDIA"
    assert await desk.counter.database["media"].find_one({"merchant_id": "self"}) is None
    assert await desk.counter.database["media_pictures"].find_one({"_id": {"$gt": ""}}) is None


async def test_they_are_listed_newest_first_by_purpose_and_page(desk: Desk) -> None:
    made = []
    for number, purpose in enumerate(["main", "detail", "main"]):
        made.append((await desk.upload(packed(goods(200, seed=number)), purpose)).media.id)
        desk.counter.house.clock.advance(seconds=1)
    request = pb.ListMediaRequest(purpose="main")
    request.page.limit = 1
    first = await call(desk.stub.ListMedia, request)
    request.page.cursor = first.next_cursor
    second = await call(desk.stub.ListMedia, request)
    assert [each.id for each in [*first.media, *second.media]] == [made[2], made[0]]
    assert second.next_cursor == ""
    everything = await call(desk.stub.ListMedia, pb.ListMediaRequest())
    assert [each.id for each in everything.media] == made[::-1]


async def test_a_retouched_picture_is_a_new_one_with_the_rights_of_the_first(desk: Desk) -> None:
    source = (await desk.upload(packed(goods(600, (176, 176, 180))))).media
    assert {each.code for each in source.main_findings} == {"MAIN_IMAGE_TOO_SMALL", "MAIN_IMAGE_NOT_WHITE"}
    await desk.declare(source.id)
    request = pb.RetouchMediaRequest(id=source.id, by="stf")
    fit = await call(desk.stub.RetouchMedia, request, timeout_s=20)
    assert (list(fit.media.main_findings), fit.media.made_from, fit.media.rights.holder) == ([], source.id, "The shop")
    assert fit.media.id != source.id and not fit.replayed
    assert (await call(desk.stub.RetouchMedia, request, timeout_s=20)).replayed
    request.operations.append("sharpen")
    with pytest.raises(Invalid):
        await call(desk.stub.RetouchMedia, request)


async def test_a_licence_needs_its_number_its_evidence_and_a_future(desk: Desk) -> None:
    key = (await desk.upload()).media.id
    soon = rfc3339(desk.counter.house.clock.now() + timedelta(days=1))
    past = rfc3339(desk.counter.house.clock.now() - timedelta(days=1))
    evidence = (await desk.upload(purpose="evidence")).media.id
    wrongs: list[dict[str, Any]] = [
        {"kind": "stolen"},
        {"holder": ""},
        {"valid_until": past},
        {"valid_until": "soon"},
        {"kind": "licensed", "licence_ref": "L1"},
        {"kind": "licensed", "evidence_id": evidence},
        {"kind": "licensed", "licence_ref": "L1", "evidence_id": key},
    ]
    for wrong in wrongs:
        with pytest.raises(Invalid) as refused:
            await desk.declare(key, **wrong)
        assert refused.value.reason == "INVALID_RIGHTS"
    kept = await desk.declare(key, kind="licensed", licence_ref="L1", evidence_id=evidence, valid_until=soon)
    assert (kept.rights.kind, kept.rights.valid_until, kept.version) == ("licensed", soon, 2)
    with pytest.raises(Conflict) as changed:
        await desk.declare(key, if_version=1)
    assert changed.value.reason == "VERSION_MISMATCH"
    with pytest.raises(NotFound):
        await desk.declare("med_nowhere")


async def test_what_is_shown_somewhere_is_not_thrown_away(desk: Desk) -> None:
    key = (await desk.upload()).media.id
    evidence = (await desk.upload(packed(goods(300)), "evidence")).media.id
    await desk.declare(key, kind="licensed", licence_ref="L1", evidence_id=evidence)
    variant = products_pb2.Variant(sku="A", price=cny(900))
    address = f"https://shop.example/v1/media/{key}?width=800"
    draft = products_pb2.Product(title="Mug", variants=[variant], media=[products_pb2.Media(url=address)])
    request = products_pb2.CreateProductRequest(product=draft, by="stf")
    made = (await call(desk.counter.products.CreateProduct, request)).product
    assert made.media[0].url == f"/v1/media/{key}"  # whichever host was named, it is ours that is shown
    for shown in (key, evidence):
        with pytest.raises(WrongState) as refused:
            await desk.remove(shown)
        assert refused.value.reason == "MEDIA_IN_USE"
    change = products_pb2.UpdateProductRequest(id=made.id, patch=b'{"media":[]}', by="stf")
    await call(desk.counter.products.UpdateProduct, change)
    await desk.remove(key)
    await desk.remove(evidence)
    with pytest.raises(NotFound):
        await desk.show(key)
    assert not (await desk.upload()).replayed  # it may come back


async def test_a_merchants_people_meet_their_own_pictures_only(desk: Desk) -> None:
    shops, theirs = (await desk.upload()).media.id, (await desk.upload(merchant_id="mer_2")).media.id
    assert shops != theirs  # the same bytes, each their own
    evidence = (await desk.upload(packed(goods(300)), "evidence")).media.id
    own = "mer_2"
    listed = await call(desk.stub.ListMedia, pb.ListMediaRequest(merchant_id=own))
    assert [each.id for each in listed.media] == [theirs]
    mine = pb.MediaRights(kind="original", holder="They")
    for refused in await all_at_once(
        call(desk.stub.GetMedia, pb.GetMediaRequest(id=shops, merchant_id=own)),
        call(desk.stub.DeleteMedia, pb.DeleteMediaRequest(id=shops, merchant_id=own)),
        call(desk.stub.RetouchMedia, pb.RetouchMediaRequest(id=shops, merchant_id=own)),
        call(desk.stub.SetMediaRights, pb.SetMediaRightsRequest(id=shops, rights=mine, merchant_id=own)),
        call(desk.stub.ShowMedia, pb.ShowMediaRequest(id=evidence, staff=True, merchant_id=own)),
    ):
        assert reasons([refused]) == ["MEDIA_NOT_FOUND"]
    proof = pb.MediaRights(kind="licensed", holder="They", licence_ref="L", evidence_id=evidence)
    with pytest.raises(Invalid):  # another's licence proves nothing
        await call(desk.stub.SetMediaRights, pb.SetMediaRightsRequest(id=theirs, rights=proof, merchant_id=own))
    assert (await call(desk.stub.GetMedia, pb.GetMediaRequest(id=theirs, merchant_id=own))).media.id == theirs


async def test_staff_are_told_before_a_licence_ends_and_when_it_has(desk: Desk, house: House) -> None:
    key = (await desk.upload(alt="Mug")).media.id
    until = house.clock.now() + timedelta(days=40)
    await desk.declare(key, valid_until=rfc3339(until))
    other = (await desk.upload(packed(goods(300)))).media.id
    await desk.declare(other)  # has no end
    ground = desk.counter.started.ground
    assets = Table(ground.database, "media", Asset, ground.relay, ASSETS, Turnstile())
    table = Table(ground.database, "notices", Notice, ground.relay, NOTICES, Turnstile())
    licences = Licences(assets, Notices(table, house.clock), house.clock)

    async def told() -> list[str]:
        await asyncio.gather(*(licences.look() for _ in range(3)))  # replicas, and a repeat
        await house.settled()
        return sorted(notice.kind for notice in house.told(NoticeRaised))

    assert await told() == []
    house.clock.advance(days=10, seconds=1)
    assert await told() == ["media_licence_expiring"]
    house.clock.advance(days=30)
    assert await told() == ["media_licence_expired", "media_licence_expiring"]
    await desk.declare(key, valid_until=rfc3339(house.clock.now() + timedelta(days=5)))  # renewed, and soon due again
    assert (await told()).count("media_licence_expiring") == 2
