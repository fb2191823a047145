"""One function draws a plot for page and paper: the same bytes each time, nothing that a strict page refuses."""

import hashlib
import json
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree

import pytest

from base.errors import Refusal
from interviews import paper_fonts, plots
from tests.interviews import report_samples

PLOT: dict[str, Any] = {
    "id": "bodies",
    "title": "各单位的答复",
    "heads": ["单位", "现场答复", "会后答复"],
    "rows": [["示例市医疗保障局", 5, 2], ["示例市水务局", 17, 0]],
    "across": True,
}
SHOWN = report_samples.sample(40, bodies=report_samples.MANY_BODIES)["plots"]
TWICE = "import sys, json; from interviews import plots; p = json.loads(sys.argv[1]);" + (
    "[sys.stdout.write(__import__('hashlib').sha256(plots.draw(p, f)).hexdigest()) for f in ('svg', 'png')]"
)


def _digest(plot: dict[str, Any]) -> str:
    return "".join(hashlib.sha256(plots.draw(plot, form)).hexdigest() for form in ("svg", "png"))


def test_the_same_plot_is_the_same_bytes_in_another_process_too() -> None:
    sent = json.dumps(PLOT)
    other = subprocess.run([sys.executable, "-c", TWICE, sent], capture_output=True, text=True, check=True)
    assert other.stdout == _digest(PLOT) == _digest(PLOT)
    changed = PLOT | {"rows": [["示例市医疗保障局", 5, 3], ["示例市水务局", 17, 0]]}
    assert _digest(changed) != _digest(PLOT)


@pytest.mark.parametrize("plot", SHOWN, ids=lambda plot: plot["id"])
def test_an_svg_has_no_style_no_script_no_date_and_nothing_fetched(plot: dict[str, Any]) -> None:
    svg = plots.draw(plot, "svg").decode()
    tree = ElementTree.fromstring(svg)
    for element in tree.iter():
        name = element.tag.rpartition("}")[2]
        assert name not in ("style", "script", "metadata", "image", "foreignObject", "text")
        assert not [key for key in element.attrib if key == "style" or key.startswith("on")]
        links = [value for key, value in element.attrib.items() if key.endswith("href")]
        assert all(link.startswith("#") for link in links)
    assert 'fill="#2f5d8a"' in svg, "the styles became attributes"


def test_a_label_is_only_a_label() -> None:
    odd = PLOT | {"rows": [["$\\frac{1}{0}$ <script>&\n" + "长" * 50, 1, 2], ["一个\U0010fffd字", 0, 0]]}
    ElementTree.fromstring(plots.draw(odd, "svg").decode())
    assert plots._shown("一个\U0010fffd字") == "一个〓字"
    assert plots._shown("长" * 50) == "长" * 13 + "…"


def test_without_a_chinese_font_a_sentence_names_the_package(no_font: None) -> None:
    with pytest.raises(Refusal) as refused:
        plots.draw(PLOT, "svg")
    assert refused.value.code == "report.no_font"
    assert "apt-get install fonts-noto-cjk" in refused.value.message


def test_any_chinese_font_is_better_than_none(monkeypatch: pytest.MonkeyPatch) -> None:
    real = [one for one in paper_fonts._installed() if one.family == "Noto Sans CJK JP" or not one.path]
    if not any(one.path for one in real):
        pytest.skip("Noto Sans CJK JP is not here to stand in for an unknown font")
    monkeypatch.setattr(paper_fonts, "_installed", lambda: tuple(real))
    paper_fonts.fonts.cache_clear()
    try:
        found = paper_fonts.fonts()
        assert set(found.families.values()) == {"Noto Sans CJK JP"}
        assert "这台电脑没有仿宋，用 Noto Sans CJK JP 代替。" in found.notes
    finally:
        paper_fonts.fonts.cache_clear()
