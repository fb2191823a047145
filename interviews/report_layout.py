"""How a summary report is laid out: its content as a row of lines, tables and figures. Pure.

Word, PDF and HTML show the same row, each in its own way, so that no sentence stands in one and not in the other.
The order of the parts is that of an official document (GB/T 9704-2012): title, addressees, text, attachments,
signature, date; the list of all questions and the transcript follow as attachments.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from interviews.lifecycle import DECLINE_WORDS
from interviews.report_words import (
    FATES,
    GROUNDS,
    PROSE,
    PROSE_PARTS,
    STAMP,
    Content,
    cn_date,
    completed,
    done_words,
    guests,
    listed,
    main_questions,
    moment,
    open_rows,
    promise_words,
    short,
    span,
    summary,
    title_of,
    transcript_lines,
)

TITLE_CHARACTERS = 20
LISTED_TEXT = 80
"""Characters of a question in the list of all; the whole text stands in the transcript."""
PICTURE_MM = (150.0, 75.0)
"""A plot on paper: nearly the text's width, and with its caption less than half a page."""
WHOLE_ROWS, WHOLE_CHARACTERS = 12, 500
"""A table up to this size is not broken: it takes less than half a page."""
NUMBERED = "表　"
_COUNT = "一二三四五六七八九十"


