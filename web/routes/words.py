"""The office's word lists: by class, with a box to try a sentence, the cases and their result, files in and out."""

import asyncio
import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from aiohttp import web
from aiohttp.web_request import FileField

from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Role
from interviews import texts, wordlists, words
from interviews.plan_tables import harmless
from interviews.screening import CLASS_WORDS, LISTED, Screened, WordClass, fold, screen
from interviews.wordlists import Added, Case, Entry
from web import rows, working_list
from web.forms import DONE, Form, failing_words, local_path, posted
from web.keys import UNITS
from web.pages import Page, flash, render
from web.routes.gate import draws, form_of, staff_of
from web.routes.public import see_other
from web.working_list import Cell, Column, Filter, Line

routes = web.RouteTableDef()

PATH = "/office/words"
PAGE = Page("词表", room="staff", path=PATH)
COLUMNS = (
    Column("word", "词"),
    Column("kind", "归类"),
    Column("state", "在不在用"),
    Column("from", "来历"),
    Column("note", "备注"),
    Column("by", "谁改的", shown=False),
    Column("at", "什么时候", shown=False),
)
FILE_LIMIT = 500 * 1024

_HEADINGS = {"词": "word", "word": "word", "归类": "kind", "kind": "kind", "备注": "note", "note": "note"}
_NOTHING: Mapping[str, str] = {}
_STATE_HEADING = "状态"
_SILENCED = "停用"
_BY_NAME = {name: kind for kind, name in CLASS_WORDS.items()} | {kind.value: kind for kind in WordClass}


@routes.get(PATH)
async def word_page(request: web.Request) -> web.Response:
    """The lists, narrowed by class and by what was searched."""
    return await _page(request, Form(), 200)


@draws(PATH)
async def _again(request: web.Request, _number: int, form: Form, status: int) -> web.Response:
    return await _page(request, form, status)


async def _page(
    request: web.Request, form: Form, status: int, tried: tuple[str, Screened] | None = None
) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        every = await wordlists.entries(uow)
        cases = await wordlists.check(uow)
    context = _listed(request, every) | {
        "classes": [(kind.value, CLASS_WORDS[kind]) for kind in LISTED],
        "expectations": [(kind.value, name) for kind, name in CLASS_WORDS.items() if kind != "harmless"],
        "cases": [_shown_case(case) for case in cases],
        "failing": sum(not case.right for case in cases),
        "tried": None if tried is None else _tried(*tried),
    }
    return await render(request, "office_words.html", context | form_of(form), page=PAGE, status=status)


# The list


def _filters() -> tuple[Filter, ...]:
    kinds = Filter("kind", "归类", [(one.value, CLASS_WORDS[one]) for one in LISTED])
    return (kinds, Filter("state", "在不在用", [("on", "在用"), ("off", _SILENCED)]))


def _listed(request: web.Request, every: Sequence[Entry]) -> dict[str, Any]:
    """The words of one class or of all, searched in the form in which they are compared."""
    filters = _filters()
    asked = working_list.asked(request.query, COLUMNS, filters)
    lines = [_line(one) for one in every if not asked.q or fold(asked.q) in fold(one.word)]
    kind = WordClass(asked.chosen["kind"]) if asked.chosen["kind"] else None
    counts = Counter(line.tags["kind"] for line in lines)
    options = [
        ("", "全部", len(lines)),
        *((one.value, CLASS_WORDS[one], counts[one.value]) for one in LISTED),
    ]
    # What was searched is found by its folded form above, which the plain search of a list would not find.
    drawn = working_list.drawn(PATH, COLUMNS, filters, lines, replace(asked, q=""))
    narrowed = working_list.drawn(PATH, COLUMNS, filters, [], asked)
    told = words.shipped()[kind] if kind else None
    about = {"title": CLASS_WORDS[kind], "text": told.about, "source": told.source} if kind and told else None
    links = {name: narrowed[name] for name in ("q", "narrowed", "asked", "export", "address", "shown")}
    pager = drawn["pager"] | {"href": f"{narrowed['address']}&page="}
    return {
        "l": drawn
        | links
        | {"pager": pager, "tick_all": f"{narrowed['address']}&page={pager['page']}&tick=all"},
        "kinds": rows.filters(options, asked.chosen["kind"], f"{PATH}?q={quote(asked.q)}&kind={{}}#h-list"),
        "about": about,
        "back": f"{narrowed['address']}&page={pager['page']}#h-list",
        "export": f"{PATH}/export.csv" + (f"?kind={kind}" if kind else ""),
    }


def _line(entry: Entry) -> Line:
    cells: dict[str, Cell] = {
        "word": entry.word,
        "kind": CLASS_WORDS[entry.kind],
        "state": "在用" if entry.active else _SILENCED,
        "from": "程序自带" if entry.shipped else "本办添加",
        "note": entry.note,
        "by": entry.added_by,
        "at": entry.at,
    }
    tags = {"kind": entry.kind.value, "state": "on" if entry.active else "off"}
    return Line(cells, tags, None, entry.word)


