"""What may help to answer a question: the nearest entries and earlier published answers, each with its source.

Offered to whoever answers, to read, and to put into the draft with the line that says where it is from. Never an answer
by itself: what goes out is what a person sends.
"""

import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
from faq.holdings import Filter, Kind
from faq.published import Shown, shown
from faq.shelf import Wanted
from interviews import texts
from web.filters import cndate
from web.keys import DESK, RECORDS, SETTINGS

OFFERED = 5
ENTRIES = 3
"""At most so many of them are entries where there are answers too."""

LOOKED_AT = 20
LENGTH = 600
"""Characters that are shown and put into a draft; more is read at the source."""

_SOURCE = re.compile(r"(entry|answer):(\d{1,9})")


@dataclass(frozen=True)
class Suggestion:
    """Something published that is near to the question.

    Attributes:
        source: what it is, as the button sends it: ``entry:12``, ``answer:34``.
        found: it, fresh from its row.
        text: as much of it as is quoted.
    """

    source: str
    found: Shown
    text: str

    def quote(self, base_url: str) -> str:
        """Its text and the line that says where it is from."""
        said = [f"《{self.found.title}》", self.found.issuer, self.found.number, cndate(self.found.at)]
        told = "，".join(part for part in said if part)
        return f"{self.text}\n（来源：{told}，{base_url}{self.found.href}）"

    def row(self, base_url: str) -> dict[str, Any]:
        """As the desk shows it."""
        return {
            "source": self.source,
            "kind": "目录" if self.found.kind is Kind.ENTRY else "以前的答复",
            "title": self.found.title,
            "text": self.text,
            "at": self.found.at,
            "issuer": self.found.issuer,
            "number": self.found.number,
            "url": self.found.href,
            "in_force": self.found.in_force,
            "quote": self.quote(base_url),
        }


async def rows(request: web.Request, uow: UnitOfWork, question_id: int, text: str) -> list[dict[str, Any]]:
    """Up to five suggestions for a question: the nearest entries, then earlier answers to others like it.

    Args:
        request: has the indexes and the site's address.
        uow: reads as whoever answers.
        question_id: the question; its own answers are none.
        text: its words.
    """
    found = await _near(request, uow, question_id, text)
    base = request.app[SETTINGS].base_url
    return [Suggestion(source, one, _part(_words(one))).row(base) for source, one in found]


async def _near(
    request: web.Request, uow: UnitOfWork, question_id: int, text: str
) -> list[tuple[str, Shown]]:
    near = [number for number, _ in await request.app[DESK].similar(uow, text, OFFERED)]
    known = await shown(uow.db, {Kind.ENTRY: near}, office_date(uow.now))
    entries = [(f"entry:{one}", known[Kind.ENTRY, one]) for one in near if (Kind.ENTRY, one) in known]
    answers = await _answers(request, uow, question_id, text)
    kept = entries[: max(ENTRIES, OFFERED - len(answers))]
    return [*kept, *answers[: OFFERED - len(kept)]]


async def _answers(
    request: web.Request, uow: UnitOfWork, question_id: int, text: str
) -> list[tuple[str, Shown]]:
    """Earlier published answers to other questions; none while the search is still being prepared."""
    wanted = Wanted(words=text, narrow=Filter(kind=Kind.ANSWER), limit=LOOKED_AT)
    try:
        found = await request.app[RECORDS].search(uow, wanted)
    except Refusal:
        return []
    return [
        (f"answer:{one.shown.answer}", one.shown)
        for one in found.results
        if one.shown.answer is not None and one.shown.question != question_id
    ]


async def quoted(request: web.Request, uow: UnitOfWork, source: str) -> str:
    """The text of a suggestion with the line that says where it is from, fresh from its row.

    Raises:
        Refusal: no such thing, or nothing that is public any more, or an entry that is no longer in force.
    """
    named = _SOURCE.fullmatch(source)
    if named is None:
        raise _gone()
    kind = Kind(named[1])
    found = (await shown(uow.db, {kind: [int(named[2])]}, office_date(uow.now))).get((kind, int(named[2])))
    if found is None or (kind is Kind.ANSWER and found.answer is None):
        raise _gone()
    if not found.in_force:
        raise Refusal("quote.repealed", "这一条已经废止，不能引用。请选现行有效的。")
    return Suggestion(source, found, _part(_words(found))).quote(request.app[SETTINGS].base_url)


def _gone() -> Refusal:
    return Refusal("quote.gone", "这条来源已经不公开了，不能引用。请刷新页面再看。")


def joined(draft: str, quote: str) -> str:
    """What is written so far, with a quotation after it.

    Raises:
        Refusal: together they are longer than an answer may be.
    """
    together = f"{draft.rstrip()}\n\n{quote}" if draft.strip() else quote
    if len(together) > texts.ANSWER_LIMIT:
        raise Refusal(
            "text.too_long", f"放进去就超过{texts.ANSWER_LIMIT}个字了。请先删短，或者只写来源。", status=400
        )
    return together


def _words(found: Shown) -> str:
    """What it says; of an entry its body, without the question it answers."""
    return found.row.body if found.row is not None else found.text


def _part(text: str) -> str:
    """The beginning, to the end of a sentence where there is one."""
    if len(text) <= LENGTH:
        return text
    cut = text[:LENGTH]
    end = max(cut.rfind(mark) for mark in "。！？\n")
    return cut[: end + 1].rstrip() if end > LENGTH // 3 else f"{cut}……"
