"""The report on paper: typeset by typst and by LibreOffice, read back and looked at as pictures."""

import asyncio
import re
import shutil
import subprocess
import time
import unicodedata
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from base.errors import Refusal
from interviews import paper_fonts, plots, report_files, report_press
from interviews.paper_package import CHARACTERS, LINES
from interviews.report_pdf import to_pdf
from interviews.report_word import to_docx
from interviews.report_words import Content
from tests.interviews import report_samples
from tests.interviews.report_samples import MANY_BODIES, sample
from tests.timing import ROOM, check, slowness, within

NEEDED = ("pdftotext", "pdftoppm", "pdffonts", "pdfinfo", "soffice")
pytestmark = pytest.mark.skipif(
    not all(shutil.which(name) for name in NEEDED),
    reason="poppler-utils and libreoffice-writer read the papers back; ./test installs them as root",
)

CASES: dict[str, Callable[[], Content]] = {
    "normal": sample,
    "empty": lambda: sample(0),
    "closed early": report_samples.closed_early,
    "several bodies": lambda: sample(40, bodies=MANY_BODIES),
    "long": lambda: sample(500),
}
HOSTILE = (
    '#panic() #import "x" $1/0$ *b* _i_ @ref <label> \\u{41} // no comment /* nor this */ '
    "= h `raw` ~ -- --- ... ' [a] {b}"
)
RARE = "𠮷野家、㐂、䶮、喆、堃"
SCALE = 50
"""Dots per inch of the pictures: fine enough to see ink beyond a margin."""
MM = SCALE / 25.4


@cache
def _content(case: str) -> Content:
    return CASES[case]()


@cache
def _pdf(case: str) -> bytes:
    content = _content(case)
    return to_pdf(content, plots.pictures(content["plots"], "svg"))


def _run(tmp: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=tmp, capture_output=True, text=True, check=True, timeout=600)
    return done.stdout


def _pages(tmp: Path, pdf: bytes, *more: str) -> list[list[str]]:
    """The lines of each page, without the page number at its foot."""
    (tmp / "paper.pdf").write_bytes(pdf)
    text = _run(tmp, "pdftotext", "-layout", *more, "paper.pdf", "-")
    pages = [[line.strip() for line in page.splitlines() if line.strip()] for page in text.split("\f")[:-1]]
    for number, page in enumerate(pages, 1):
        assert re.sub(r"\s", "", page.pop()) == f"—{number}—"
    return pages


def _flat(pages: list[list[str]]) -> str:
    return re.sub(r"[\s\u200b]", "", "".join("".join(page) for page in pages))


def _ink_beyond_margins(tmp: Path, pdf: bytes, last: int = 30, *, hanging: int = 0) -> list[tuple[int, str]]:
    """The pages that have ink left, right, above or below the text's area (and the page number's place).

    LibreOffice lets a full stop hang over the margin: ``hanging`` is how many millimetres that may be.
    """
    (tmp / "paper.pdf").write_bytes(pdf)
    _run(tmp, "pdftoppm", "-r", str(SCALE), "-gray", "-l", str(last), "paper.pdf", "look")
    found = []
    for place, picture in enumerate(sorted(tmp.glob("look-*.pgm")), 1):
        dark = np.asarray(Image.open(picture)) < 200
        sides = {
            "left": dark[:, : int(27 * MM)],
            "right": dark[:, int((210 - 25 + hanging) * MM) :],
            "above": dark[: int(36 * MM)],
            "below": dark[int((297 - 20) * MM) :],
        }
        found += [(place, side) for side, part in sides.items() if part.any()]
    return found


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_outside_the_margins(tmp_path: Path, case: str) -> None:
    assert _ink_beyond_margins(tmp_path, _pdf(case)) == []


@pytest.mark.parametrize("case", CASES)
def test_no_heading_stands_at_the_foot_of_a_page(tmp_path: Path, case: str) -> None:
    heading = re.compile(
        r"^([一二三四五六七八九]、|（[一二三四五六七八]）|\d+号　|表\d　|图\d的数据|公开过的全部提问)"
    )
    pages = _pages(tmp_path, _pdf(case))
    assert [page[-1] for page in pages if heading.match(page[-1])] == []
    assert all(page for page in pages), "no page is empty"


@pytest.mark.parametrize(
    ("case", "pages"), [("normal", (20, 24)), ("empty", (4, 6)), ("closed early", (9, 13))]
)
def test_the_number_of_pages(tmp_path: Path, case: str, pages: tuple[int, int]) -> None:
    assert pages[0] <= len(_pages(tmp_path, _pdf(case))) <= pages[1]


