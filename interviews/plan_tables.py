"""A plan as a file: the bytes of an Excel or CSV file to named cells and back. Pure; knows nothing of interviews.

What comes in was made by others, so an Excel file is looked through before any library reads it: its size when
unpacked, its names, its markup without DOCTYPE, no macros, no merged cells, no formulas. What goes out can never be
taken for a formula, not in the full-width forms either that Excel understands here.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from base.errors import Refusal

COLUMNS = ("theme", "starts_at", "ends_at", "respondents", "host", "venue")
REQUIRED = ("theme", "starts_at", "ends_at", "respondents")
HEADINGS = {
    "主题": "theme",
    "题目": "theme",
    "开始": "starts_at",
    "开始时间": "starts_at",
    "结束": "ends_at",
    "结束时间": "ends_at",
    "答复单位": "respondents",
    "主持人": "host",
    "主持": "host",
    "地点": "venue",
}
"""Headings as an office writes them by hand, beside the contract's names."""
TITLES = dict(zip(COLUMNS, ("题目", "开始", "结束", "答复单位", "主持人", "地点"), strict=True))
"""What a column is called where people read it."""

SIZE_LIMIT = 10 * 1024 * 1024
MARKUP_LIMIT = 1536 * 1024
"""What one markup part may unpack to: a thousand rows need a quarter of it, and reading more takes seconds."""
UNPACKED_LIMIT = 40 * 1024 * 1024
RATIO_LIMIT = 200
SMALL_PART = 256 * 1024
PARTS_LIMIT = 500
DIRECTORY_LIMIT = 128 * 1024
ROWS_LIMIT = 1000
WIDTH_LIMIT = 40
CELL_LIMIT = 2000

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_FOREIGN = {_OLE: "旧版Excel文件", b"%PDF": "PDF文件", b"\x1f\x8b": "压缩文件", b"\x89PNG": "图片"}
_FORMULA = frozenset("=+-@＝＋－＠")
_MACROS = re.compile(r"vbaproject|macrosheets|activex|/embeddings/|externallinks", re.IGNORECASE)
_PLAIN_ENCODINGS = frozenset({None, "utf-8", "us-ascii", "ascii"})


@dataclass(frozen=True)
class Line:
    """One row of a plan: its number as a spreadsheet counts, and its cells as text by column name.

    Attributes:
        headings: what the file itself calls its columns, by column name; empty where no file is at hand.
    """

    number: int
    cells: Mapping[str, str]
    headings: Mapping[str, str] = field(default_factory=dict)


def bad(message: str, status: int = 400) -> Refusal:
    """The refusal of a whole file: nothing of it was taken in."""
    return Refusal("plan.file", message, status=status)


def read_table(content: bytes, name: str) -> list[Line]:
    """The rows of a plan's file, empty ones left out.

    Args:
        content: the file.
        name: its name; only its ending is looked at.

    Raises:
        Refusal: ``plan.file``: too large, of another kind than its name says, dangerous or broken; merged cells
            and formulas by row and column; a missing or doubled column; more rows than a plan has.
    """
    if len(content) > SIZE_LIMIT:
        raise bad("文件超过10MB。一年的计划用不了这么大，请去掉图片或者分成几份。", 413)
    ending = name.lower().rpartition(".")[2]
    if ending not in ("xlsx", "csv"):
        raise bad("只收.xlsx和.csv文件。请另存为这两种再导入。")
    for signature, what in _FOREIGN.items():
        if content.startswith(signature):
            raise bad(f"这个文件其实是{what}。请另存为.xlsx或者.csv再导入。")
    packed = content.startswith(b"PK")
    if packed != (ending == "xlsx"):
        raise bad(f"文件名是.{ending}，内容却不是。请用表格软件重新另存一次再导入。")
    grid = _sheet(content) if packed else _csv(content)
    return _lines(grid)


