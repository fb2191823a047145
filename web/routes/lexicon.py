"""The city's dictionary: words kept whole and words that mean the same, with a box that shows how a sentence is cut."""

from typing import Any

from aiohttp import web

from base.errors import Refusal
from base.people import Role
from faq import lexicon, terms
from faq.lexicon import LineKind
from web import forms, overtaken, rows
from web.keys import UNITS
from web.pages import Page, flash, render
from web.routes.gate import form_of, staff_of
from web.routes.public import page_number, see_other

routes = web.RouteTableDef()

PATH = "/office/catalog/lexicon"
PAGE = Page("词典", room="staff", path=PATH)
ON_A_PAGE = 50
SENTENCE_LIMIT = 200
KIND_WORDS = {LineKind.SAME: "同义词", LineKind.WORDS: "整词"}

_EDITORS = (Role.EDITOR, Role.OFFICE)


@routes.get(PATH)
async def lexicon_page(request: web.Request) -> web.Response:
    """The lines, narrowed by a word; with ``?try=`` also how that sentence is cut."""
    return await _page(request, forms.Form({"try": request.query.get("try", "")[:SENTENCE_LIMIT]}), 200)


async def _page(request: web.Request, form: forms.Form, status: int) -> web.Response:
    actor = staff_of(request, *_EDITORS)
    async with request.app[UNITS].read(actor) as uow:
        every = await lexicon.lines(uow.db)
        _, words = await lexicon.current(uow.db)
    wanted = request.query.get("q", "").strip()[: lexicon.WORD_LONGEST]
    plain = terms.normalise(wanted)
    found = [one for one in every if not plain or any(plain in terms.normalise(word) for word in one.words)]
    page = page_number(request)
    sentence = str(form.typed.get("try", ""))
    context = {
        "rows": [
            {
                "id": one.id,
                "kind": KIND_WORDS[LineKind(one.kind)],
                "words": " ".join(one.words),
                "by": one.author_name,
                "at": one.changed_at,
            }
            for one in found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
        ],
        "total": len(every),
        "shipped": len(terms.PLAIN.groups),
        "q": wanted,
        "kinds": [(kind.value, label) for kind, label in KIND_WORDS.items()],
        "pager": rows.pager(page, len(found), ON_A_PAGE, f"{PATH}?q={wanted}&page="),
        "tried": tried(sentence, words) if sentence.strip() else None,
    }
    return await render(request, "office_lexicon.html", context | form_of(form), page=PAGE, status=status)


def tried(sentence: str, words: terms.Lexicon) -> dict[str, Any]:
    """How a sentence is cut, and which of its words have others beside them.

    Args:
        sentence: as typed.
        words: the city's lexicon.
    """
    plain = terms.without_filler(terms.normalise(sentence))
    matcher, _ = words.matcher
    stand = {plain[start:end] for _, start, end in matcher.find_matches_as_indexes(plain)}
    groups = [
        {"word": word, "same": "、".join(sorted(group - {word}))}
        for word in sorted(stand)
        for group in words.groups
        if word in group
    ]
    return {"words": [word for word in terms.segment(plain, words) if word.strip()], "groups": groups}


@routes.post(PATH)
async def act(request: web.Request) -> web.Response:
    """Add a line, or change or remove one: ``act`` is ``add``, ``change`` or ``remove``."""
    actor = staff_of(request, *_EDITORS)
    typed = await forms.posted(request)
    named = str(typed.get("line", ""))
    number = int(named) if named.isascii() and named.isdecimal() and len(named) < 12 else 0
    words = str(typed.get("words", "")).replace("、", " ").replace("，", " ").split()
    try:
        async with request.app[UNITS].act(actor) as uow:
            if typed.get("act") in ("change", "remove"):
                now = " ".join((await lexicon.find_line(uow.db, number)).words)
                mine = {"words": "" if typed["act"] == "remove" else " ".join(words)}
                overtaken.check(typed, {"words": ("这一行", now)}, mine)
            if typed.get("act") == "remove":
                await lexicon.remove(uow, number)
                said = "删去了。"
            elif typed.get("act") == "change":
                await lexicon.change(uow, number, words)
                said = "改好了。"
            else:
                await lexicon.add(uow, str(typed.get("kind", "")), words)
                said = "加上了。"
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        form = forms.Form(typed, {"words": refusal.message}, refusal.message, str(typed.get("act", "add")))
        return await _page(request, form, refusal.status)
    response = see_other(PATH)
    flash(request, response, "good", f"{said}机器人和搜索几秒钟后照新的词典找，可以在“试一句”里看。")
    return response