def _shown_case(case: Case) -> dict[str, Any]:
    found = "、".join(CLASS_WORDS[WordClass(flag.kind)] for flag in case.flags)
    return {
        "id": case.id,
        "text": case.text,
        "expected": CLASS_WORDS[case.expected] if case.expected else "不该有提示",
        "found": found or "没有提示",
        "why": "".join(flag.why for flag in case.flags),
        "right": case.right,
    }


@routes.get(f"{PATH}.xlsx")
async def sheet(request: web.Request) -> web.Response:
    """What the address asks for, as an Excel file."""
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        every = await wordlists.entries(uow)
    filters = _filters()
    asked = working_list.asked(request.query, COLUMNS, filters)
    lines = [_line(one) for one in every if not asked.q or fold(asked.q) in fold(one.word)]
    found = working_list.chosen(lines, replace(asked, q=""), filters)
    body = await asyncio.to_thread(working_list.to_xlsx, PAGE.title, COLUMNS, found, asked)
    return working_list.as_file(body, PAGE.title, "words")


# Several

_SEVERAL = {
    "drop": (wordlists.drop, "停用了{}个，从现在起不提示。", "restore", "撤销，都恢复"),
    "restore": (wordlists.restore, "恢复了{}个，从现在起照样提示。", "drop", "撤销，还是停用"),
}


@routes.post(f"{PATH}/{{act:drop|restore}}")
async def several(request: web.Request) -> web.Response:
    """Silence the ticked words or let them count again; all of them or none."""
    actor = staff_of(request, Role.OFFICE)
    typed = await posted(request)
    verb, said, back, label = _SEVERAL[request.match_info["act"]]
    # Those that an undo sends are quoted, since a word may hold the comma that parts them.
    chosen = list(dict.fromkeys(unquote(one) for one in typed.get("pick", [])))
    try:
        async with request.app[UNITS].act(actor) as uow:
            for word in chosen:
                await verb(uow, word)
            failing = await wordlists.failing(uow)
    except Refusal as refusal:
        return await _page(request, Form(message=refusal.message), refusal.status)
    response = see_other(local_path(typed.get("back"), PATH))
    if not chosen:
        flash(request, response, "warn", working_list.NOTHING_PICKED)
        return response
    undo = {"undo": f"{PATH}/{back}", "undo_of": ",".join(map(quote, chosen)), "undo_label": label}
    words_said = said.format(len(chosen)) + failing_words(failing)
    flash(request, response, "warn" if failing else "good", words_said, **undo)
    return response


@routes.get(f"{PATH}/{{act:drop|restore}}")
async def several_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.OFFICE)
    return see_other(PATH)


# One sentence


@routes.post(f"{PATH}/try")
async def try_sentence(request: web.Request) -> web.Response:
    """How a text would be masked and flagged; sent by POST, so that it stands in no address and no log."""
    actor = staff_of(request, Role.OFFICE)
    typed = await posted(request)
    try:
        said = texts.clean(str(typed.get("try", "")), texts.QUESTION_LIMIT, "试的话")
    except Refusal as refusal:
        form = Form(typed, {"try": refusal.message}, refusal.message, "try")
        return await _page(request, form, refusal.status)
    async with request.app[UNITS].read(actor) as uow:
        found = screen(said, await wordlists.compiled(uow))
    return await _page(request, Form({"try": said}), 200, (said, found))


def _tried(said: str, found: Screened) -> dict[str, Any]:
    """The text in pieces, each with the class of the word in it or none; masked as the moderator sees it."""
    marks: list[str | None] = [None] * len(said)
    for hit in reversed(found.hits):
        marks[hit.start : hit.end] = [CLASS_WORDS[hit.word.kind]] * (hit.end - hit.start)
    pieces: list[dict[str, str | None]] = []
    for char, mark in zip(found.text, marks, strict=True):
        if pieces and pieces[-1]["mark"] == mark:
            pieces[-1]["text"] = f"{pieces[-1]['text']}{char}"
        else:
            pieces.append({"text": char, "mark": mark})
    flags = [{"kind": CLASS_WORDS[WordClass(one.kind)], "why": one.why} for one in found.flags]
    return {"pieces": pieces, "flags": flags}


# Files


