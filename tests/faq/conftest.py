"""The desk's own stage: the small catalogue of the tests, and an empty database with the desk's tables."""

import json
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from base.audit import AuditEntry
from base.db import Database, Units
from faq import models
from faq.engine import Engine
from faq.index import Document, Index

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
