"""The desk's own stage: the small catalogue of the tests, and an empty database with the desk's tables."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from base.audit import AuditEntry
from base.db import Database, Units, sqlite_url
from base.people import SYSTEM
from faq import calibration, library, models
from faq.desk import Desk
from faq.engine import Engine
from faq.index import Document, Index
from faq.judgement import CAUTIOUS, Calibration
from faq.table_file import Row

DATA = Path(__file__).parent / "data"
TABLES = (models.CatalogEntry, models.CatalogState, models.Ask, AuditEntry)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def documents_of(rows: Sequence[dict[str, Any]]) -> list[Document]:
    return [Document(row["id"], row["q"], tuple(row.get("alts") or ()), row.get("a") or "") for row in rows]


def exam(name: str) -> tuple[Path, Path]:
    """Catalogue and questions of a public set where it is there, else of the tests' own small one."""
    root = Path(os.environ.get("FANGTAN_EXAMS", "../shared/exams")) / "public"
    if (root / f"{name}.catalog.jsonl").exists():
        return root / f"{name}.catalog.jsonl", root / f"{name}.queries.jsonl"
    return DATA / "city.catalog.jsonl", DATA / "city.queries.jsonl"


@pytest.fixture(scope="session")
def city_documents() -> list[Document]:
    return documents_of(lines(DATA / "city.catalog.jsonl"))


@pytest.fixture(scope="session")
def city_engine(city_documents: list[Document]) -> Engine:
    return Engine.build(city_documents)


ABOUT_OTHER_THINGS = frozenset({"test_desk", "test_talk", "test_bad_input", "test_lexicon", "test_imports"})
"""Modules whose catalogues are all judged by the own set's calibration: making one takes nine seconds of a processor."""


@pytest.fixture(scope="module", autouse=True)
def calibrated_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """In modules about other things than calibrating, every catalogue gets the calibration of the tests' own set."""
    if request.module.__name__.rpartition(".")[2] not in ABOUT_OTHER_THINGS:
        yield
        return
    known: Calibration = request.getfixturevalue("city_engine").calibration

    def learn(documents: Sequence[Document], index: Index, seed: int = 11) -> Calibration:
        if len(documents) < calibration.FEWEST:
            index.use(None, 0.0)
            return CAUTIOUS
        if known.table_weight:
            index.use(index.train(), known.table_weight)
        return known

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("faq.engine.calibration.learn", learn)
        yield


@pytest.fixture
def city_index(city_documents: list[Document]) -> Index:
    index = Index()
    index.add(city_documents)
    return index


@pytest.fixture
async def units(sqlite_file: str) -> AsyncIterator[Units]:
    """Units of work over an empty SQLite file with the tables of base and desk."""
    database = Database(sqlite_file)
    async with database.writer.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield Units(database)
    await database.close()


def stocked(path: Path, rows: Sequence[Row], at: datetime) -> Path:
    """A database file with a published catalogue and its calibration, made once and then copied for each test."""

    async def fill() -> None:
        database = Database(sqlite_url(path))
        async with database.writer.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        units, desk = Units(database), Desk()
        async with units.act(SYSTEM, at) as uow:
            await library.import_rows(uow, rows, publish_too=True)
        async with units.act(SYSTEM, at) as uow:
            await desk.prepare(uow)
        await database.close()

    asyncio.run(fill())
    return path


@asynccontextmanager
async def opened(path: Path, copy_in: Path) -> AsyncIterator[Units]:
    """Units of work over a copy of a stocked file."""
    database = Database(sqlite_url(Path(shutil.copy(path, copy_in / "fangtan.db"))))
    yield Units(database)
    await database.close()
