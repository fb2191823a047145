"""The desk's people and one entry of theirs, for the tests of the review and of the classes."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from base.db import Units
from base.people import SYSTEM, Actor, Body, Person, Role
from faq import drafts, library, review
from faq.models import CatalogEntry, EntryRevision, RevisionAction
from faq.table_file import Row

NOW = datetime(2026, 11, 5, 1, 0, tzinfo=UTC)
PEOPLE = {
    "编辑小何": (Role.EDITOR, None),
    "编辑小唐": (Role.EDITOR, None),
    "周科长": (Role.OFFICE, None),
    "吴科长": (Role.OFFICE, None),
    "何主任": (Role.SUPERVISOR, None),
    "许主任": (Role.CLERK, 1),
    "外单位老吴": (Role.CLERK, 2),
    "管理员老孙": (Role.ADMIN, None),
}

WATER = Row(
    index_no="SL-2026-0501",
    category="办事指南",
    title="自来水水费怎样计算",
    question="水费多少钱一吨",
    alts=("一吨水多少钱",),
    body="每立方米2.8元。",
    issuer="示例市水务局",
    section="供水科",
    document_no=None,
    keywords="水费",
    made_on=date(2026, 1, 4),
    published_on=date(2026, 1, 5),
    openness="主动公开",
    in_force=True,
    repealed_on=None,
    successor=None,
)
DEARER = replace(WATER, body="每立方米3元。")


@dataclass
class Desk:
    """The people around a catalogue, each acting by name."""

    units: Units
    people: dict[str, Actor]

    async def propose(self, who: str, entry: int | None, action: str, row: Row | None, **more: Any) -> int:
        async with self.units.act(self.people[who], more.pop("at", NOW)) as uow:
            revision = await review.propose(uow, entry, RevisionAction(action), row, **more)
            return revision.id or 0

    async def edit(self, who: str, revision: int, row: Row, **more: Any) -> None:
        async with self.units.act(self.people[who], more.pop("at", NOW)) as uow:
            await review.edit(uow, revision, row, **more)

    async def submit(self, who: str, revision: int, **more: Any) -> None:
        async with self.units.act(self.people[who], more.pop("at", NOW)) as uow:
            await review.submit(uow, revision, **more)

    async def sign(
        self, who: str, revision: int, passed: bool = True, comment: str = "", **more: Any
    ) -> None:
        async with self.units.act(self.people[who], more.pop("at", NOW)) as uow:
            await review.sign(uow, revision, passed, comment, **more)

    async def withdraw(self, who: str, revision: int) -> None:
        async with self.units.act(self.people[who], NOW) as uow:
            await review.withdraw(uow, revision)

    async def brought_in(self, row: Row = WATER) -> int:
        """An entry that the operator brought in, published where it may be; its number."""
        async with self.units.act(SYSTEM, NOW) as uow:
            await library.import_rows(uow, [row], publish_too=True)
            found = await library.published(uow.db)
        return next(one.id or 0 for one in found if one.index_no == row.index_no)

    async def in_review(self, who: str, entry: int | None, action: str, row: Row | None, **more: Any) -> int:
        """A revision that waits for its first signature."""
        revision = await self.propose(who, entry, action, row, **more)
        await self.submit(who, revision)
        return revision

    async def entry(self, number: int) -> CatalogEntry:
        async with self.units.read() as uow:
            found = await uow.db.get(CatalogEntry, number)
        assert found is not None
        return found

    async def revision(self, number: int) -> EntryRevision:
        async with self.units.read() as uow:
            found = await uow.db.get(EntryRevision, number)
        assert found is not None
        return found

    async def stamp(self, number: int) -> str:
        return drafts.stamp(await self.revision(number))


async def gathered(units: Units) -> Desk:
    """The people, in an empty catalogue."""
    async with units.act(SYSTEM, NOW) as uow:
        for name in ("示例市医疗保障局", "示例市水务局"):
            uow.db.add(Body(name=name, short_name=name[3:], kind="department"))
        await uow.db.flush()
        rows = {}
        for name, (role, body) in PEOPLE.items():
            rows[name] = Person(login=name, role=role, display_name=name, body_id=body, created_at=NOW)
            uow.db.add(rows[name])
        await uow.db.flush()
    return Desk(units, {name: row.actor() for name, row in rows.items()})
