"""This is where tests draw the pictures they need: goods on paper, with marks and faults whose labels are known."""

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WHITE = (255, 255, 255)
GREY = (176, 176, 180)


def goods(side: int = 900, background: tuple[int, int, int] = WHITE, seed: int = 1) -> Image.Image:
    """A cup of sorts, in the middle of a square."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (side, side), background)
    draw = ImageDraw.Draw(picture)
    colour = tuple(chance.randrange(20, 190) for _ in range(3))
    wide, high = chance.uniform(0.2, 0.34), chance.uniform(0.2, 0.34)
    left, right, top, bottom = (round(side * at) for at in (0.5 - wide, 0.5 + wide, 0.5 - high, 0.5 + high))
    if chance.random() < 0.5:
        draw.ellipse((left, top, right, bottom), fill=colour)
    else:
        draw.rounded_rectangle((left, top, right, bottom), radius=side // 20, fill=colour)
    for _ in range(6):
        x, y, size = (
            chance.randrange(left, right),
            chance.randrange(top, bottom),
            chance.randrange(side // 40, side // 12),
        )
        shade = tuple(min(255, part + chance.randrange(-20, 60)) for part in colour)
        if left < x - size and x + size < right and top < y - size and y + size < bottom:
            draw.ellipse((x - size, y - size, x + size, y + size), fill=shade)
    return picture


def with_band(picture: Image.Image, edge: str = "bottom", deep: float = 0.1) -> Image.Image:
    """A coloured band from edge to edge, with lettering on it."""
    marked, size = picture.copy(), picture.width
    draw, thick = ImageDraw.Draw(marked), round(picture.width * deep)
    box = {
        "top": (0, 0, size, thick),
        "bottom": (0, size - thick, size, size),
        "left": (0, 0, thick, size),
        "right": (size - thick, 0, size, size),
    }[edge]
    draw.rectangle(box, fill=(200, 24, 32))
    draw.text(
        (box[0] + thick / 4, box[1] + thick / 5), "SALE 50", fill="white", font=ImageFont.load_default(thick * 0.6)
    )
    return marked


def with_lettering(picture: Image.Image, corner: str = "top left", size: float = 0.05) -> Image.Image:
    """A shop's name in a corner."""
    marked, side = picture.copy(), picture.width
    high = side * size
    x = side * 0.03 if "left" in corner else side - high * 6
    y = side * 0.03 if "top" in corner else side - high * 1.6
    ImageDraw.Draw(marked).text((x, y), "MYSHOP.CN", fill=(90, 90, 90), font=ImageFont.load_default(high))
    return marked


def blurred(picture: Image.Image) -> Image.Image:
    """Out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(picture.width / 60))


def packed(picture: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    """As a file."""
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


@dataclass(frozen=True)
class Labelled:
    """A picture and whether there is a mark on it."""

    picture: Image.Image
    marked: bool


def labelled(count: int, seed: int = 7) -> list[Labelled]:
    """Half of them marked: bands and letterings on all sides; among the others goods of two parts and with a shadow."""
    chance, made = random.Random(seed), list[Labelled]()
    for number in range(count):
        picture = goods(400, chance.choice([WHITE, WHITE, (250, 250, 250), GREY]), seed=seed * 1_000 + number)
        marked = number % 2 == 0
        if not marked and chance.random() < 0.3:
            picture = _two(picture)
        if marked and chance.random() < 0.5:
            picture = with_band(picture, chance.choice(["top", "bottom", "left", "right"]), chance.uniform(0.04, 0.2))
        elif marked:
            corner = chance.choice(["top left", "top right", "bottom left", "bottom right"])
            picture = with_lettering(picture, corner, chance.uniform(0.03, 0.08))
        made.append(Labelled(Image.open(io.BytesIO(packed(picture, quality=80))), marked))
    return made


def _two(picture: Image.Image) -> Image.Image:
    """Two of the same beside each other, as pairs are sold."""
    half = picture.resize((picture.width // 2, picture.height // 2))
    pair = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    pair.paste(half, (0, picture.height // 4))
    pair.paste(half, (picture.width // 2, picture.height // 4))
    return pair