class Style(StrEnum):
    """What a line is."""

    TITLE = "title"
    ADDRESSEE = "addressee"
    HEADING = "heading"
    SUBHEADING = "subheading"
    QUESTION = "question"
    BODY = "body"
    CLOSING = "closing"
    ATTACHMENTS = "attachments"
    ATTACHMENTS_MORE = "attachments-more"
    SIGNATURE = "signature"
    DATE = "date"
    ATTACHMENT_MARK = "attachment-mark"
    ATTACHMENT_TITLE = "attachment-title"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph; ``part`` names the part of ``PROSE_PARTS`` that it belongs to, empty for what is record."""

    style: Style
    text: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; ``widths`` are parts of the text's width, ``right`` the columns set to the right."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    right: frozenset[int] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether the table is small enough to stand on one page."""
        characters = sum(len(cell) for row in self.rows for cell in row)
        return len(self.rows) <= WHOLE_ROWS and characters <= WHOLE_CHARACTERS


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot of the content under its caption; ``told`` says in words what it shows."""

    plot: str
    caption: str
    told: str


Block = Line | Table | Figure
Part = Iterator[Block]


def blocks(content: Content, *, blank: bool = False) -> Iterator[Block]:
    """The whole report, from its title to the end of the transcript; its tables are numbered as they come.

    Args:
        content: a version of the report.
        blank: an empty line stands for prose that nobody has written yet, for whoever is to write it.
    """
    number = 0
    for block in _blocks(completed(content), blank):
        if isinstance(block, Table) and block.caption.startswith(NUMBERED):
            number += 1
            yield replace(block, caption=f"表{number}　{block.caption.removeprefix(NUMBERED)}")
        else:
            yield block


def _blocks(content: Content, blank: bool) -> Iterator[Block]:
    yield Line(Style.TITLE, _title(content["interview"]["theme"]))
    if content["recipients"]:
        yield Line(Style.ADDRESSEE, listed(content["recipients"]) + "：")
    prose = content.get(PROSE, {})
    yield from _bodies([*_version(content), *summary(content)])
    yield from _prose(prose, "overview", blank)
    parts = (
        ("基本情况", _bodies(_facts(content))),
        ("提问和办理", _figures(content)),
        ("主要问题和答复", _main(content)),
        ("还没有办完的事", _open(content)),
        *((("答复里的承诺", _promises(content)),) if content["promises"] else ()),
        ("没有公开的提问和申诉", _bodies(_unseen(content))),
        ("与规定不一致的情况", _bodies(_deviations(content))),
        ("各项办理的时限", _duties(content)),
        *(
            (PROSE_PARTS[key], _prose(prose, key, blank))
            for key in ("problems", "proposals")
            if prose.get(key) or blank
        ),
    )
    for count, (heading, part) in zip(_COUNT, parts, strict=False):
        yield Line(Style.HEADING, f"{count}、{heading}")
        yield from part
    yield Line(Style.CLOSING, "特此报告。")
    yield Line(Style.ATTACHMENTS, "附件：1. 提问清单")
    yield Line(Style.ATTACHMENTS_MORE, "　　　2. 访谈实录")
    yield Line(Style.SIGNATURE, content["office"])
    yield Line(Style.DATE, cn_date(content[STAMP]["made_at"]))
    yield Line(Style.ATTACHMENT_MARK, "附件1")
    yield Line(Style.ATTACHMENT_TITLE, "提问清单")
    yield from _every(content)
    yield Line(Style.ATTACHMENT_MARK, "附件2")
    yield Line(Style.ATTACHMENT_TITLE, "访谈实录")
    yield from _transcript(content)


def _prose(prose: Mapping[str, str], part: str, blank: bool) -> Part:
    """What the office wrote, a paragraph for each line."""
    lines = [line.strip() for line in prose.get(part, "").splitlines() if line.strip()]
    return (Line(Style.BODY, line, part) for line in lines or ([""] if blank else []))


def _bodies(texts: Iterator[str] | list[str]) -> Part:
    return (Line(Style.BODY, text) for text in texts)


def _title(theme: str) -> str:
    """The title, broken between words where it needs two lines of size 2 (twenty characters each)."""
    title = title_of(theme)
    return title if len(title) <= TITLE_CHARACTERS else f"关于“{theme}”\n网上访谈情况的汇总报告"


def _version(content: Content) -> list[str]:
    stamp = content[STAMP]
    if stamp["version"] is None:
        return ["这是草稿，还没有报送。"]
    if stamp["replaces"] is not None:
        return [f"这是第{stamp['version']}版，代替已经报送的第{stamp['replaces']}版。"]
    return []


def _facts(content: Content) -> Iterator[str]:
    told = content["interview"]
    number = f"（本年第{told['no']}场）" if told["no"] else ""
    yield f"主题：{told['theme']}{number}"
    yield f"原定时间：{span(told['starts_at'], told['ends_at'])}"
    if told["opened_at"]:
        yield f"实际时间：{span(told['opened_at'], told['closed_at'])}"
    yield f"答复单位：{listed([one['name'] for one in told['respondents']])}"
    yield f"参加人员：{listed(guests(content), '没有报来')}"
    yield f"主持：{told['host'] or '没有指定'}"
    if told["venue"]:
        yield f"地点：{told['venue']}"
    yield f"依据：{content['regulation']['name']}"


def _named(counts: dict[str, int], words: Any) -> str:
    return "，".join(f"{words[key]}{count}个" for key, count in counts.items() if count)


def fates(content: Content) -> Iterator[tuple[str, str, str]]:
    """What became of the questions: the rows add up to those received."""
    numbers = content["numbers"]
    both = numbers["live"] + numbers["after"] - numbers["answered"]
    answered = f"现场答复{numbers['live']}个，会后答复{numbers['after']}个" + (
        f"，两样都有的{both}个" if both > 0 else ""
    )
    by = f"最迟{cn_date(content['answer_by'])}" if content["answer_by"] and numbers["waiting"] else ""
    notes = {
        "answered": answered if numbers["answered"] else "",
        "waiting": by,
        "refused": _named(numbers["refused_by_ground"], GROUNDS),
        "declined": _named(numbers["declined_by_reason"], DECLINE_WORDS),
        "transferred": "，".join(f"{body}{count}个" for body, count in numbers["transferred_to"].items()),
    }
    for label, key in FATES:
        yield label, str(numbers[key]), notes.get(key, "")
    note = f"公开过{numbers['public']}个，支持{numbers['supports']}人次"
    yield "合计收到", str(numbers["received"]), note


def _figures(content: Content) -> Part:
    """The table of fates, and each plot with its table; the plot of the fates shares the first one."""
    yield Table(
        "表　提问的去向", ("去向", "个数", "说明"), tuple(fates(content)), (32, 12, 56), frozenset({1})
    )
    for place, plot in enumerate(content["plots"], 1):
        yield Figure(plot["id"], f"图{place}　{plot['title']}", _told(plot))
        if plot["id"] != "fates":
            yield _plot_table(f"图{place}的数据　{plot['title']}", plot)


def _told(plot: dict[str, Any]) -> str:
    """A plot in one sentence, for who does not see it."""
    named = plot["heads"][1:]
    rows = [
        f"{label}{'，'.join(f'{head}{count}' for head, count in zip(named, counts, strict=True))}"
        for label, *counts in plot["rows"]
    ]
    return f"{plot['title']}：{'；'.join(rows)}。"


def _plot_table(caption: str, plot: dict[str, Any]) -> Table:
    heads = tuple(plot["heads"])
    rows = tuple(tuple(str(cell) for cell in row) for row in plot["rows"])
    others = len(heads) - 1
    return Table(caption, heads, rows, (40, *[60 // others] * others), frozenset(range(1, others + 1)))


def _main(content: Content) -> Part:
    """The most supported questions of each group with their answers."""
    if not content["questions"]:
        yield Line(Style.BODY, "没有公开的提问。")
        return
    groups = main_questions(content)
    alone = len(groups) == 1
    by_word = "" if alone else "按提问里共有的词分组，"
    if any(group.cut for group in groups):
        yield Line(Style.BODY, f"{by_word}列出支持最多的几个。全部提问见附件1，全部答复见附件2。")
    elif by_word:
        yield Line(Style.BODY, "按提问里共有的词分组。全文见附件2。")
    for count, group in enumerate(groups):
        if not alone:
            yield Line(Style.SUBHEADING, f"（{_COUNT[count]}）{group.title}")
        for question, lines in group.questions:
            yield Line(Style.QUESTION, question)
            yield from _bodies(lines)


def _open(content: Content) -> Part:
    rows = tuple(open_rows(content))
    pending = content["numbers"]["pending"]
    if not rows and not pending:
        yield Line(Style.BODY, "没有。")
    if pending:
        yield Line(Style.BODY, f"还有{pending}个提问在等审核，审核以后另行报告。")
    if rows:
        heads = ("哪些提问", "谁办", "最迟", "原因")
        yield Table("表　还没有办完的提问", heads, rows, (40, 22, 18, 20))


def _promises(content: Content) -> Part:
    """What the bodies promised in their answers, each with its day and how it stands."""
    rows = []
    for one in content["promises"]:
        asked = f"{one['number']}号" if one["number"] else f"第{one['no']}段"
        due = cn_date(one["due"]) + ("（暂定）" if one["provisional"] else "")
        rows.append((asked, one["what"], one["body"], due, promise_words(one, content["as_of"])))
    heads = ("提问", "答应办什么", "谁办", "最迟", "办理情况")
    yield Table("表　答复里的承诺", heads, tuple(rows), (10, 33, 20, 20, 17))


def _unseen(content: Content) -> Iterator[str]:
    if not content["unpublished"]:
        yield "没有。"
        return
    fates = [f"{fate['outcome']}，{fate['count']}个" for fate in content["unpublished"]]
    yield "；".join(fates) + "。文字不写进报告。"
    if content["appeals"]:
        yield "申诉：" + "；".join(f"{one['outcome']}，{one['count']}个" for one in content["appeals"]) + "。"
    else:
        yield "没有人申诉。"


def _deviations(content: Content) -> Iterator[str]:
    if not content["deviations"]:
        yield "没有。"
    for one in content["deviations"]:
        yield f"{moment(one['at'])}，{one['text']}（{one['article']}）"


def _duties(content: Content) -> Part:
    rows = []
    for duty in content["duties"]:
        due = cn_date(duty["due"]) + ("（暂定）" if duty["provisional"] else "")
        rows.append((duty["title"], duty["article"], duty["who"], due, done_words(duty, content["as_of"])))
    heads = ("事项", "依据", "谁办", "最迟", "办理情况")
    yield Table("表　各项办理的时限", heads, tuple(rows), (24, 13, 22, 21, 20))


def _transcript(content: Content) -> Part:
    """The transcript; the head of its chain stays on one page with the words that explain it."""
    lines = list(transcript_lines(content))
    last = 2 if content["transcript"] else 0
    yield from _bodies(lines[: len(lines) - last])
    yield from (Line(Style.CLOSING, text) for text in lines[len(lines) - last :])


def _every(content: Content) -> Part:
    """The list of all questions that were public."""
    if not content["questions"]:
        yield Line(Style.BODY, "没有公开的提问。")
        return
    rows = []
    for question in content["questions"]:
        text = short(question["text"] or "（文字不公开）", LISTED_TEXT)
        rows.append((f"{question['number']}号", text, str(question["supports"]), question["outcome"]))
    heads = ("编号", "提问", "支持", "结果")
    yield Table("公开过的全部提问", heads, tuple(rows), (12, 52, 9, 27), frozenset({2}))
