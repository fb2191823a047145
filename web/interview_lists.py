"""The lists of an interview's page, as its address asks for them: the record, and the questions that wait. Pure.

Every choice stands in the address, so that it can be sent to somebody, survives a reload and needs no script.
Filter, search and order go together: choosing one keeps the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from interviews.lifecycle import InterviewStatus, QuestionStatus
from web import record, rows

S = InterviewStatus

RECORD_PAGE = 50
POOL_PAGE = 30
WORDS_AT_MOST = 100
WHOLE = "all"

_PLACES = ("page", "pool", "at")
"""Where in a list one is; a new choice begins at the beginning."""

_ALWAYS = 4
_SHOWS = (
    ("", "全部"),
    ("answered", "已答"),
    ("waiting", "在等"),
    ("refused", "不予答复"),
    ("after", "会后答复"),
    ("corrected", "有更正"),
    ("said", "发言"),
)
"""The first ``_ALWAYS`` are offered even where there is none; the others only where there is one."""
_KINDS = (("", "全部"), ("inquiry", "咨询"), ("opinion", "意见"), ("suggestion", "建议"))
_SORTS = (("", "支持多的在前"), ("newest", "新的在前"), ("number", "按编号"), ("theme", "按主题"))


@dataclass(frozen=True)
class Wanted:
    """What the address of an interview's page asks for.

    Attributes:
        path: the page's own address.
        pairs: its query, in order.
        page: of the record; ``None`` for all of it on one page.
        pool_page: of the questions that wait.
    """

    path: str
    pairs: tuple[tuple[str, str], ...] = ()
    page: int | None = 1
    pool_page: int = 1

    def said(self, name: str) -> str:
        """What is asked for under a name, or nothing."""
        return next((value for key, value in self.pairs if key == name), "")

    @property
    def words(self) -> str:
        """What is searched for."""
        return self.said("q").strip()[:WORDS_AT_MOST]

    @property
    def sort(self) -> str:
        """The order of what waits; the most supported first where nothing else is asked for."""
        return self.said("sort") if self.said("sort") in dict(_SORTS) else ""

    def href(self, anchor: str, *without: str, **chosen: str) -> str:
        """The same page with another choice, from its beginning."""
        left = [pair for pair in self.pairs if pair[0] not in (*_PLACES, *without, *chosen)]
        query = urlencode([*left, *((name, value) for name, value in chosen.items() if value)])
        return f"{self.path}{f'?{query}' if query else ''}{f'#{anchor}' if anchor else ''}"

    def ending(self, name: str) -> str:
        """The same page up to where a page's number goes."""
        query = urlencode([pair for pair in self.pairs if pair[0] not in (name, "at")])
        return f"{self.path}?{query}{'&' if query else ''}{name}="

    def kept(self, *without: str) -> list[tuple[str, str]]:
        """What a form of this page carries on, so that a search loses no filter."""
        return [pair for pair in self.pairs if pair[0] not in (*_PLACES, *without)]


@dataclass(frozen=True)
class Group:
    """Questions that wait under one heading; ``label`` is ``None`` where there is no heading."""

    label: str | None
    rows: list[record.Body]


def of_record(state: record.State, wanted: Wanted) -> dict[str, Any]:
    """The record in the order and the part that is asked for, with the filters and how many each has.

    Args:
        state: from ``record.shown``.
        wanted: the address.
    """
    status = state["interview"]["status"]
    over = status in (S.ENDED, S.ARCHIVED)
    order = wanted.said("order")
    order = order if order in ("newest", "oldest") else ("newest" if status == S.LIVE else "oldest")
    whole = record.record(state, only_replied=not over, newest_first=order == "newest")
    words, show, by = wanted.words, wanted.said("show"), wanted.said("by")
    found = [row for row in whole if record.matches(row, words)] if words else whole
    spoken = [row for row in found if record.said_by(row, by)] if by else found
    narrowed = record.narrowed(spoken, show)
    page, size = wanted.page, RECORD_PAGE
    if page is not None and (at := wanted.said("at")[:12]):
        page = record.page_with(narrowed, at, size)
    shown = narrowed if page is None else narrowed[(page - 1) * size : page * size]
    return {
        "record": [row | {"bulk": record.bulk(row)} for row in shown],
        "record_total": len(narrowed),
        "record_narrowed": bool(words or by or show),
        "record_filters": _shows(spoken, show, wanted) if over else [],
        "record_speakers": _speakers(record.narrowed(found, show), by, wanted) if over else [],
        "record_q": words,
        "record_kept": wanted.kept("q"),
        "record_pager": rows.pager(page, len(narrowed), size, wanted.ending("page")) if page else None,
        "record_whole": page is None,
        "record_links": {
            "whole": wanted.href("h-rec", page=WHOLE),
            "paged": wanted.href("h-rec"),
            "oldest": wanted.href("h-rec", order="oldest"),
            "newest": wanted.href("h-rec", order="newest"),
            "everything": wanted.href("h-rec", "q", "show", "by"),
        },
        "order": order,
    }


