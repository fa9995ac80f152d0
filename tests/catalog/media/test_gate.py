"""This is where the pictures of listings are looked at, in development and in earnest."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.catalog.content import Media, Product
from services.catalog.gates import Finding, Moment
from services.catalog.media.assets import Asset, Facts, Purpose, Rights, RightsKind, asset_id_of, url_of
from services.catalog.media.gate import PictureGate, Standard
from services.kit.clock import SettableClock
from services.kit.money import Money

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOD = Facts(1000, 1000, 1.0, 0.6, 300.0, likeness="00" * 192)
OTHER = Facts(1000, 700, 0.1, 0.1, 300.0, likeness="7f" * 192)
ELSEWHERE = "https://cdn.example.com/a.jpg"


def _id(number: int) -> str:
    return f"med_{number:026x}"


def _asset(number: int, facts: Facts = GOOD, rights: Rights | None = None, **more: Any) -> Asset:
    return Asset(_id(number), "self", Purpose.MAIN, "", "", "stf", NOW, facts=facts, rights=rights, **more)


def _own(until: datetime | None = None) -> Rights:
    return Rights(RightsKind.ORIGINAL, "The shop", "", "", "stf", NOW, until)


def _product(*urls: str, imported: bool = False) -> Product:
    return Product(
        id="prd_1",
        merchant_id="self",
        title="Mug",
        description="",
        category="kitchen",
        tags=[],
        attributes=[],
        media=[Media(url) for url in urls],
        variants=[],
        price=Money("CNY", 900),
        created_at=NOW,
        updated_at=NOW,
        by="stf",
        imported=imported,
    )


class Shelf:
    """Holds assets; counts the reads."""

    def __init__(self, *assets: Asset) -> None:
        self.assets, self.reads = {asset.id: asset for asset in assets}, 0

    async def get_many(self, keys: Sequence[str]) -> dict[str, Asset]:
        self.reads += 1
        return {key: self.assets[key] for key in keys if key in self.assets}


async def _against(product: Product, *assets: Asset, development: bool = False) -> list[Finding]:
    shelf: Any = Shelf(*assets)
    gate = PictureGate(shelf, SettableClock(NOW), Standard(0.9), development=development)
    (findings,) = await gate.look([product], Moment.REVIEW)
    return list(findings)


def _said(findings: list[Finding]) -> set[tuple[str, str, bool]]:
    return {(finding.code, finding.pointer, finding.blocks) for finding in findings}


async def test_two_good_pictures_with_their_rights_pass() -> None:
    product = _product(url_of(_id(1)), url_of(_id(2)))
    assert await _against(product, _asset(1, rights=_own()), _asset(2, OTHER, rights=_own())) == []


async def test_each_fault_is_said_in_both_languages_with_a_way_out() -> None:
    bad = Facts(600, 600, 0.1, 0.1, 300.0, mark="bottom", likeness="00" * 192)
    findings = await _against(_product(url_of(_id(1)), ELSEWHERE), _asset(1, bad, rights=_own()), development=True)
    main = [finding for finding in findings if finding.pointer == "/media/0"]
    assert [finding.code for finding in main] == ["MAIN_IMAGE_TOO_SMALL", "MAIN_IMAGE_NOT_WHITE", "MAIN_IMAGE_MARKED"]
    for finding in main:
        assert finding.blocks and finding.en and finding.zh
        assert finding.suggestion == f"POST /v1/media/{_id(1)}/retouch"


async def test_only_the_first_must_be_white() -> None:
    product = _product(url_of(_id(1)), url_of(_id(2)))
    assert await _against(product, _asset(1, rights=_own()), _asset(2, OTHER, rights=_own())) == []
    turned = _product(url_of(_id(2)), url_of(_id(1)))
    codes = {f.code for f in await _against(turned, _asset(1, rights=_own()), _asset(2, OTHER, rights=_own()))}
    assert codes == {"MAIN_IMAGE_TOO_SMALL", "MAIN_IMAGE_NOT_WHITE"}


async def test_a_picture_from_elsewhere_blocks_but_in_development() -> None:
    for development in (False, True):
        said = _said(await _against(_product(ELSEWHERE, ELSEWHERE), development=development))
        blocks = not development
        assert said == {
            ("IMAGE_NOT_CHECKED", "/media/0", blocks),
            ("IMAGE_RIGHTS_MISSING", "/media/0", blocks),
            ("IMAGE_RIGHTS_MISSING", "/media/1", blocks),
        }


async def test_a_row_of_a_file_passes_in_development_only() -> None:
    assert await _against(_product(ELSEWHERE, imported=True), development=True) == []
    assert any(finding.blocks for finding in await _against(_product(ELSEWHERE, imported=True)))


async def test_a_picture_of_the_library_needs_rights_even_in_development() -> None:
    product = _product(url_of(_id(1)), ELSEWHERE)
    assert ("IMAGE_RIGHTS_MISSING", "/media/0", True) in _said(await _against(product, _asset(1), development=True))


async def test_a_licence_blocks_from_the_moment_it_ends() -> None:
    product = _product(url_of(_id(1)), url_of(_id(2)))
    second = timedelta(seconds=1)
    for until, codes in ((NOW + second, set[str]()), (NOW, {"IMAGE_RIGHTS_EXPIRED"})):
        found = await _against(product, _asset(1, rights=_own(until)), _asset(2, OTHER, rights=_own()))
        assert {finding.code for finding in found if finding.blocks} == codes


async def test_what_is_evidence_or_anothers_or_nowhere_is_not_found() -> None:
    evidence, theirs = _asset(1, rights=_own()), _asset(2, rights=_own())
    evidence.purpose, theirs.merchant_id = Purpose.EVIDENCE, "mer_2"
    said = await _against(_product(*(url_of(_id(n)) for n in (1, 2, 3))), evidence, theirs)
    assert [finding.code for finding in said if finding.blocks] == ["IMAGE_NOT_FOUND"] * 3


@pytest.mark.parametrize("second", [None, GOOD, Facts(900, 900, blank=True, likeness="40" * 192)])
async def test_a_further_real_photo_is_advised(second: Facts | None) -> None:
    urls = [url_of(_id(1))] + ([url_of(_id(2))] if second else [])
    assets = [_asset(1, rights=_own())] + ([_asset(2, second, rights=_own())] if second else [])
    assert ("FURTHER_PHOTO_MISSING", "/media", False) in _said(await _against(_product(*urls), *assets))


async def test_no_pictures_at_all_are_another_gates_business() -> None:
    assert await _against(_product()) == []


async def test_many_products_are_one_read() -> None:
    shelf: Any = Shelf(*(_asset(n, rights=_own()) for n in range(50)))
    gate = PictureGate(shelf, SettableClock(NOW), Standard(0.9), development=False)
    products = [_product(url_of(_id(n))) for n in range(50)]
    assert len(await gate.look(products, Moment.IMPORT)) == 50
    assert shelf.reads == 1
    assert shelf.reads == 1 and await gate.look([], Moment.IMPORT) == []


def test_only_our_own_addresses_are_ours() -> None:
    assert asset_id_of(url_of(_id(1))) == _id(1)
    for url in (ELSEWHERE, f"https://a.example{url_of(_id(1))}", url_of("med_x"), url_of(_id(1)) + "/rights"):
        assert asset_id_of(url) == ""
