"""This is where the pictures of a listing are looked at before customers see it: main picture (C05) and rights (C22).

Only what was uploaded here can be measured. In development a picture from elsewhere is let through with advice, and a row of
a file without a word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.catalog.content import Product
from services.catalog.gates import Finding, Moment
from services.catalog.store import Table
from services.kit.clock import Clock

from .assets import Asset, Facts, alike, asset_id_of

LEAST_SIDE = 800
_SIDES = {"top": "上边", "right": "右边", "bottom": "下边", "left": "左边"}


@dataclass(frozen=True, slots=True)
class Standard:
    """What a main picture must be. `white_border`: the least share of near-white pixels along its edges."""

    white_border: float
    least_side: int = LEAST_SIDE


def against_main(facts: Facts, standard: Standard, retouch: str) -> list[Finding]:
    """What there is against a picture as the first of a listing. Pure."""
    found, least = [], standard.least_side
    if min(facts.width, facts.height) < least:
        size = f"{facts.width}×{facts.height}"
        en, zh = f"is {size} px, must be at least {least}×{least}", f"尺寸为 {size} 像素，至少须为 {least}×{least}"
        found.append(Finding("MAIN_IMAGE_TOO_SMALL", "", en, zh, retouch, size))
    if facts.white_border < standard.white_border:
        there, wanted = f"{facts.white_border:.0%}", f"{standard.white_border:.0%}"
        en, zh = f"its edge is {there} white, must be {wanted}", f"边缘白底占比为 {there}，至少须为 {wanted}"
        found.append(Finding("MAIN_IMAGE_NOT_WHITE", "", en, zh, retouch, there))
    if facts.mark:
        en, zh = f"a logo or band at the {facts.mark} edge", f"{_SIDES[facts.mark]}疑似有标志、水印或色带"
        found.append(Finding("MAIN_IMAGE_MARKED", "", en, zh, retouch, facts.mark))
    if facts.blank:
        en, zh = "shows nothing", "图片为空白"
        found.append(Finding("MAIN_IMAGE_BLANK", "", en, zh, "Upload a photo of the goods"))
    return found


class PictureGate:
    """Looks at the pictures of many listings in one read."""

    def __init__(self, assets: Table[Asset], clock: Clock, standard: Standard, *, development: bool) -> None:
        self._assets, self._clock, self._standard, self._development = assets, clock, standard, development

    async def look(self, products: Sequence[Product], moment: Moment) -> Sequence[Sequence[Finding]]:
        """What there is against the pictures of each."""
        looked_at = [product for product in products if not (self._development and product.imported)]
        wanted = {asset_id_of(media.url) for product in looked_at for media in product.media} - {""}
        found = await self._assets.get_many(sorted(wanted)) if wanted else {}
        there = {key: asset for key, asset in found.items() if asset.public}
        now = self._clock.now()
        return [
            [] if self._development and product.imported else self._against(product, there, now) for product in products
        ]

    def _against(self, product: Product, there: Mapping[str, Asset], now: datetime) -> list[Finding]:
        findings: list[Finding] = []
        for number, media in enumerate(product.media):
            key, pointer = asset_id_of(media.url), f"/media/{number}"
            asset = there.get(key)
            if asset and asset.merchant_id == product.merchant_id:
                if number == 0:
                    findings += [
                        replace(finding, pointer=pointer)
                        for finding in against_main(asset.facts, self._standard, f"POST /v1/media/{key}/retouch")
                    ]
                findings += _of_rights(asset, pointer, now)
            elif key:
                en, zh = "there is no such picture in the library", "素材库中没有这张图片"
                findings.append(Finding("IMAGE_NOT_FOUND", pointer, en, zh, "POST /v1/media", media.url))
            else:
                findings += self._from_elsewhere(media.url, pointer, main=number == 0)
        return [*findings, *_further(product, there)]

    def _from_elsewhere(self, url: str, pointer: str, *, main: bool) -> list[Finding]:
        blocks, upload, text = not self._development, "POST /v1/media", url[:200]
        en, zh = "nobody has declared by what right it is shown", "未声明图片的使用权"
        findings = [Finding("IMAGE_RIGHTS_MISSING", pointer, en, zh, upload, text, blocks)]
        if main:
            en, zh = "a picture from elsewhere cannot be checked", "外部图片无法检测，请上传到素材库"
            findings.append(Finding("IMAGE_NOT_CHECKED", pointer, en, zh, upload, text, blocks))
        return findings


def _of_rights(asset: Asset, pointer: str, now: datetime) -> list[Finding]:
    put, rights = f"PUT /v1/media/{asset.id}/rights", asset.rights
    if rights is None:
        en, zh = "nobody has declared by what right it is shown", "未声明图片的使用权"
        return [Finding("IMAGE_RIGHTS_MISSING", pointer, en, zh, put)]
    if rights.valid_until and rights.valid_until <= now:
        day = rights.valid_until.date().isoformat()
        en, zh = f"its licence ended on {day}", f"图片授权已于 {day} 到期"
        return [Finding("IMAGE_RIGHTS_EXPIRED", pointer, en, zh, put, day)]
    return []


def _further(product: Product, there: Mapping[str, Asset]) -> list[Finding]:
    """Advice when nothing but the main picture shows the goods. What cannot be looked at is believed."""
    if not product.media:
        return []  # that there are none at all is another gate's word
    main = there.get(asset_id_of(product.media[0].url))
    for media in product.media[1:]:
        asset = there.get(key) if (key := asset_id_of(media.url)) else None
        if not key or (asset and not asset.facts.blank and not (main and alike(main.facts, asset.facts))):
            return []
    en, zh = "one more real photo, other than the main one, helps customers", "除主图外，建议再上传至少一张实拍图"
    return [Finding("FURTHER_PHOTO_MISSING", "/media", en, zh, "POST /v1/media?purpose=detail", blocks=False)]
