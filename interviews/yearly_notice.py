"""The State Council's yearly notice (放假通知) read from a file: what it says of which day, or why it cannot be read.

Pure: bytes in, a notice or a refusal out. What a notice changes is ``interviews.calendar``'s to say.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from base.errors import Refusal

FIRST_YEAR = 1950
LAST_YEAR = 2099
"""``holidays`` knows the lunar festivals between these two; beyond them a year would be Monday to Friday."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a notice: whether it is worked, and the festival that makes it so."""

    day: date
    workday: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class YearNotice:
    """A yearly notice (放假通知): what it says about its year, and about the December before.

    ``year`` is the year in the notice's title. Days of the December before may be among ``days``: the notice for
    2019 made 2018-12-29 a working Saturday.
    """

    year: int
    days: tuple[Day, ...]
    source: str = ""


_MOST_BYTES = 1_000_000
_TRUE = frozenset({"true", "1", "yes", "y", "是", "班", "上班"})
_FALSE = frozenset({"false", "0", "no", "n", "否", "休", "放假", "休息"})
_COLUMNS = ("date", "workday", "name")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def parse_notice(content: bytes, name: str) -> YearNotice:
    """Read a yearly notice from a file.

    Two forms are read: CSV with the columns ``date,workday,name``, one line for each day that differs from Monday
    to Friday, and the JSON of the holiday-cn project (``year``, ``papers``, ``days`` with ``name``, ``date``,
    ``isOffDay``). Its December days of the year before belong to it; a CSV's year is the one most lines are in.

    Args:
        content: the file as it was sent; UTF-8, or GB18030 as Chinese editions of Excel save it.
        name: the file's name, for messages and as the source of the days.

    Raises:
        Refusal: ``calendar.file``; names the line and what is wrong with it. Nothing is read by halves.
    """
    if len(content) > _MOST_BYTES:
        raise _bad(name, None, "文件太大。一年的放假通知只有几十行，请核对是不是选错了文件")
    if content[:2] == b"PK":
        raise _bad(name, None, "这是 Excel 文件。请另存为 CSV 再导入")
    text = _decoded(content, name)
    year: int | None
    if text.lstrip().startswith(("{", "[")):
        year, rows, source = _json_rows(text, name)
    else:
        year, rows, source = _csv_rows(text, name)
    if not rows:
        raise _bad(name, None, "里面一天也没有。通知还没有发布的，请等发布以后再导入")
    if year is None:
        lines_of = Counter(entry.day.year for _, entry in rows)
        year = max(lines_of, key=lambda one: (lines_of[one], one))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _bad(name, None, f"年份{year}不对，只收{FIRST_YEAR}年到{LAST_YEAR}年的通知")
    return YearNotice(year, _agreed(year, rows, name), source)


def _bad(name: str, line: int | None, what: str) -> Refusal:
    where = f"{name}第{line}行" if line is not None else name
    return Refusal("calendar.file", f"{where}：{what}。日历没有改动。", status=400)


def _decoded(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _bad(name, None, "不是文本文件，读不出字来")


def _agreed(year: int, rows: list[tuple[int | None, Day]], name: str) -> tuple[Day, ...]:
    """The days of a file, when no two lines disagree and all belong to the year or the December before."""
    seen: dict[date, tuple[int | None, Day]] = {}
    for line, entry in rows:
        if entry.day.year != year and (entry.day.year, entry.day.month) != (year - 1, 12):
            raise _bad(name, line, f"{entry.day}不在{year}年。一个文件只写一年，上年12月的调休可以一起写")
        earlier_line, earlier = seen.setdefault(entry.day, (line, entry))
        if earlier.workday != entry.workday:
            raise _bad(name, line, f"{entry.day}和第{earlier_line}行说法相反，一处上班，一处放假")
    return tuple(sorted((entry for _, entry in seen.values()), key=lambda entry: entry.day))


def _day(text: str, name: str, line: int | None) -> date:
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise _bad(name, line, f"日期“{text.strip()[:20]}”看不懂，请写成2027-10-01这样")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise _bad(name, line, f"日期“{text.strip()}”不存在") from None


def _csv_rows(text: str, name: str) -> tuple[None, list[tuple[int | None, Day]], str]:
    reader = csv.reader(io.StringIO(text), strict=True)
    rows: list[tuple[int | None, Day]] = []
    header: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                if sorted(header) != sorted(_COLUMNS):
                    raise _bad(name, reader.line_num, "第一行要写三个列名：date,workday,name")
                continue
            rows.append(
                (reader.line_num, _csv_day(dict(zip(header, cells, strict=False)), name, reader.line_num))
            )
    except csv.Error:
        raise _bad(name, reader.line_num, "引号没有成对，这一行读不下去") from None
    if header is None:
        raise _bad(name, None, "是空文件")
    return None, rows, name


def _csv_day(cells: Mapping[str, str], name: str, line: int) -> Day:
    if "date" not in cells or "workday" not in cells:
        raise _bad(name, line, "这一行不够三列")
    word = cells["workday"].strip().lower()
    if word not in _TRUE | _FALSE:
        raise _bad(name, line, f"workday一列要写true或false，现在是“{word[:20]}”")
    return Day(_day(cells["date"], name, line), word in _TRUE, cells.get("name", "").strip())


def _json_rows(text: str, name: str) -> tuple[int, list[tuple[int | None, Day]], str]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise _bad(name, error.lineno, "不是完整的JSON") from None
    except (ValueError, RecursionError):
        raise _bad(name, None, "JSON里有读不了的数字或层次") from None
    if not isinstance(data, dict) or not isinstance(data.get("days"), list):
        raise _bad(name, None, "JSON里要有year和days两项")
    year = data.get("year")
    if not isinstance(year, int) or isinstance(year, bool):
        raise _bad(name, None, "year要写成年份数字")
    entries: list[object] = data["days"]
    places = [text.count("\n", 0, found.start()) + 1 for found in re.finditer(r'"date"\s*:', text)]
    lines: list[int | None] = [*places] if len(places) == len(entries) else [None] * len(entries)
    rows = [
        (line, _json_day(entry, name, line, order))
        for order, (line, entry) in enumerate(zip(lines, entries, strict=True), start=1)
    ]
    papers = [paper for paper in data.get("papers") or [] if isinstance(paper, str)]
    return year, rows, "，".join(papers) or name


def _json_day(entry: object, name: str, line: int | None, order: int) -> Day:
    if not isinstance(entry, dict):
        raise _bad(name, line, f"days第{order}项不是一天")
    off = entry.get("isOffDay")
    if not isinstance(off, bool):
        raise _bad(name, line, f"days第{order}项的isOffDay要写true或false")
    label = entry.get("name")
    return Day(
        _day(str(entry.get("date")), name, line), not off, label.strip() if isinstance(label, str) else ""
    )
