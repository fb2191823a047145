"""What takes a while to find and stands on every interview's page: entries near its theme, its questions by theme.

Kept in this process for a short time. Nothing is shown from memory alone: entries are read again, and a heading is made
anew as soon as a question that it was made from has gone.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from faq import near_entries
from faq.askings import Askings
from faq.grouping import Asked, Theme
from faq.models import CatalogEntry
from faq.present import Present
from interviews.lifecycle import QuestionStatus
from web import record

ENTRIES = 5
KEPT = timedelta(seconds=60)
"""How long what was found near a theme is taken as found; looking takes some 9 ms with 4,000 entries."""

GROUPED = timedelta(seconds=30)
"""How long new questions wait until they find their theme: 5,000 questions take seconds to group."""

ROOMS = 64


@dataclass(frozen=True)
class _Near:
    made: datetime
    entries: tuple[int, ...]


@dataclass(frozen=True)
class _Grouped:
    made: datetime
    asked: frozenset[tuple[int, str]]
    themes: Mapping[int, tuple[int, str]]


@dataclass
class Beside:
    """Keeps what was found; one for a process."""

    _near: OrderedDict[str, _Near] = field(default_factory=OrderedDict)
    _grouped: OrderedDict[int, _Grouped] = field(default_factory=OrderedDict)

    async def entries(self, present: Present, uow: UnitOfWork, theme: str) -> list[dict[str, Any]]:
        """The published entries nearest to an interview's theme, ``{"title", "url", "index_no"}``, nearest first.

        Args:
            present: the catalogue of this process.
            uow: reads.
            theme: of the interview.
        """
        kept = self._near.get(theme)
        if kept is None or not timedelta(0) <= uow.now - kept.made < KEPT:
            found = await near_entries.near(present, uow, theme, ENTRIES)
            kept = self._near[theme] = _Near(uow.now, tuple(one.id or 0 for one in found))
            _drop_oldest(self._near)
        if not kept.entries:
            return []
        today = office_date(uow.now)
        rows = await uow.db.scalars(select(CatalogEntry).where(col(CatalogEntry.id).in_(kept.entries)))
        by_id = {row.id or 0: row for row in rows if row.speaks_on(today)}
        return [
            {"title": by_id[key].title, "url": f"/faq/entries/{key}", "index_no": by_id[key].index_no}
            for key in kept.entries
            if key in by_id
        ]

    async def themes(
        self, askings: Askings, uow: UnitOfWork, interview_id: int, pool: Sequence[record.Body]
    ) -> Mapping[int, tuple[int, str]]:
        """Place and heading of each question, by its id, where questions are listed by theme.

        Args:
            askings: has the index.
            uow: reads.
            interview_id: of which all are.
            pool: public questions, as the stream gives them; merged ones are left out.

        Returns:
            Questions that came within the last half minute may be missing.
        """
        wanted = [q for q in pool if q["status"] != QuestionStatus.MERGED]
        asked = frozenset((q["question"], q["text"] or "") for q in wanted)
        kept = self._grouped.get(interview_id)
        fresh = kept is not None and timedelta(0) <= uow.now - kept.made < GROUPED
        if kept is not None and (kept.asked == asked or (fresh and kept.asked <= asked)):
            return kept.themes
        put = [Asked(q["question"], q["text"] or "", q["supports"]) for q in wanted]
        themes = _places(await askings.themes(uow, interview_id, put))
        self._grouped[interview_id] = _Grouped(uow.now, asked, themes)
        _drop_oldest(self._grouped)
        return themes


def _drop_oldest(kept: OrderedDict[Any, Any]) -> None:
    while len(kept) > ROOMS:
        kept.popitem(last=False)


def _places(themes: Sequence[Theme]) -> dict[int, tuple[int, str]]:
    found: dict[int, tuple[int, str]] = {}
    for theme in themes:
        heading = theme.label or ("其余的" if len(themes) > 1 else "各问各的")
        for matter in theme.matters:
            for one in (matter.lead, *matter.also):
                found[one.key] = (len(found), heading)
    return found
