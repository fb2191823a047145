"""A catalogue as rows and columns: what an entry is made of, and what is wrong with a row that is none.

The columns are the contract's, or the headings that an office writes by hand. ``lines_file`` and
``spreadsheet_file`` bring the same cells from other kinds of file.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from base.errors import Refusal
from faq.models import CLASSES, CatalogEntry, Openness
from interviews.plan_tables import harmless

COLUMNS = (
    "index_no", "class", "title", "question", "alts", "body", "issuer", "section", "document_no", "keywords",
    "made_on", "published_on", "openness", "in_force", "repealed_on", "successor",
)  # fmt: skip
REQUIRED = ("index_no", "title", "body", "issuer")
COLUMN_NAMES = dict(
    zip(
        COLUMNS,
        (
            "索引号", "类别", "标题", "问题", "其他问法", "正文", "发布机构", "责任处室", "文号", "主题词",
            "成文日期", "发布日期", "公开属性", "是否有效", "废止日期", "替代它的索引号",
        ),
        strict=True,
    )
)  # fmt: skip
"""What a column is called on paper."""
_HEADINGS = {words: name for name, words in COLUMN_NAMES.items()} | {
    "分类": "class",
    "公开目录": "class",
    "名称": "title",
    "相似问法": "alts",
    "答案": "body",
    "内容": "body",
    "发布部门": "issuer",
    "发文机关": "issuer",
    "发文字号": "document_no",
    "关键词": "keywords",
    "有效性": "in_force",
    "失效日期": "repealed_on",
}

SIZE_LIMIT = 50 * 1024 * 1024
BODY_LIMIT = 500_000
"""Code points of a body: 300 pages of an official document have some 185,000."""
LINE_LIMIT = 500
ROWS_LIMIT = 100_000
"""What the index is measured with; a city's catalogue has a tenth of it."""
_YES = frozenset({"", "是", "有效", "现行有效", "true", "yes", "1"})
_NO = frozenset({"否", "失效", "已失效", "废止", "已废止", "无效", "false", "no", "0"})
_SIGNATURES = {
    b"PK\x03\x04": "Excel或Word文件",
    b"\xd0\xcf\x11\xe0": "旧版或者加了密码的Excel或Word文件",
    b"%PDF": "PDF文件",
    b"\x1f\x8b": "压缩文件",
    b"Rar!": "压缩文件",
    b"7z\xbc\xaf": "压缩文件",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
}
WORDLESS = "只有符号，至少要有一个字、字母或者数字"
"""What is wrong with a title that is :func:`wordless`, for the form, the file and the review alike."""
# What no database and no page takes: control characters, and halves of a pair that JSON can write alone.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Row:
    """One entry as a file gives it; see ``models.CatalogEntry`` for the meaning of the fields.

    ``assumed`` names the fields that the file does not say itself: what a new entry gets by default or from whoever
    brings the file. A known entry keeps its own there, and wherever the row is empty: see :meth:`over`.
    """

    index_no: str
    category: str
    title: str
    question: str
    alts: tuple[str, ...]
    body: str
    issuer: str
    section: str | None
    document_no: str | None
    keywords: str | None
    made_on: date | None
    published_on: date | None
    openness: str
    in_force: bool
    repealed_on: date | None
    successor: str | None
    assumed: frozenset[str] = field(default=frozenset(), compare=False)

    def values(self) -> dict[str, Any]:
        """Field to value, as the columns of an entry hold them."""
        return {name: getattr(self, name) for name in FIELDS} | {"alts": list(self.alts)}

    def as_fields(self) -> dict[str, Any]:
        """The fields as a JSON column keeps them: dates in ISO form."""
        said = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in self.values().items()
        }
        return said | {"assumed": sorted(self.assumed)}

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> "Row":
        """The row that :meth:`as_fields` gave."""
        days = {
            name: date.fromisoformat(fields[name]) if fields[name] else None
            for name in ("made_on", "published_on", "repealed_on")
        }
        kept = {"alts": tuple(fields["alts"]), "assumed": frozenset(fields.get("assumed", ()))}
        return cls(**{**fields, **days, **kept})

    def given(self, issuer: str = "", published_on: date | None = None) -> "Row":
        """The row with what it does not say itself, which is assumed: a known entry keeps its own."""
        lent: dict[str, Any] = {"issuer": issuer, "published_on": published_on}
        lent = {name: value for name, value in lent.items() if value and not getattr(self, name)}
        return replace(self, **lent, assumed=self.assumed.union(lent)) if lent else self

    def over(self, entry: CatalogEntry) -> "Row":
        """What a known entry is to say by this row: its own where the row says nothing or only assumes."""
        left = {name: getattr(entry, name) for name in FIELDS if name in self.assumed or self._lacks(name)}
        kept: dict[str, Any] = {name: value for name, value in left.items() if value not in _NOTHING}
        if "alts" in kept:
            kept["alts"] = tuple(kept["alts"])
        return replace(self, **kept) if kept else self

    def _lacks(self, name: str) -> bool:
        return getattr(self, name) in _NOTHING


