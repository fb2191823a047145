"""The plots of the product: one function draws the rows of a table for a page (SVG) and for paper (PNG or SVG).

The same plot is the same bytes: ids are salted with a fixed word, no file carries a date, letters are outlines of
the font in use. Bars differ in shade and hatching, not only in colour, so that a copy in black and white reads as well.
Only what renders reports imports this module: matplotlib takes half a second to load.
"""

import io
import re
from collections.abc import Sequence
from typing import Any, Literal

import matplotlib
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.font_manager import FontPath, FontProperties
from matplotlib.ticker import MaxNLocator

from interviews.paper_fonts import fonts, lacking

Form = Literal["svg", "png"]
Plot = dict[str, Any]

INCHES = (6.0, 3.0)
ROW_INCHES = 0.24
DOTS = 200
"""Dots per inch of a picture on paper."""
SHADES = ("#2f5d8a", "#c9762b", "#5f6b76")
HATCHES = ("", "///", "...")
LABEL_CHARACTERS = 14
FONT = "黑体"
MISSING = "〓"
"""What a printer sets for a character that his case does not have."""

matplotlib.rcParams.update(
    {"svg.hashsalt": "fangtan", "svg.fonttype": "path", "path.simplify": False, "hatch.linewidth": 0.6}
)
_STYLE = re.compile(r' style="([^"]*)"')
_SHEET = re.compile(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", re.DOTALL)
_CREATED = re.compile(r"<metadata>.*?</metadata>\s*", re.DOTALL)


def draw(plot: Plot, form: Form) -> bytes:
    """A plot as a picture.

    Args:
        plot: ``id``, ``title``, ``heads``, ``rows`` (a label and numbers) and ``across`` (bars that lie).
        form: ``svg`` without any style of its own, as a strict page allows, or ``png``.

    Raises:
        Refusal: ``report.no_font``.
    """
    figure = _figure(plot)
    out = io.BytesIO()
    if form == "png":
        figure.savefig(out, format="png", dpi=DOTS, metadata={"Software": None})
        return out.getvalue()
    figure.savefig(out, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return _plain(out.getvalue().decode()).encode()


def inches(plot: Plot) -> tuple[float, float]:
    """How wide and high a plot is drawn: many bars that lie get more room."""
    wide, high = INCHES
    return (wide, max(high, ROW_INCHES * len(plot["rows"]))) if plot["across"] else INCHES


def pictures(plots: Sequence[Plot], form: Form) -> dict[str, bytes]:
    """All plots of a report by their ids."""
    return {plot["id"]: draw(plot, form) for plot in plots}


def _figure(plot: Plot) -> Figure:
    path, index = fonts().face(FONT)
    font = FontProperties(fname=FontPath(path, index))
    small = font.copy()
    small.set_size(8.5)
    figure = Figure(figsize=inches(plot), dpi=DOTS, layout="constrained")
    axes = figure.add_subplot()
    labels = [_shown(str(row[0])) for row in plot["rows"]]
    named = plot["heads"][1:]
    thick = 0.72 / len(named)
    for place, head in enumerate(named):
        offset = (place - (len(named) - 1) / 2) * thick
        at = [row + offset for row in range(len(labels))]
        heights = [row[place + 1] for row in plot["rows"]]
        drawn = axes.barh if plot["across"] else axes.bar
        look: dict[str, Any] = {
            "color": SHADES[place],
            "hatch": HATCHES[place],
            "edgecolor": "white",
            "linewidth": 0,
        }
        bars = drawn(at, heights, thick, label=_shown(head), **look)
        _number(axes, bars, heights, small)
    _scales(axes, labels, small, across=plot["across"])
    if len(named) > 1:
        axes.legend(
            prop=small, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=len(named)
        )
    return figure


def _number(axes: Any, bars: BarContainer, heights: Sequence[float], font: FontProperties) -> None:
    """Write each number at its bar; a zero needs none."""
    axes.bar_label(
        bars, [f"{height:g}" if height else "" for height in heights], padding=2, fontproperties=font
    )


def _scales(axes: Any, labels: list[str], font: FontProperties, *, across: bool) -> None:
    places = range(len(labels))
    if across:
        axes.set_yticks(places, labels, fontproperties=font)
        axes.invert_yaxis()
        axes.margins(x=0.1)
    else:
        slanted = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if len(labels) > 6 else {}
        axes.set_xticks(places, labels, fontproperties=font, **slanted)
        axes.margins(y=0.14)
    numbers = axes.xaxis if across else axes.yaxis
    numbers.set_major_locator(MaxNLocator(integer=True, nbins=6))
    for label in numbers.get_ticklabels():
        label.set_fontproperties(font)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=0)
    numbers.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def _shown(label: str) -> str:
    """A label on one line, no longer than there is room, of characters that the fonts here have."""
    flat = " ".join(label.split()).replace("$", "＄")
    if len(flat) > LABEL_CHARACTERS:
        flat = flat[: LABEL_CHARACTERS - 1] + "…"
    lost = lacking(fonts().face(FONT), flat)
    return "".join(MISSING if char in lost else char for char in flat)


def _plain(svg: str) -> str:
    """The SVG with attributes in the place of styles: a page's policy refuses every style that stands inline."""
    without = _SHEET.sub("", _CREATED.sub("", svg), count=1)
    marked = _STYLE.sub(_as_attributes, without)
    return marked.replace("<g id=", '<g stroke-linejoin="round" stroke-linecap="butt" id=', 1)


def _as_attributes(style: re.Match[str]) -> str:
    pairs = (part.split(":", 1) for part in style.group(1).split(";") if part.strip())
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)