def _shows(found: Sequence[record.Body], show: str, wanted: Wanted) -> list[dict[str, Any]]:
    counted = [(value, label, len(record.narrowed(found, value))) for value, label in _SHOWS]
    offered = [
        (value, label, count)
        for at, (value, label, count) in enumerate(counted)
        if at < _ALWAYS or count or value == show
    ]
    return [_choice(label, wanted.href("h-rec", "show", show=value), count, value == show)
            for value, label, count in offered]  # fmt: skip


def _speakers(found: Sequence[record.Body], by: str, wanted: Wanted) -> list[dict[str, Any]]:
    """Whose words can be chosen; nobody where one alone speaks."""
    speakers = record.speakers(found)
    if len(speakers) < 2 and not by:
        return []
    everyone = _choice("所有人", wanted.href("h-rec", "by"), None, not by)
    return [
        everyone,
        *(_choice(name, wanted.href("h-rec", by=name), count, name == by) for name, count in speakers),
    ]


def _choice(label: str, href: str, count: int | None, current: bool) -> dict[str, Any]:
    return {"label": label, "href": href, "count": count, "current": current}


def pool_of(state: record.State) -> list[record.Body]:
    """The questions that the page lists beside the record, the most supported first.

    Live those that wait; afterwards the deferred ones; before, every public one that is still there.
    """
    status = state["interview"]["status"]
    if status == S.LIVE:
        return record.pool(state, [QuestionStatus.PUBLISHED])
    if status in (S.ENDED, S.ARCHIVED):
        return record.pool(state, [QuestionStatus.DEFERRED])
    return record.pool(state, [one.value for one in QuestionStatus if one not in record.GONE])


def of_pool(
    pool: Sequence[record.Body], wanted: Wanted, *, searched: bool, themes: Mapping[int, tuple[int, str]]
) -> dict[str, Any]:
    """The questions that wait, in the order and the part that is asked for.

    Args:
        pool: from ``pool_of``.
        wanted: the address.
        searched: whether the page's search is for these questions, not for the record.
        themes: place and heading by question, where they are sorted by theme.
    """
    words = wanted.words if searched else ""
    found = [q for q in pool if record.asks(q, words)]
    kind = wanted.said("kind")
    chosen = _sorted([q for q in found if kind in ("", q["kind"])], wanted.sort, themes)
    page = wanted.pool_page
    if at := wanted.said("at")[:12]:
        page = record.page_with(chosen, at, POOL_PAGE)
    shown = chosen[(page - 1) * POOL_PAGE : page * POOL_PAGE]
    kinds = [(value, label, sum(value in ("", q["kind"]) for q in found)) for value, label in _KINDS]
    return {
        "pool": shown,
        "pool_groups": _groups(shown, themes),
        "pool_all": len(pool),
        "pool_total": len(chosen),
        "pool_filters": [
            _choice(label, wanted.href("h-pool", "kind", kind=value), count, value == kind)
            for value, label, count in kinds
        ]
        if pool
        else [],
        "pool_sorts": [
            _choice(label, wanted.href("h-pool", "sort", sort=value), None, value == wanted.sort)
            for value, label in _SORTS
        ]
        if len(pool) > 1
        else [],
        "pool_q": words,
        "pool_kept": wanted.kept("q"),
        "pool_everything": wanted.href("h-pool", "q", "kind"),
        "pool_pager": rows.pager(page, len(chosen), POOL_PAGE, wanted.ending("pool")),
    }


def _sorted(chosen: list[record.Body], sort: str, themes: Mapping[int, tuple[int, str]]) -> list[record.Body]:
    if themes:
        return sorted(chosen, key=lambda q: themes.get(q["question"], (len(themes), ""))[0])
    if sort == "newest":
        return sorted(chosen, key=lambda q: -q["number"])
    return sorted(chosen, key=lambda q: q["number"]) if sort == "number" else chosen


def _groups(shown: Sequence[record.Body], themes: Mapping[int, tuple[int, str]]) -> list[Group]:
    if not themes:
        return [Group(None, list(shown))]
    merged = (len(themes), "已经并入别的问题的")
    by_heading = groupby(shown, key=lambda q: themes.get(q["question"], merged)[1])
    return [Group(label, list(held)) for label, held in by_heading]
