"""What 编辑小何 sees of how an entry was used, on either database."""

from datetime import timedelta
from typing import Any

from base.db import Database, Units
from base.people import SYSTEM
from faq import asked, confirmed, talks
from faq.asked import Use
from faq.models import Ask, CatalogEntry

from .reviewing import NOW, WATER, gathered


async def kept(units: Units, text: str, entries: list[int], **more: Any) -> None:
    about: dict[str, Any] = {"outcome": "answer", "confidence": 0.9, "at": NOW} | more
    async with units.act(SYSTEM, NOW) as uow:
        uow.db.add(Ask(text=text, entries=entries, **about))


async def test_an_entry_counts_what_it_answered_lately_and_what_waits_to_be_its_phrasing(
    database: Database,
) -> None:
    units = Units(database)
    entry = await (await gathered(units)).brought_in(WATER)
    await kept(units, "自来水怎么收钱", [entry], useful=True)
    await kept(units, "水费贵不贵", [entry], useful=False, feedback_reason="没有说阶梯价")
    await kept(units, "吨水价钱是多少", [entry], reason=talks.CHOSEN)
    await kept(units, "一吨水多少钱", [entry], useful=True)
    await kept(units, "那要带什么", [entry], reason=talks.FOLLOW_UP, useful=True)
    await kept(units, "从前怎样问", [entry], useful=False, feedback_reason="旧的", at=NOW - asked.LATELY * 2)
    await kept(units, "只是给了几条", [entry, entry + 1], outcome="choices")
    await kept(units, "别条排在前面", [entry + 1, entry], useful=False, feedback_reason="别条的")
    await kept(units, "什么也没有", [], outcome="handoff")
    async with units.act(SYSTEM, NOW + timedelta(minutes=1)) as uow:
        assert await asked.use_of(uow, entry) == Use(5, 3, 1, ("没有说阶梯价",))
        row = await uow.db.get(CatalogEntry, entry)
        assert row is not None
        assert await confirmed.proposed_for(uow, row) == ["自来水怎么收钱", "吨水价钱是多少"]