def test_every_question_and_every_word_of_the_transcript_is_there(tmp_path: Path) -> None:
    content = _content("several bodies")
    written = _flat(_pages(tmp_path, _pdf("several bodies")))
    place = written.index("附件2访谈实录")
    for item in content["transcript"]:
        if item["kind"] != "erratum":
            place = written.index(f"第{item['no']}段", place)
            place = written.index(re.sub(r"\s", "", item["text"]), place)
    assert content["chain"]["head"] in written[place:]
    assert "更正（第73段，3月6日14:30，示例市医疗保障局王立言（处长））：应为三楼窗口。" in written


def test_a_table_over_many_pages_repeats_its_head(tmp_path: Path) -> None:
    pages = _pages(tmp_path, _pdf("long"))
    with_rows = [
        page for page in pages if any(re.match(r"^\d+号\s.*(现场答复|现场时间)", line) for line in page)
    ]
    listed = [page for page in with_rows if any("编号" in line and "支持" in line for line in page)]
    assert len(listed) > 10
    heads = [page for page in listed if re.sub(r"\s", "", page[0]) == "编号提问支持结果"]
    assert len(heads) == len(listed) - 1, "every page but the one on which the table begins"


def test_a_page_has_22_lines_of_28_characters(tmp_path: Path) -> None:
    words = "汉" * (CHARACTERS * LINES * 3)
    content = sample(1, text="问", answer="答")
    content["transcript"][1]["text"] = words
    pages = _pages(tmp_path, to_pdf(content))
    (full,) = [page for page in pages if all(set(line) == {"汉"} for line in page) and len(page) > 3][1:2]
    assert len(full) == LINES
    assert {len(line) for line in full} == {CHARACTERS}


def test_what_a_citizen_wrote_is_only_a_text(tmp_path: Path) -> None:
    pages = _pages(tmp_path, to_pdf(sample(2, text=HOSTILE, answer=HOSTILE)))
    written = _flat(pages)
    assert written.count(re.sub(r"\s", "", HOSTILE)) >= 4


def test_rare_characters_are_there_and_every_font_is_in_the_file(tmp_path: Path) -> None:
    pdf = to_pdf(sample(2, text=RARE))
    assert _flat(_pages(tmp_path, pdf)).count(RARE) >= 3
    listed = _run(tmp_path, "pdffonts", "paper.pdf").splitlines()[2:]
    assert listed
    assert all(re.search(r"\byes (yes|no)\s+yes\s", line) for line in listed), (
        "embedded, and readable as text"
    )


def test_what_no_font_has_is_set_as_a_blank_and_told(tmp_path: Path) -> None:
    lost = "\U0010fffd"
    written = _flat(_pages(tmp_path, to_pdf(sample(2, text=f"一个{lost}字"))))
    assert "一个〓字" in written
    assert "没有下面这些字，上文印作〓，原字见同一份报告的数据文件：U+10FFFD。" in written
    assert "印作〓" not in _flat(_pages(tmp_path, _pdf("empty")))


def test_no_character_of_any_plane_breaks_the_press(tmp_path: Path) -> None:
    """PDF/A-2u is refused by typst where a character would be an empty box; so each one is shown or replaced."""
    every = [chr(code) for code in range(0x20, 0x110000, 61) if unicodedata.category(chr(code)) != "Cs"]
    odd = [
        "\u200d",
        "\ufe0f",
        "\u00ad",
        "\ufeff",
        "\u2028",
        "\x07",
        "\t",
        "e\u0301" * 3,
        "👨\u200d👩\u200d👧",
        "\ufffe",
    ]
    pdf = to_pdf(sample(1, text="汉".join([*odd, *every])))
    assert _ink_beyond_margins(tmp_path, pdf) == []


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1990,
        "！" * 500,
        "。" * 500,
        "https://shili.gov.cn/" + "x/" * 400,
        "é" * 500,
        "）" * 300,
        "—" * 300,
        "1" * 900,
    ],
    ids=lambda text: text[:3],
)
def test_what_cannot_be_broken_is_broken(tmp_path: Path, text: str) -> None:
    pdf = to_pdf(sample(1, text=text, answer=text))
    assert _ink_beyond_margins(tmp_path, pdf) == []
    assert text in _flat(_pages(tmp_path, pdf))


def test_the_same_version_is_the_same_bytes() -> None:
    content = _content("several bodies")
    again = CASES["several bodies"]()
    for form in ("pdf", "docx", "html", "json"):
        assert report_press.printed(content, form) == report_press.printed(again, form)
    assert _pdf("several bodies") != _pdf("normal")


async def test_another_process_prints_the_same_bytes() -> None:
    content = _content("normal")
    for form in ("pdf", "docx", "svg:fates"):
        made = await report_files.write(content, form)
        assert made.body == report_press.printed(content, form)
    assert (await report_files.write(content, "pdf")).notes == paper_fonts.fonts().notes