def _lines(grid: Sequence[tuple[int, Sequence[str]]]) -> list[Line]:
    filled = [(number, cells) for number, cells in grid if any(cells)]
    if not filled:
        raise bad(f"表是空的。第一行请写列名：{'、'.join(TITLES.values())}。")
    first, heading = filled[0]
    names = [HEADINGS.get(cell.strip(), cell.strip().lower()) for cell in heading]
    known = [name for name in names if name in COLUMNS]
    lacking = [name for name in REQUIRED if name not in known]
    if lacking:
        raise bad(f"第{first}行缺少列名{'、'.join(TITLES[name] for name in lacking)}。请补上再导入。")
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        raise bad(f"第{first}行的列名{'、'.join(TITLES[name] for name in twice)}写了两次。请删去一列再导入。")
    if len(filled) - 1 > ROWS_LIMIT:
        raise bad(f"一次最多导入{ROWS_LIMIT}行，这里有{len(filled) - 1}行。请分成几份。")
    places = {name: position for position, name in enumerate(names) if name in COLUMNS}
    headings = {name: heading[place].strip() for name, place in places.items()}
    found = []
    for number, cells in filled[1:]:
        row = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        for name, text in row.items():
            if len(text) > CELL_LIMIT:
                raise bad(f"第{number}行{headings[name]}列有{len(text)}个字，太长了。请删短一些再导入。")
        if any(row.values()):
            found.append(Line(number, {name: row.get(name, "") for name in COLUMNS}, headings))
    return found


# CSV


def _csv(content: bytes) -> list[tuple[int, list[str]]]:
    csv.field_size_limit(SIZE_LIMIT)
    grid: list[tuple[int, list[str]]] = []
    try:
        for cells in csv.reader(io.StringIO(_decoded(content), newline=""), strict=True):
            grid.append((len(grid) + 1, [_typed(cell, len(grid) + 1, n) for n, cell in enumerate(cells)]))
            if len(grid) > 20 * ROWS_LIMIT:
                raise bad(f"一次最多导入{ROWS_LIMIT}行。请分成几份。")
    except csv.Error:
        raise bad(f"第{len(grid) + 1}行的引号没有成对，或者格式不是CSV。请改好再导入。") from None
    return grid


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise bad("读不出文件里的文字。请另存为UTF-8的CSV再导入。")


def _typed(cell: str, row: int, column: int) -> str:
    """What a cell of a CSV file says: without the mark that keeps it from being a formula."""
    text = " ".join(cell.split())
    if text[:1] in ("=", "+", "-", "@"):
        raise bad(f"第{row}行{_letters(column)}列是公式。请改成写好的字再导入。")
    return text[1:] if text[:1] == "'" and _looks_like_formula(text[1:]) else text


