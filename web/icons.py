"""The site's mark as PNG, drawn from ``favicon.svg``: whoever installs the site gets a picture in the size they need.

No picture is kept in the repository; the mark has straight strokes only, so that rectangles draw it exactly.
"""

import io
import re
from functools import cache
from itertools import pairwise
from xml.etree import ElementTree

from PIL import Image, ImageDraw

from web.pages import STATIC

SVG = "{http://www.w3.org/2000/svg}"
ICONS = {"any-192": (192, 1.0), "any-512": (512, 1.0), "maskable-512": (512, 0.78), "touch-180": (180, 1.0)}
"""By name: pixels a side, and how large the mark is in it.

A maskable icon may be cut to a circle of 80 % (W3C, Web Application Manifest, 安全区), so its mark is smaller.
"""
_STEP = re.compile(r"([MHVhv])\s*(-?[\d.]+)(?:[\s,]+(-?[\d.]+))?")
Point = tuple[float, float]


@cache
def png(name: str) -> bytes:
    """One of ``ICONS``.

    Raises:
        KeyError: no icon of this name.
        ValueError: the SVG holds something other than straight strokes along the axes.
    """
    side, share = ICONS[name]
    # Read from the repository's own file, never from a visitor.
    root = ElementTree.parse(STATIC / "favicon.svg").getroot()  # noqa: S314
    ground, group = root.find(f"{SVG}rect"), root.find(f"{SVG}g")
    if ground is None or group is None:
        raise ValueError("favicon.svg has no ground or no mark")
    whole, stroke = float(ground.attrib["width"]), float(group.attrib["stroke-width"])
    scale = side / whole * share
    margin = side * (1 - share) / 2
    picture = Image.new("RGB", (side, side), ground.attrib["fill"])
    brush = ImageDraw.Draw(picture)
    for path in group.iterfind(f"{SVG}path"):
        for box in _boxes(_points(path.attrib["d"]), stroke / 2):
            left, top, right, bottom = (round(margin + scale * edge) for edge in box)
            brush.rectangle((left, top, right - 1, bottom - 1), fill=group.attrib["stroke"])
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _points(path: str) -> list[Point]:
    if _STEP.sub("", path).strip():
        raise ValueError(f"not straight: {path}")
    found: list[Point] = []
    for act, one, other in _STEP.findall(path):
        x, y = found[-1] if found else (0.0, 0.0)
        moved = {"M": (float(one), float(other or 0)), "H": (float(one), y), "V": (x, float(one))}
        moved |= {"h": (x + float(one), y), "v": (x, y + float(one))}
        found.append(moved[act])
    return found


def _boxes(points: list[Point], half: float) -> list[tuple[float, float, float, float]]:
    """The rectangles of a stroke: its ends cut straight, its corners filled."""
    found = []
    for at, ((x1, y1), (x2, y2)) in enumerate(pairwise(points)):
        begins, ends = at > 0, at < len(points) - 2
        along = [(x1, x2), (y1, y2)][x1 == x2]
        forward = along[0] < along[1]
        low, high = min(along), max(along)
        low -= half if (begins if forward else ends) else 0
        high += half if (ends if forward else begins) else 0
        found.append((x1 - half, low, x1 + half, high) if x1 == x2 else (low, y1 - half, high, y1 + half))
    return found