async def test_a_form_that_is_none_is_refused() -> None:
    for form in ("doc", "svg", "svg:nothing", ""):
        with pytest.raises(Refusal) as refused:
            await report_files.write(_content("empty"), form)
        assert refused.value.code == "report.format"


async def test_a_press_that_breaks_down_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    content = _content("empty")
    broken = {key: value for key, value in content.items() if key != "numbers"}
    with pytest.raises(Refusal) as refused:
        await report_files.write(broken, "pdf")
    assert refused.value.code == "report.not_printed"
    monkeypatch.setattr(report_files, "PATIENCE", 0.01)
    with pytest.raises(Refusal) as slow:
        await report_files.write(content, "pdf")
    assert slow.value.code == "report.not_printed"


def test_without_a_chinese_font_there_is_no_pdf_and_a_word_file_with_tables(no_font: None) -> None:
    content = sample(3)
    with pytest.raises(Refusal) as refused:
        report_press.printed(content, "pdf")
    assert "apt-get install fonts-noto-cjk" in refused.value.message
    assert report_press.printed(content, "docx") == to_docx(content)
    assert "fonts-noto-cjk" in report_press.notes("docx")[0]


def _word_on_paper(tmp: Path, docx: bytes) -> bytes:
    """What LibreOffice makes of a Word file."""
    (tmp / "word.docx").write_bytes(docx)
    home = f"-env:UserInstallation=file://{tmp}/home"
    _run(tmp, "soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp), "word.docx")
    return (tmp / "word.pdf").read_bytes()


@pytest.mark.parametrize("case", ["normal", "empty", "closed early", "several bodies", "long"])
def test_the_word_file_opens_and_looks_the_same(tmp_path: Path, case: str) -> None:
    content = _content(case)
    docx = to_docx(content, plots.pictures(content["plots"], "png"))
    paper = _word_on_paper(tmp_path, docx)
    pages = _pages(tmp_path, paper)
    typeset = len(_pages(tmp_path, _pdf(case)))
    assert abs(len(pages) - typeset) <= 2 + typeset // 10
    (tmp_path / "paper.pdf").write_bytes(paper)
    pictures = _run(tmp_path, "pdfimages", "-list", "paper.pdf").splitlines()[2:]
    assert len([line for line in pictures if line.split()[2] == "image"]) == len(content["plots"])
    assert _ink_beyond_margins(tmp_path, paper, last=12, hanging=5) == []
    written = _flat(pages)
    for words in ("一、基本情况", "七、各项办理的时限", "特此报告。", "附件1提问清单", "附件2访谈实录"):
        assert words in written


def test_the_word_table_repeats_its_head_in_libreoffice(tmp_path: Path) -> None:
    pages = _pages(tmp_path, _word_on_paper(tmp_path, to_docx(sample(60))))
    heads = [page for page in pages if any(re.sub(r"\s", "", line) == "编号提问支持结果" for line in page)]
    assert len(heads) >= 3


async def _delays(work: asyncio.Task[object]) -> list[float]:
    """By how many seconds a ticker of 10 ms was late while something was done."""
    loop, late = asyncio.get_running_loop(), []
    while not work.done():
        before = loop.time()
        await asyncio.sleep(0.01)
        late.append(loop.time() - before - 0.01)
    return sorted(late)


@pytest.mark.parametrize("questions", [500, pytest.param(5000, marks=pytest.mark.long)])
async def test_a_long_report_leaves_the_server_alone(questions: int) -> None:
    """The printing is another process's work: what this one spends on it is a fraction, and nobody waits for it."""
    content = sample(questions)
    began = time.process_time()
    work = asyncio.create_task(report_files.write(content, "pdf"))
    late = await _delays(work)
    spent = time.process_time() - began
    assert (await work).body.startswith(b"%PDF-1.7")
    check(spent, 1 + questions / 5000)
    # Half of all ticks come in time, however busy the machine is: held up, they would all wait for the printing.
    assert late[len(late) // 2] < 0.02 * ROOM * slowness()
    assert len(late) > 10


@pytest.mark.parametrize("questions", [500, pytest.param(5000, marks=pytest.mark.long)])
def test_a_long_report_is_typeset_in_time(questions: int) -> None:
    """5,000 questions in 10 s, in seconds of processor time so that a busy machine does not count."""
    content = sample(questions)
    with within(10):
        pictures = plots.pictures(content["plots"], "svg")
        assert len(to_pdf(content, pictures)) > 100_000


def test_the_pictures_are_pictures() -> None:
    for png in plots.pictures(_content("normal")["plots"], "png").values():
        picture = Image.open(BytesIO(png))
        assert picture.size == (1200, 600)
        assert (np.asarray(picture.convert("L")) < 200).mean() > 0.005