def _letters(column: int) -> str:
    """A column's letters from its number, 0 being A."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


# Excel


@dataclass
class _Seen:
    """What the markup of one part shows before anybody builds anything from it."""

    root: str = ""
    merged: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    filled: int = 0
    last_row: int = 0
    cell: str = ""
    row: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self.root = self.root or local
        if local == "row":
            self.row = int(attributes.get("r") or self.row + 1)
        elif local == "c":
            self.cell = attributes.get("r") or f"第{self.row}行"
        elif local == "mergeCell":
            self.merged.append(attributes.get("ref", ""))
        elif local == "f" and self.root == "worksheet":
            self.formulas.append(self.cell)
        elif local in ("v", "is") and self.root == "worksheet":
            self.filled += 1
            self.last_row = max(self.last_row, self.row)


def _sheet(content: bytes) -> list[tuple[int, list[str]]]:
    sheets = [seen for seen in _looked_through(content) if seen.root == "worksheet"]
    for seen in sheets:
        if seen.merged:
            raise bad(f"{_where(seen.merged[0])}是合并的单元格。请取消合并，每格写全，再导入。")
        if seen.formulas:
            raise bad(f"{_where(seen.formulas[0])}是公式。请改成写好的值再导入。")
    used = [seen for seen in sheets if seen.filled]
    if len(used) > 1:
        raise bad("文件里有几张写了字的表。请只留要导入的一张。")
    last = max((seen.last_row for seen in used), default=0)
    if last > 20 * ROWS_LIMIT:
        raise bad(f"表里写到了第{last}行，一次最多导入{ROWS_LIMIT}行。请删去多余的行。")
    return _values(content, last) if used else []


def _where(reference: str) -> str:
    """``B3`` or ``A1:C2`` as a person says it: row and column."""
    found = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?", reference)
    if found is None:
        return reference or "有一格"
    begin, end = f"第{found[2]}行{found[1]}列", f"第{found[4]}行{found[3]}列"
    return f"{begin}到{end}" if found[3] else begin


def _looked_through(content: bytes) -> list[_Seen]:
    """Every markup part of an Excel file, looked at without building anything; bounded in size and in names."""
    _check_directory(content)
    found: list[_Seen] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_parts(parts)
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    found.append(_seen(_unpacked(archive, part)))
    except Refusal:
        raise
    except Exception:
        # A broken archive makes the library raise whatever it trips over, ValueError of a negative seek included.
        raise bad("打不开这个文件，可能坏了或者加了密码。请重新另存一次再导入。") from None
    return found


def _check_directory(content: bytes) -> None:
    """The archive's table of contents, before it is read: a small one, of the plain kind."""
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 66_000))
    if end < 0:
        raise bad("打不开这个文件，可能没有传完。请重新另存一次再导入。")
    listed = int.from_bytes(content[end + 12 : end + 16], "little")
    if listed > DIRECTORY_LIMIT or content[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        raise bad("这个文件里的东西太多，不像一份计划。请新建一张表，只留计划再导入。")


def _check_parts(parts: Sequence[zipfile.ZipInfo]) -> None:
    names = [part.filename for part in parts]
    if len(names) > PARTS_LIMIT or len({name.lower() for name in names}) < len(names):
        raise bad("这个文件的结构不对。请用表格软件重新另存一次再导入。")
    for part in parts:
        name = part.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise bad("这个文件里有指向别处的路径，没有打开。请用表格软件重新另存一次再导入。")
        if _MACROS.search(name):
            raise bad("文件里有宏、嵌入的对象或者外部链接，没有打开。请另存为不带这些的.xlsx再导入。")
        swollen = part.file_size > SMALL_PART and part.file_size > RATIO_LIMIT * max(1, part.compress_size)
        if swollen or part.file_size > UNPACKED_LIMIT:
            raise bad("文件解开后大得不正常，没有打开。请新建一张表，只留计划再导入。")
    if sum(part.file_size for part in parts) > UNPACKED_LIMIT:
        raise bad("文件解开后太大，没有打开。请新建一张表，只留计划再导入。")


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    # The size in the directory is a claim; what comes out is measured.
    with archive.open(part) as stream:
        text = stream.read(MARKUP_LIMIT + 1)
    if len(text) > MARKUP_LIMIT:
        raise bad("表太大，没有打开。一年的计划用不了这么大，请新建一张表，只留计划再导入。")
    return text


def _seen(markup: bytes) -> _Seen:
    seen = _Seen()
    parser = expat.ParserCreate(namespace_separator=" ")

    def declared(_version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding.lower() if encoding else None) not in _PLAIN_ENCODINGS:
            raise bad("文件里的文字编码不是UTF-8，没有打开。请用表格软件重新另存一次再导入。")

    def doctype(*_: object) -> None:
        raise bad("文件里有外部实体的声明，没有打开。请用表格软件重新另存一次再导入。")

    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = seen.start
    try:
        parser.Parse(markup, True)
    except (expat.ExpatError, ValueError):
        raise bad("打不开这个文件，里面的内容不完整。请重新另存一次再导入。") from None
    return seen


def _values(content: bytes, last_row: int) -> list[tuple[int, list[str]]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        for sheet in book.worksheets:
            rows = sheet.iter_rows(min_row=1, max_row=last_row, max_col=WIDTH_LIMIT, values_only=True)
            grid = [(number, [_text(value) for value in cells]) for number, cells in enumerate(rows, 1)]
            if any(any(cells) for _, cells in grid):
                return grid
    except Exception:
        # The library raises whatever it trips over (KeyError, TypeError, ...) on a file that only looks like Excel.
        raise bad("打不开这个文件，里面的内容不完整。请重新另存一次再导入。") from None
    return []


def _text(value: Any) -> str:
    """A cell as text; instants to the minute, since Excel keeps them as fractions of a day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value + timedelta(seconds=30):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


# Out


def _looks_like_formula(text: str) -> bool:
    return text[:1] in ("\t", "\r", "\n") or text.lstrip()[:1] in _FORMULA


def harmless(text: str) -> str:
    """A text for a CSV cell that no program takes for a formula: an apostrophe before what looks like one."""
    return f"'{text}" if _looks_like_formula(text) else text


def to_csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Rows as CSV that Excel opens as UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(row[name]) for name in COLUMNS] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Iterable[Mapping[str, str]], title: str) -> bytes:
    """Rows as an Excel sheet in which every cell is a text; the headings are those that people read."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise AssertionError("a new workbook has a sheet")
    sheet.title = title
    for number, row in enumerate((TITLES, *rows), 1):
        for position, name in enumerate(COLUMNS, 1):
            cell = sheet.cell(number, position)
            cell.value = "".join(char for char in row[name] if char >= " ")
            # Set after the value: a leading = would have made it a formula.
            cell.data_type = "s"
            cell.quotePrefix = _looks_like_formula(row[name])
            cell.font = Font(bold=number == 1)
    for letter, width in zip("ABCDEF", (44, 18, 18, 36, 14, 24), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
