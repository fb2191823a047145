"""The number of what was removed is not given again: the audit chain, an event or somebody's page may have said it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import Connection, Table, select, text
from sqlmodel import SQLModel, col

from base import audit, outbox
from base.db import Database
from base.outbox import OutboxMail
from base.people import SYSTEM
from faq import lexicon, misses, topics
from faq.catalog_file import Reading
from faq.models import Ask, CatalogEntry, EntryRevision, LexiconLine, MissTopic
from faq.takings import Mode
from interviews import attached, body_contacts, following, outgoing
from interviews.attached import AnswerLink, Thing
from interviews.body_models import BodyContact
from tests.cast import DURING, City
from tests.faq.test_import_undo import taken_back
from tests.faq.test_imports import brings, rows
from tests.faq.test_misses import BATTERY, PET, asked
from web.database import METADATA, config, migrate

EDITOR, OFFICE = "目录编辑小林", "周科长"
BEFORE, FROM = "0020", "0021"
"""The versions between which SQLite began to count on."""


@dataclass
class Story:
    """Something is made and removed, and later something like it made: ``numbers`` of both, by table."""

    city: City
    numbers: dict[str, list[set[int]]] = field(default_factory=dict)

    async def looks(self, *models: type[SQLModel]) -> None:
        """Note which numbers there are."""
        async with self.city.units.read(SYSTEM) as uow:
            for model in models:
                found = await uow.db.scalars(select(model.__table__.c.id))  # type: ignore[attr-defined]
                self.numbers.setdefault(str(model.__tablename__), []).append(set(found))


Told = Callable[[Story], AsyncIterator[None]]


async def drafts_of_a_file(story: Story) -> AsyncIterator[None]:
    for mode in (Mode.REVIEW, Mode.DRAFT):
        one = await brings(story.city, Reading("csv", rows(3)), mode)
        await story.looks(CatalogEntry, EntryRevision)
        await taken_back(story.city, one)
    yield
    await brings(story.city, Reading("csv", rows(3)), Mode.REVIEW)
    await story.looks(CatalogEntry, EntryRevision)


async def lines_of_the_lexicon(story: Story) -> AsyncIterator[None]:
    async with story.city.act(EDITOR, DURING) as uow:
        line = await lexicon.add(uow, "same", ["鹿城通", "社保卡"])
    await story.looks(LexiconLine)
    async with story.city.act(EDITOR, DURING) as uow:
        await lexicon.remove(uow, line.id or 0)
    yield
    async with story.city.act(EDITOR, DURING) as uow:
        await lexicon.add(uow, "same", ["鹿城通", "社保卡"])
    await story.looks(LexiconLine)


async def topics_that_were_joined(story: Story) -> AsyncIterator[None]:
    units = story.city.units
    await asked(units, PET[0], when=DURING)
    await misses.refresh(units)
    await asked(units, BATTERY[0], when=DURING)
    await misses.refresh(units)
    await story.looks(MissTopic)
    pet, battery = sorted(story.numbers["miss_topic"][0])
    async with story.city.act(EDITOR, DURING) as uow:
        await topics.join(uow, battery, pet)
        story.numbers["miss_topic"][0].discard(pet)
    yield
    await asked(units, "图书馆周末几点开门", when=DURING)
    await misses.refresh(units)
    await story.looks(MissTopic)
    story.numbers["miss_topic"][-1].discard(pet)


async def topics_that_were_split_and_forgotten(story: Story) -> AsyncIterator[None]:
    units, later = story.city.units, DURING + timedelta(days=misses.ASK_DAYS, minutes=1)
    await asked(units, *PET, when=DURING)
    await misses.refresh(units)
    async with story.city.act(EDITOR, DURING) as uow:
        (topic,) = await topics.topics(uow)
        await topics.split(uow, topic.row.id or 0, PET[2])
    await story.looks(MissTopic)
    async with units.act(SYSTEM, later) as uow:
        await misses.forget(uow)
    yield
    await asked(units, BATTERY[0], when=later)
    await misses.refresh(units)
    await story.looks(MissTopic)


async def asks_that_were_forgotten(story: Story) -> AsyncIterator[None]:
    await asked(story.city.units, PET[0], when=DURING)
    await story.looks(Ask)
    later = DURING + timedelta(days=misses.ASK_DAYS, minutes=1)
    async with story.city.units.act(SYSTEM, later) as uow:
        assert await misses.forget(uow) == 1
    yield
    await asked(story.city.units, PET[0], when=later)
    await story.looks(Ask)


async def contacts_of_a_body(story: Story) -> AsyncIterator[None]:
    body, sent = story.city.bodies["医保局"], body_contacts.Sent("许静宜", line="0000-0010101")
    async with story.city.act(OFFICE, DURING) as uow:
        made = await body_contacts.add(uow, body, sent)
        await body_contacts.remove(uow, body, made.id or 0)
    await story.looks(BodyContact)
    async with story.city.units.act(SYSTEM, DURING + timedelta(days=body_contacts.UNDO_DAYS + 1)) as uow:
        assert await body_contacts.forget(uow) == 1
    yield
    async with story.city.act(OFFICE, DURING) as uow:
        await body_contacts.add(uow, body, sent)
    await story.looks(BodyContact)


async def first_mails_to_an_address(story: Story) -> AsyncIterator[None]:
    async with story.city.act(OFFICE, DURING) as uow:
        await outbox.queue(uow, "follow:ask:mark:2026-03-06:1", "jia@fangtan.example", "请确认", "请打开")
        number = (await uow.db.scalars(select(col(OutboxMail.id)))).one() or 0
        await outgoing.cancel(uow, number, "写错了")
    await story.looks(OutboxMail)
    async with story.city.units.act(SYSTEM, DURING + timedelta(days=following.CONFIRM_DAYS + 1)) as uow:
        await following.forget_done(uow)
    yield
    async with story.city.act(OFFICE, DURING) as uow:
        await outbox.queue(uow, "notice:1:1", "xu@fangtan.example", "提醒", "请看")
    await story.looks(OutboxMail)


async def what_stood_beside_an_answer(story: Story) -> AsyncIterator[None]:
    city = story.city
    await city.open()
    question = await city.published("网友甲", "断缴的怎么办？")
    item = int((await city.does("王处长", "question.answer", question=question, text="月底前办结。"))["item"])
    async with city.act(OFFICE, DURING) as uow:
        link = await attached.put_beside(uow, item, Thing("登记表", material_no=1))
    await story.looks(AnswerLink)
    async with city.act(OFFICE, DURING) as uow:
        await attached.take_off(uow, item, link.id or 0)
    yield
    async with city.act(OFFICE, DURING) as uow:
        await attached.put_beside(uow, item, Thing("登记表", material_no=2))
    await story.looks(AnswerLink)


NAMED_IN_THE_CHAIN: tuple[Told, ...] = (
    drafts_of_a_file,
    lines_of_the_lexicon,
    topics_that_were_joined,
    topics_that_were_split_and_forgotten,
    contacts_of_a_body,
    first_mails_to_an_address,
)
STORIES = (*NAMED_IN_THE_CHAIN, asks_that_were_forgotten, what_stood_beside_an_answer)


def _once(table: Table) -> bool:
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def no_number_came_back(story: Story) -> None:
    for table, looks in story.numbers.items():
        given = [number for numbers in looks for number in sorted(numbers)]
        assert looks[-1], f"nothing of {table} was made after the removal"
        assert len(given) == len(set(given)), f"{table} gave a number twice: {looks}"


@pytest.mark.parametrize("told", STORIES, ids=lambda one: one.__name__)
async def test_what_is_made_after_a_removal_has_a_number_of_its_own(city: City, told: Told) -> None:
    story = Story(city)
    async for _ in told(story):
        pass
    no_number_came_back(story)
    async with city.units.read(SYSTEM) as uow:
        assert (await audit.verify(uow)).ok


def test_every_table_that_counts_on_has_its_story() -> None:
    told = {"catalog_entry", "entry_revision", "lexicon_line", "miss_topic", "ask", "body_contact"}
    assert {name for name, one in METADATA.tables.items() if _once(one)} == told | {
        "outbox_mail",
        "answer_link",
    }


# From an older version


async def _stepped(database: Database, step: Callable[[Connection], None]) -> None:
    engine = database.migrator()
    async with engine.begin() as connection:
        await connection.run_sync(step)
    await engine.dispose()


async def _up(database: Database, version: str) -> None:
    await _stepped(database, lambda inner: command.upgrade(config(inner), version))


async def _as_an_older_version(database: Database) -> None:
    await _stepped(database, lambda inner: command.downgrade(config(inner), BEFORE))


@pytest.mark.parametrize("told", NAMED_IN_THE_CHAIN, ids=lambda one: one.__name__)
async def test_an_older_database_counts_on_after_what_its_chain_has_named(
    small_city: City, told: Told
) -> None:
    database, story = small_city.units.database, Story(small_city)
    steps = told(story)
    # Made and removed by the older version, which forgets what it counted.
    await anext(steps)
    await _as_an_older_version(database)
    await migrate(database)
    async for _ in steps:
        pass
    no_number_came_back(story)


Look = Callable[[Connection, str], object]


def _columns_references_and_indices(connection: Connection, table: str) -> object:
    made = "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND tbl_name = :table"
    told = [sorted(map(str, connection.execute(text(made), {"table": table})))]
    # References and indices are numbered in the order of the table's text.
    for asked_for, numbered in (("table_xinfo", 0), ("foreign_key_list", 2), ("index_list", 1)):
        rows_of = connection.execute(text(f"PRAGMA {asked_for}({table})"))
        told.append(sorted(str(tuple(row)[numbered:]) for row in rows_of))
    return told


def _rows(connection: Connection, table: str) -> object:
    return [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]


async def _seen(database: Database, look: Look) -> dict[str, object]:
    """What there is to see of each table."""

    def seen(connection: Connection) -> dict[str, object]:
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = set(connection.scalars(text(named))) - {"sqlite_sequence", "alembic_version"}
        return {table: look(connection, table) for table in sorted(tables)}

    async with database.reader.connect() as connection:
        return await connection.run_sync(seen)


async def test_nothing_else_of_the_tables_changes(sqlite_file: str) -> None:
    database = Database(sqlite_file)
    await _up(database, BEFORE)
    before = await _seen(database, _columns_references_and_indices)
    await _up(database, FROM)
    assert await _seen(database, _columns_references_and_indices) == before
    await database.close()


async def test_no_row_changes(small_live_city: City) -> None:
    city, database = small_live_city, small_live_city.units.database
    await brings(city, Reading("csv", rows(3)), Mode.REVIEW)
    await asked(city.units, *PET, when=DURING)
    await misses.refresh(city.units)
    async with city.act(OFFICE, DURING) as uow:
        await outbox.queue(uow, "notice:1:1", "xu@fangtan.example", "提醒", "请看")
        number = (await uow.db.scalars(select(col(OutboxMail.id)))).one()
        # It goes with its mail, which is dropped and built anew.
        uow.db.add(outbox.OutboxTry(mail_id=number or 0, attempt=1, at=DURING))
    await _as_an_older_version(database)
    before = await _seen(database, _rows)
    assert all(before[table] for table in ("outbox_try", "entry_revision", "ask"))
    await _up(database, FROM)
    assert await _seen(database, _rows) == before


async def test_the_database_counts_on_where_the_models_say(small_city: City) -> None:
    """What compares models with migrations does not see it, and a later change in batch mode would lose it."""
    async with small_city.units.database.reader.connect() as connection:
        counting = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
        found = set(await connection.scalars(text(counting)))
    assert found == {name for name, one in METADATA.tables.items() if _once(one)}