@routes.get(f"{PATH}/export.csv")
async def export(request: web.Request) -> web.Response:
    """The lists as CSV that Excel opens; no cell of it is a formula."""
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        every = await wordlists.entries(uow)
    asked = request.query.get("kind", "")
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("词", "归类", "备注", _STATE_HEADING, "来历"))
    for one in every:
        if asked in ("", one.kind.value):
            state = "在用" if one.active else _SILENCED
            came = "程序自带" if one.shipped else "本办添加"
            cells = (one.word, CLASS_WORDS[one.kind], one.note or "", state, came)
            writer.writerow([harmless(cell) for cell in cells])
    headers = {"Content-Disposition": "attachment; filename=words.csv"}
    body = out.getvalue().encode("utf-8-sig")
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


@routes.post(f"{PATH}/import")
async def import_file(request: web.Request) -> web.Response:
    """Take words in from a text file, one a line, or from the columns of a CSV file: all of them or none."""
    actor = staff_of(request, Role.OFFICE)
    sent = await request.post()
    chosen = str(sent.get("kind", ""))
    try:
        lines = await asyncio.to_thread(read_words, *_file(sent.get("file")), _BY_NAME.get(chosen))
        async with request.app[UNITS].act(actor) as uow:
            done = await _take_in(uow, lines)
            failing = await wordlists.failing(uow)
    except Refusal as refusal:
        form = Form({"kind": chosen}, {"file": refusal.message}, refusal.message, "import")
        return await _page(request, form, refusal.status)
    response = see_other(PATH)
    counts = {"added": done.added, "changed": done.changed, "known": done.known, "failing": failing}
    flash(request, response, "warn" if failing else "good", DONE["words.add"](counts))
    return response


def _file(sent: Any) -> tuple[bytes, str]:
    if not isinstance(sent, FileField) or not sent.filename:
        raise _bad("请选一份文件再交。")
    content = sent.file.read(FILE_LIMIT + 1)
    if len(content) > FILE_LIMIT:
        raise _bad("文件超过500KB。词表用不了这么大，请分成几份。")
    return content, sent.filename


def _bad(message: str) -> Refusal:
    return Refusal("words.file", message, status=400)


WordLine = tuple[str, WordClass, str | None]


def read_words(content: bytes, name: str, kind: WordClass | None) -> list[WordLine]:
    """The words of a file with their class and note.

    Args:
        content: UTF-8 or GB18030; lines, or a table whose first line names the columns 词 (and 归类, 备注, 状态).
        name: the file's name, for what is said of it.
        kind: the class of words that name none.

    Raises:
        Refusal: ``words.file``; no text, no column of words, a class that does not exist; names the line.
    """
    text = _decoded(content)
    first = text.split("\n", 1)[0].strip().lower()
    plain = "," not in first and first not in _HEADINGS
    lines = [(line.strip(), _NOTHING) for line in text.splitlines()] if plain else _table(text, name)
    found: list[WordLine] = []
    for number, (word, more) in enumerate(lines, 1):
        if not word or more.get("state") == _SILENCED:
            continue
        said = more.get("kind", "")
        its = _BY_NAME.get(said) if said else kind
        if its is None or its not in LISTED:
            what = f"第{number}行的归类“{said[:20]}”没有" if said else "没有选归类"
            raise _bad(
                f"{what}。请选一个，或者在“归类”一列写：{'、'.join(CLASS_WORDS[one] for one in LISTED)}。"
            )
        found.append((word, its, more.get("note") or None))
    if not found:
        raise _bad("文件里没有词。请一行写一个，或者第一行写上列名“词”。")
    return found


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _bad("读不出文件里的文字。请另存为文本文件或者CSV再导入。")


def _table(text: str, name: str) -> list[tuple[str, Mapping[str, str]]]:
    try:
        grid = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise _bad(f"{name}的格式不是CSV，或者引号没有成对。请改好再导入。") from None
    headings = [cell.strip().lower() for cell in grid[0]]
    names = [_HEADINGS.get(cell, "state" if cell == _STATE_HEADING else "") for cell in headings]
    if "word" not in names:
        raise _bad("没有找到词的那一列。请在第一行写上列名“词”。")
    found: list[tuple[str, Mapping[str, str]]] = [("", _NOTHING)]
    for cells in grid[1:]:
        row = {key: _unmarked(cell) for key, cell in zip(names, cells, strict=False) if key}
        found.append((row.get("word", ""), row))
    return found


def _unmarked(cell: str) -> str:
    """A cell without the apostrophe that ``harmless`` puts before what looks like a formula."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and harmless(text[1:]) != text[1:] else text


async def _take_in(uow: UnitOfWork, lines: Sequence[WordLine]) -> Added:
    """Add the words of a file, those of one class and note together."""
    groups: dict[tuple[WordClass, str | None], list[str]] = {}
    for word, kind, note in lines:
        groups.setdefault((kind, note), []).append(word)
    done = [await wordlists.add(uow, kind, typed, note) for (kind, note), typed in groups.items()]
    return Added(
        sum(one.added for one in done), sum(one.changed for one in done), sum(one.known for one in done)
    )