FIELDS = tuple(one.name for one in fields(Row) if one.name != "assumed")
"""What a row says of its entry."""
_NOTHING: tuple[Any, ...] = (None, "", (), [])


@dataclass(frozen=True)
class Problem:
    """Why a row is no entry; ``number`` is the row's as a spreadsheet counts."""

    number: int
    what: str

    @property
    def sentence(self) -> str:
        """For the preview, where every row is judged by itself."""
        return f"第{self.number}行{self.what}。"

    def refusal(self) -> Refusal:
        """For an import that takes all rows or none."""
        message = f"第{self.number}行{self.what}。请改好这一行再导入，这一次一条也没有存。"
        return Refusal("import.row", message, status=400)


Cells = Mapping[str, str]
Line = tuple[int, Cells | Problem]
"""The number of a row with its cells by column, or with what kept them from being read."""


class Assumed(str):
    """A cell that a reader filled in by itself where the file says nothing."""

    __slots__ = ()


class _Wrong(Exception):
    """What is wrong with a cell; never leaves this module."""


# Rows


def judged(
    lines: Iterable[Line], may_lack: Collection[str] = (), today: date | None = None
) -> tuple[list[Row], list[Problem]]:
    """The entries of a file's rows, and what is wrong with the other rows; empty rows are passed over.

    Args:
        lines: numbers and cells.
        may_lack: required columns that the person gives afterwards.
        today: the last day that may be one of publication, in Shanghai; ``None`` where that is judged later.

    Raises:
        Refusal: ``import.rows``, more rows than a catalogue has.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, cells in lines:
        found = cells if isinstance(cells, Problem) else _judge(cells, number, may_lack, today)
        if isinstance(found, Row) and found.index_no in seen:
            found = Problem(number, f"的索引号{found.index_no}和第{seen[found.index_no]}行相同")
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            if found.index_no:
                seen[found.index_no] = number
            rows.append(found)
        if len(rows) + len(problems) > ROWS_LIMIT:
            raise Refusal("import.rows", f"一次最多导入{ROWS_LIMIT}行。请分成几份导入。", status=413)
    return rows, problems


def _judge(cells: Cells, number: int, may_lack: Collection[str], today: date | None) -> Row | Problem | None:
    if not any(text.strip() for text in cells.values()):
        return None
    try:
        return _row(cells, may_lack, today)
    except _Wrong as wrong:
        return Problem(number, str(wrong))


def row_of(cells: Cells, number: int, may_lack: Collection[str] = (), today: date | None = None) -> Row:
    """One entry from named cells.

    Args:
        cells: column name to text; columns that are not of the contract are passed over.
        number: the row, for the refusal.
        may_lack: required columns that may be empty here.
        today: as for :func:`judged`.

    Raises:
        Refusal: a required cell is empty, or a cell does not say what its column means.
    """
    try:
        return _row(cells, may_lack, today)
    except _Wrong as wrong:
        raise Problem(number, str(wrong)).refusal() from None


def _row(cells: Cells, may_lack: Collection[str], today: date | None) -> Row:
    cell = {name: _clean(cells.get(name) or "") for name in COLUMNS}
    wrong = _wrong_cells(cell, may_lack, today)
    if wrong:
        raise _Wrong("的" + "；".join(wrong))
    return Row(
        index_no=cell["index_no"],
        category=cell["class"] or CLASSES[-1],
        title=cell["title"],
        question=cell["question"],
        alts=tuple(part.strip() for part in cell["alts"].replace("|", "\n").split("\n") if part.strip()),
        body=cell["body"],
        issuer=cell["issuer"],
        section=cell["section"] or None,
        document_no=cell["document_no"] or None,
        keywords=cell["keywords"] or None,
        made_on=day(cell["made_on"]),
        published_on=day(cell["published_on"]),
        openness=cell["openness"] or str(Openness.OPEN),
        in_force=cell["in_force"].lower() in _YES,
        repealed_on=day(cell["repealed_on"]),
        successor=cell["successor"] or None,
        assumed=_assumed(cell, cells),
    )


_DEFAULTED = {"class": "category", "openness": "openness", "in_force": "in_force"}
"""The columns that are something even where nothing is written, with their fields."""


def _assumed(cell: Cells, cells: Cells) -> frozenset[str]:
    by_default = {name for column, name in _DEFAULTED.items() if not cell[column]}
    return frozenset(by_default | {name for name, text in cells.items() if isinstance(text, Assumed)})


def called(name: str) -> str:
    """A column in a sentence, by what it is called on paper and not by its name in a program."""
    return f"“{COLUMN_NAMES.get(name, name)}”"


def wordless(title: str) -> bool:
    """Whether a title says something, but has no letter, digit or Han character: only emoji and punctuation."""
    return bool(title.strip()) and not any(char.isalnum() for char in title)


def _wrong_cells(cell: Cells, may_lack: Collection[str], today: date | None) -> list[str]:
    """Everything that is wrong with a row, so that whoever mends the file has to mend it once."""
    wrong = [f"{called(name)}是空的" for name in REQUIRED if not cell[name] and name not in may_lack]
    if wordless(cell["title"]):
        wrong.append(f"{called('title')}{WORDLESS}")
    for name, text in cell.items():
        limit = BODY_LIMIT if name in ("body", "alts") else LINE_LIMIT
        if len(text) > limit:
            wrong.append(f"{called(name)}有{len(text)}个字，最多{limit}个")
    if cell["openness"] and cell["openness"] not in set(Openness):
        wrong.append(_instead(cell, "openness", f"是{'、'.join(Openness)}之一"))
    if cell["in_force"].lower() not in _YES | _NO:
        wrong.append(_instead(cell, "in_force", "是“是”或“否”"))
    for name in ("made_on", "published_on", "repealed_on"):
        if cell[name] and day(cell[name]) is None:
            wrong.append(_instead(cell, name, "像2026-05-18"))
    published_on = day(cell["published_on"])
    if today is not None and published_on is not None and published_on > today:
        wrong.append(_instead(cell, "published_on", "是今天或者以前的日期，或者空着"))
    return wrong


def _instead(cell: Cells, name: str, wanted: str) -> str:
    return f"{called(name)}写的是{cell[name][:20]}，应当{wanted}"


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def day(text: str) -> date | None:
    """A date as it is written on paper; ``None`` for what is none."""
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date on paper has no zone
        except ValueError:
            continue
    return None


# A table's first row


def columns_of(heading: Iterable[str]) -> list[str]:
    """The columns that a first row names, by the contract's names; what it does not know stays as it is written.

    Raises:
        Refusal: ``import.columns``, a required column missing or one named twice.
    """
    names = [_HEADINGS.get(cell.strip(), cell.strip().lower()) for cell in heading]
    lacking = [name for name in REQUIRED if name not in names]
    if lacking:
        said = "、".join(f"{COLUMN_NAMES[name]}（{name}）" for name in lacking)
        raise Refusal("import.columns", f"第1行缺少列名{said}。请补上再导入。", status=400)
    known = [name for name in names if name in COLUMNS]
    if len(set(known)) < len(known):
        raise Refusal("import.columns", "第1行有重复的列名。请删去重复的一列再导入。", status=400)
    return names


def empty_file() -> Refusal:
    """Of a file in which nothing is written."""
    return Refusal("import.empty", "文件是空的。第一行请写列名，从第二行起一行一条。", status=400)


# CSV


def parse_csv(content: bytes) -> list[Row]:
    """The entries of a CSV file, all of them.

    Args:
        content: UTF-8, or GB 18030 as Excel saves it here; the first line names the columns, in any order;
            of several phrasings in ``alts`` each stands on a line of its own or between ``|``.

    Raises:
        Refusal: no CSV, a column missing, or a bad cell; the message names the row as a spreadsheet counts it.
    """
    rows, problems = read_csv(decoded(content))
    for problem in problems[:1]:
        raise problem.refusal()
    return rows


def read_csv(text: str, today: date | None = None) -> tuple[list[Row], list[Problem]]:
    """The entries of a CSV text, and what is wrong with its other rows; ``today`` as for :func:`judged`.

    Raises:
        Refusal: no CSV at all, or a column missing.
    """
    grid = _csv_grid(text)
    if not grid:
        raise empty_file()
    names = columns_of(grid[0][1])
    return judged((_csv_line(number, cells, names) for number, cells in grid[1:]), today=today)


def _csv_line(number: int, cells: list[str], names: list[str]) -> Line:
    if len(cells) != len(names) and any(cell.strip() for cell in cells):
        return number, Problem(number, f"有{len(cells)}格，列名有{len(names)}格")
    return number, {name: _unmarked(cell) for name, cell in zip(names, cells, strict=False)}


def _unmarked(cell: str) -> str:
    """A cell without the apostrophe that an export puts before what looks like a formula."""
    return cell[1:] if cell[:1] == "'" and harmless(cell[1:]) != cell[1:] else cell


def _csv_grid(text: str) -> list[tuple[int, list[str]]]:
    """Records with the number of the row as a spreadsheet counts it."""
    csv.field_size_limit(SIZE_LIMIT)
    out: list[tuple[int, list[str]]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            out.append((len(out) + 1, cells))
            if len(out) > 2 * ROWS_LIMIT:
                raise Refusal("import.rows", f"一次最多导入{ROWS_LIMIT}行。请分成几份导入。", status=413)
    except csv.Error:
        raise Problem(len(out) + 1, "的引号没有成对，或者格式不是CSV").refusal() from None
    return out


def decoded(content: bytes) -> str:
    """The text of a file that is text: UTF-8, GB 18030, or UTF-16 where its first two bytes say so.

    Raises:
        Refusal: ``import.size``; ``import.format`` for what is no text; ``import.encoding``.
    """
    if len(content) > SIZE_LIMIT:
        raise Refusal("import.size", "文件超过50MB。请分成几份导入。", status=413)
    for signature, what in _SIGNATURES.items():
        if content.startswith(signature):
            message = f"这是{what}，读不了。请另存为CSV、.xlsx、.docx、网页或者纯文本再导入。"
            raise Refusal("import.format", message, status=400)
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise Refusal("import.encoding", "读不出文件里的文字。请另存为UTF-8编码再导入。", status=400)
