"""This is where it is held what is read off pixels, on pictures drawn here with their labels."""

import io
import struct
import zlib

import pytest
from PIL import Image

from services.catalog.media.assets import InvalidMedia, alike
from services.catalog.media.gate import Standard, against_main
from services.catalog.media.measures import facts_of
from services.catalog.media.pixels import develop, opened
from services.catalog.media.touching import touch
from tests.catalog.media.drawing import GREY, blurred, goods, labelled, packed, with_band, with_lettering

STANDARD = Standard(0.9)
ALL = ["white_background", "square_crop", "resize_800", "autocontrast"]


def _codes(picture: Image.Image) -> list[str]:
    return [finding.code for finding in against_main(facts_of(picture), STANDARD, "")]


def test_a_good_main_picture_has_nothing_against_it() -> None:
    assert _codes(goods()) == []


def test_a_bad_one_is_told_each_fault() -> None:
    bad = with_band(goods(600, GREY))
    assert _codes(bad) == ["MAIN_IMAGE_TOO_SMALL", "MAIN_IMAGE_NOT_WHITE", "MAIN_IMAGE_MARKED"]
    assert _codes(Image.new("RGB", (800, 800), "white")) == ["MAIN_IMAGE_BLANK"]


def test_799_pixels_are_too_few_and_800_are_not() -> None:
    assert _codes(goods(800)) == []
    assert _codes(goods(800).crop((0, 0, 800, 799))) == ["MAIN_IMAGE_TOO_SMALL"]


@pytest.mark.parametrize("edge", ["top", "bottom", "left", "right"])
def test_a_band_is_found_on_every_edge(edge: str) -> None:
    assert facts_of(with_band(goods(), edge)).mark == edge


@pytest.mark.parametrize("pictures", [40, pytest.param(240, marks=pytest.mark.long)])
def test_marks_are_told_from_goods_with_an_error_of_at_most_three_in_a_hundred(pictures: int) -> None:
    said = [(each.marked, bool(facts_of(each.picture).mark)) for each in labelled(pictures)]
    missed = sum(marked and not found for marked, found in said)
    false_alarms = sum(found and not marked for marked, found in said)
    assert missed + false_alarms <= 0.03 * pictures


def test_out_of_focus_is_told_from_in_focus() -> None:
    for seed in range(5):
        assert facts_of(blurred(goods(seed=seed))).sharpness < 20 < facts_of(goods(seed=seed)).sharpness


def test_the_same_picture_in_another_size_is_alike_and_another_thing_is_not() -> None:
    one = facts_of(goods(900))
    smaller = Image.open(io.BytesIO(packed(goods(900).resize((300, 300)), quality=60)))
    assert alike(one, facts_of(smaller))
    assert not any(alike(one, facts_of(goods(900, seed=seed))) for seed in range(2, 12))


def test_what_is_see_through_is_looked_at_on_white_paper() -> None:
    clear, shape = Image.new("RGBA", (900, 900)), goods().convert("L").point(lambda light: 255 if light < 250 else 0)
    clear.paste(goods(), mask=shape)
    assert clear.getpixel((0, 0)) == (0, 0, 0, 0)
    assert facts_of(clear).white_border == 1.0


def test_a_retouched_picture_is_fit() -> None:
    for seed in range(6):
        bad = with_lettering(with_band(goods(600, GREY, seed)))
        assert _codes(bad)
        fit = touch(bad, ALL)
        assert _codes(fit) == []
        assert fit.size[0] == fit.size[1] >= 800


def test_only_what_is_named_is_done() -> None:
    wide = goods(900).crop((0, 100, 900, 800))
    assert touch(wide, ["autocontrast"]).size == (900, 700)
    assert touch(goods(400), ["resize_800"]).size == (800, 800)
    assert facts_of(touch(goods(900, GREY), ["square_crop"])).white_border < 0.1


def test_what_the_camera_wrote_is_taken_out_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x9286] = 6, "Camera", "secret"
    content = packed(goods(900).crop((0, 0, 900, 600)), exif=exif.tobytes(), comment=b"secret")
    assert b"secret" in content or b"Camera" in content
    developed = develop(opened(content), (200, 400, 800))
    whole, _ = developed.pictures[0]
    assert b"Camera" not in whole and b"secret" not in whole
    clean = Image.open(io.BytesIO(whole))
    assert clean.size == (600, 900)
    assert not clean.getexif()


def test_smaller_ones_are_made_but_never_larger_ones() -> None:
    developed = develop(opened(packed(goods(500), "PNG")), (200, 400, 800))
    sizes = {width: Image.open(io.BytesIO(data)).size for width, (data, _) in developed.pictures.items()}
    assert sizes == {0: (500, 500), 200: (200, 200), 400: (400, 400)}
    assert developed.pictures[0][1] == "image/png"


def _bomb() -> bytes:
    """A PNG of a few bytes that says it is 30,000 × 30,000."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\x00" * 100)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _moving(kind: str) -> bytes:
    out = io.BytesIO()
    goods(100).save(out, kind, save_all=True, append_images=[goods(100, seed=2)], duration=100)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not a picture", "not a JPEG"),
        (packed(goods(200), "GIF"), "not a JPEG"),
        (packed(goods(200), "TIFF"), "not a JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a JPEG"),
        (packed(goods(400))[:2_000], "broken"),
        (packed(goods(400), "PNG")[:-200], "broken"),
        (packed(goods(400), "WEBP")[:-200], "not a JPEG|broken"),
        (_bomb(), "million pixels"),
        (_moving("WEBP"), "moving"),
        (_moving("PNG"), "moving"),
        (packed(Image.new("RGB", (10, 400))), "at least 16"),
    ],
)
def test_what_is_no_good_picture_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(InvalidMedia, match=says):
        opened(content)
