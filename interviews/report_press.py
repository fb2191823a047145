"""The printing press: a version of a report in, a file out. Started as a process of its own by ``report_files``.

Nothing else imports this module: it loads matplotlib and typst, which take a second and 100 MB.
"""

import json
import os
import sys
from typing import Any

from base.errors import Refusal
from interviews import paper_fonts, plots
from interviews.report_page import to_html, to_json
from interviews.report_pdf import to_pdf
from interviews.report_word import to_docx
from interviews.report_words import Content

POLITE = 10
"""How far the press steps back where the live room wants the processor (nice)."""


def printed(content: Content, form: str) -> bytes:
    """A version of a report as a file with its plots.

    Args:
        content: the version.
        form: ``docx``, ``pdf``, ``html``, ``json``, or ``svg:ID`` for one of its plots.

    Raises:
        Refusal: ``report.no_font``.
        KeyError: another form, or a plot that this report does not have.
    """
    kind, _, plot_id = form.partition(":")
    shown: list[dict[str, Any]] = content.get("plots", [])
    if kind == "svg":
        return plots.draw({plot["id"]: plot for plot in shown}[plot_id], "svg")
    return {
        "docx": lambda: to_docx(content, _pictures(shown, "png")),
        "pdf": lambda: to_pdf(content, plots.pictures(shown, "svg")),
        "html": lambda: to_html(content, _pictures(shown, "svg")).encode(),
        "json": lambda: to_json(content).encode(),
    }[kind]()


def _pictures(shown: list[dict[str, Any]], form: plots.Form) -> dict[str, bytes]:
    """The plots; none where this computer has no font to draw them with, for their tables say the same."""
    try:
        return plots.pictures(shown, form)
    except Refusal:
        return {}


def notes(form: str) -> tuple[str, ...]:
    """What the reader should know of how the file came out: fonts that took the place of others, plots left out."""
    if form == "json":
        return ()
    try:
        found = paper_fonts.fonts()
    except Refusal as refusal:
        return (f"{refusal.message}这份文件里没有图，只有图的数据表。",)
    return found.notes if form == "pdf" else ()


def main() -> int:
    """Read a content from standard input, write the file to standard output, and to standard error what was refused."""
    os.nice(POLITE)
    form = sys.argv[1]
    content = json.load(sys.stdin.buffer)
    try:
        made = printed(content, form)
        said = {"notes": notes(form)}
    except Refusal as refusal:
        sys.stderr.write(json.dumps({"refused": [refusal.code, refusal.message, refusal.status]}))
        return 1
    sys.stdout.buffer.write(made)
    sys.stderr.write(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
