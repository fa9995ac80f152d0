"""This is where the media library meets protobuf."""

from shop.catalog.v1 import media_pb2 as pb

from services.catalog.content import OWN_MERCHANT
from services.kit.clock import parse_time, rfc3339
from services.kit.errors import FieldError

from .assets import Asset, Facts, InvalidMedia, InvalidRights, Picture, Purpose, Rights, RightsKind
from .gate import Standard, against_main


def merchant(said: str) -> str:
    """Whose; the shop's own when nobody is named."""
    return said or OWN_MERCHANT


def purpose(said: str) -> Purpose:
    """What for. Refuses with INVALID_MEDIA."""
    try:
        return Purpose(said)
    except ValueError:
        message = f"must be of {', '.join(Purpose)}"
        raise InvalidMedia("no such purpose", errors=[FieldError("/purpose", message)]) from None


def declared(message: pb.MediaRights) -> Rights:
    """A declaration. Refuses with INVALID_RIGHTS."""
    try:
        kind, until = RightsKind(message.kind), parse_time(message.valid_until)
    except ValueError as wrong:
        raise InvalidRights("the kind or the end cannot be read", errors=[FieldError("", str(wrong))]) from None
    return Rights(
        kind=kind,
        holder=message.holder,
        licence_ref=message.licence_ref,
        evidence_id=message.evidence_id,
        declared_by=message.declared_by,
        valid_until=until,
    )


def media(kept: Asset, standard: Standard) -> pb.Asset:
    """A picture with all that is known of it."""
    return pb.Asset(
        id=kept.id,
        merchant_id=kept.merchant_id,
        purpose=kept.purpose.value,
        alt=kept.alt,
        media_type=kept.media_type,
        size=kept.size,
        sha256=kept.sha256,
        facts=_facts(kept.facts),
        rights=_rights(kept.rights) if kept.rights else None,
        made_from=kept.made_from,
        operations=kept.operations,
        main_findings=[
            pb.MediaFinding(code=each.code, en=each.en, zh=each.zh, suggestion=each.suggestion)
            for each in against_main(kept.facts, standard, f"POST /v1/media/{kept.id}/retouch")
        ],
        by=kept.by,
        created_at=rfc3339(kept.created_at),
        version=kept.version,
    )


def _facts(kept: Facts) -> pb.MediaFacts:
    return pb.MediaFacts(
        width=kept.width,
        height=kept.height,
        white_border=kept.white_border,
        white_share=kept.white_share,
        sharpness=kept.sharpness,
        blank=kept.blank,
        mark=kept.mark,
    )


def _rights(kept: Rights) -> pb.MediaRights:
    return pb.MediaRights(
        kind=kept.kind.value,
        holder=kept.holder,
        licence_ref=kept.licence_ref,
        valid_until=rfc3339(kept.valid_until),
        evidence_id=kept.evidence_id,
        declared_by=kept.declared_by,
        declared_at=rfc3339(kept.declared_at),
    )


def shown(kept: Picture | None, seen: str) -> pb.ShowMediaResponse:
    """The bytes, or that the caller has them."""
    if kept is None:
        return pb.ShowMediaResponse(etag=seen, unchanged=True)
    return pb.ShowMediaResponse(content=kept.data, media_type=kept.media_type, etag=kept.etag, public=kept.public)
