"""What the pages and the interface of search have in common: the address read into a filter, and back into links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web
from yarl import URL

from base.clock import SHANGHAI
from base.errors import Refusal
from faq.classes import Tree
from faq.holdings import Counts, Facet, Filter, Kind, Order
from faq.records import WORDS, Result
from web.routes.api import number_in

KINDS = {Kind.ENTRY: "目录", Kind.QUESTION: "提问", Kind.ANSWER: "答复和发言", Kind.INTERVIEW: "访谈"}
ORDERS = {"": "按相关", Order.NEWEST: "新的在前", Order.OLDEST: "旧的在前", Order.VIEWS: "最多浏览"}
FORCE = {"yes": "现行有效", "no": "已经失效"}
NAME = 100
"""Characters of a class or a body in an address that are read."""

MOST_ISSUERS = 60

PARTS = ("q", "kind", "class", "from", "to", "issuer", "year", "open", "force", "sort")

Option = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What an address asks for; ``typed`` is what of it was written, for the form and for links."""

    words: str
    narrow: Filter
    order: Order
    typed: dict[str, str]

    @property
    def form(self) -> dict[str, str]:
        """Every part of the form with what was written in it."""
        return dict.fromkeys(PARTS, "") | self.typed

    def link(self, path: str, **other: str) -> str:
        """An address that asks for the same but for some parts; an empty part is left out."""
        parts = {name: value for name, value in (self.typed | other).items() if value}
        return str(URL(path).with_query(parts))

    def pages(self, path: str) -> str:
        """The address of the same list, to which the page's number is put."""
        link = self.link(path)
        return f"{link}{'&' if '?' in link else '?'}page="


def asked(request: web.Request, tree: Tree, kind: Kind | None = None) -> Asked:
    """Read an address: ``q kind class from to issuer year open force sort``.

    Args:
        request: whose query it is.
        tree: the catalogue's classes; a class brings those below it.
        kind: fixed where the page lists one kind only.

    Raises:
        Refusal: ``input.invalid`` for a date or a year that is none, or an unknown kind or order.
    """
    typed = {name: request.query.get(name, "").strip()[:NAME] for name in PARTS}
    typed["q"] = request.query.get("q", "").strip()[:WORDS]
    chosen = kind
    if kind is None and typed["kind"]:
        chosen = Kind(_one_of("kind", typed["kind"], [one.value for one in Kind]))
    force = _one_of("force", typed["force"], ["", *FORCE])
    sort = _one_of("sort", typed["sort"], ["", *(order.value for order in Order)])
    narrow = Filter(
        kind=chosen,
        classes=frozenset(tree.below(typed["class"])) if typed["class"] else None,
        since=_day("from", typed["from"]),
        until=_day("to", typed["to"]),
        issuer=typed["issuer"],
        year=number_in(request, "year", None, 1900, 2200),
        openness=typed["open"],
        in_force={"yes": True, "no": False}.get(force),
    )
    kept = {name: value for name, value in typed.items() if value}
    return Asked(typed["q"], narrow, Order(sort or Order.RELEVANCE), kept)


def _one_of(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        listed = "、".join(one for one in known if one)
        raise Refusal("input.invalid", f"“{name}”只能是{listed}。请改好再找。", status=400)
    return value


def _day(name: str, value: str) -> date | None:
    if not value:
        return None
    try:
        if len(value) != len("2026-05-18"):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        text = f"日期“{value}”看不懂。请写成2026-05-18这样。"
        raise Refusal("input.invalid", text, status=400) from None


def class_counts(counts: Counts, tree: Tree) -> dict[str, int]:
    """How many results each class of the tree has, those below it included."""
    own = counts[Facet.CLASS]
    return {node.name: sum(own.get(name, 0) for name in tree.below(node.name)) for node in tree}


def class_options(counts: Counts, tree: Tree, chosen: str) -> list[Option]:
    """Classes to pick from, each set in by its depth, with how many results it has."""
    whole = class_counts(counts, tree)
    return [
        _option(node.name, f"{'　' * node.depth}{node.name}", whole[node.name], chosen)
        for node in tree
        if whole[node.name] or node.name == chosen
    ]


def options(counted: dict[str, int], chosen: str, labels: dict[str, str] | None = None) -> list[Option]:
    """Values to pick from, the most frequent first; the chosen one stays even where it has no results."""
    values = sorted(counted, key=lambda value: (-counted[value], value))[:MOST_ISSUERS]
    if chosen and chosen not in values:
        values.insert(0, chosen)
    return [
        _option(value, (labels or {}).get(value, value), counted.get(value, 0), chosen) for value in values
    ]


def _option(value: str, label: str, count: int, chosen: str) -> Option:
    return {"value": value, "label": label, "count": count, "chosen": value == chosen}


def result_row(result: Result) -> dict[str, Any]:
    """A result as pages list it."""
    shown = result.shown
    return {
        "kind": shown.kind.value,
        "label": KINDS[shown.kind],
        "title": result.title,
        "excerpt": result.excerpt,
        "href": shown.href,
        "at": shown.at,
        "issuer": shown.issuer,
        "number": shown.number,
        "class_name": shown.category,
        "in_force": shown.in_force,
    }


def day_of(result: Result) -> str | None:
    """The day of a result in Shanghai, as ``2026-05-18``."""
    at = result.shown.at
    if at is None:
        return None
    return (at.astimezone(SHANGHAI) if hasattr(at, "astimezone") else at).isoformat()[:10]
