"""The picture that a page shows where somebody passes its address on: the theme and the day, drawn here.

In a Chinese font of this computer; where it has none the picture is the site's mark alone. Nothing of it is kept in the
repository, and the same words are the same bytes.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from base.errors import Refusal
from interviews.paper_fonts import fonts
from web import icons
from web.pages import theme_colour

SIZE = (1200, 630)
"""Pixels, 1.91 to 1: what programs that show such pictures ask for."""
EDGE = 80
MARK = 96
TITLE, LINE = 76, 40
TITLE_LINES = 3
SOFT = "#d7e6e3"
"""Of the smaller letters, 7:1 on the main colour."""
SHADES = 32
"""Colours of the file: flat ground and smoothed letters need no more, and it stays near 20 KB."""
KEPT = 64
FONT = "黑体"


@dataclass(frozen=True)
class Words:
    """What stands in a picture: whose site it is, the theme, and the line at its foot."""

    site: str
    title: str
    foot: str


@lru_cache(maxsize=KEPT)
def png(words: Words) -> bytes:
    """The picture; takes some 60 ms the first time, so not on the event loop.

    Args:
        words: a title longer than three lines is cut with an ellipsis.
    """
    picture = Image.new("RGB", SIZE, theme_colour())
    brush = ImageDraw.Draw(picture)
    mark = Image.open(io.BytesIO(icons.png("any-192"))).resize((MARK, MARK), Image.Resampling.LANCZOS)
    try:
        face, index = fonts().face(FONT)
    except Refusal:
        picture.paste(
            mark.resize((MARK * 3, MARK * 3)), ((SIZE[0] - MARK * 3) // 2, (SIZE[1] - MARK * 3) // 2)
        )
        return _file(picture)
    small, large = (ImageFont.truetype(face, size, index=index) for size in (LINE, TITLE))
    # The mark has a fifth of its width as a margin on each side.
    picture.paste(mark, (EDGE - MARK // 5, EDGE - MARK // 5))
    brush.text((EDGE + MARK, EDGE - MARK // 5 + MARK // 2), words.site, SOFT, small, anchor="lm")
    top = 200
    for line in shortened(words.title, large):
        brush.text((EDGE, top), line, "#ffffff", large, anchor="lt")
        top += round(TITLE * 1.3)
    brush.text((EDGE, SIZE[1] - 56), shortened(words.foot, small, 1)[0], SOFT, small, anchor="lb")
    return _file(picture)


def _file(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.quantize(SHADES, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def shortened(text: str, font: ImageFont.FreeTypeFont, most: int = TITLE_LINES) -> Sequence[str]:
    """A text in lines as wide as the picture; what goes beyond the last is cut with an ellipsis.

    Args:
        text: one line of words; characters that cannot be seen become blanks.
        font: in which it is set.
        most: lines at the most.
    """
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    lines = list(_broken(plain, font))
    if len(lines) <= most:
        return lines or [""]
    last = lines[most - 1]
    while last and font.getlength(f"{last}……") > SIZE[0] - 2 * EDGE:
        last = last[:-1]
    return [*lines[: most - 1], f"{last}……"]


CLOSING = "，。、；：？！）》”…"
"""What does not begin a line."""


def _broken(text: str, font: ImageFont.FreeTypeFont) -> Iterator[str]:
    line = ""
    for char in text:
        if line and char not in CLOSING and font.getlength(line + char) > SIZE[0] - 2 * EDGE:
            yield line.rstrip()
            line = ""
        line += char
    if line.strip():
        yield line
