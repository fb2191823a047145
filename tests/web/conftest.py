"""A whole application on a fresh SQLite file, with the cast in it and the interview live."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from tests import cast
from tests.conftest import PASSWORD, Prepared
from web import auth, settings
from web.app import create_app
from web.keys import UNITS

__all__ = ["PASSWORD", "Town", "chosen"]


@dataclass
class Town:
    """The running application, a client for it, and the cast."""

    client: TestClient[Request, Application]
    city: cast.City

    async def visitor(self) -> str:
        """A fresh citizen's token."""
        async with ClientSession() as stranger, stranger.post(self.url("/api/visitor")) as answer:
            return str((await answer.json())["visitor"])

    def url(self, path: str) -> str:
        return str(self.client.make_url(path))

    async def bearer(self, who: str) -> dict[str, str]:
        """The header by which one of the cast is known."""
        async with self.city.act("周科长", cast.DURING) as uow:
            token = await auth.bearer(uow, self.city.people[who].person_id or 0, 30)
        return {"Authorization": f"Bearer {token}"}

    async def commands(self, who: str, name: str, **sent: Any) -> tuple[int, dict[str, Any]]:
        """One of the cast sends a command over HTTP."""
        async with self.client.post(
            f"/api/commands/{name}", json=sent, headers=await self.bearer(who)
        ) as answer:
            return answer.status, await answer.json()

    async def ask(self, visitor: str, text: str, client_id: str) -> tuple[int, dict[str, Any]]:
        """A visitor asks over HTTP."""
        sent = {"text": text, "kind": "inquiry", "client_id": client_id}
        path = f"/api/interviews/{self.city.interview}/questions"
        async with self.client.post(path, json=sent, headers={"X-Visitor": visitor}) as answer:
            return answer.status, await answer.json()


def chosen(tmp_path: Path, **more: Any) -> settings.Settings:
    """Settings of a test's application."""
    given: dict[str, Any] = {
        "secret_key": "0123456789abcdef0123456789abcdef",
        "base_url": "http://127.0.0.1:8080",
        "data": tmp_path,
        "demo": True,
    }
    return settings.load(**(given | more))


@pytest.fixture
async def town(tmp_path: Path, opened_file: Prepared) -> AsyncIterator[Town]:
    """The application while 14:40 of the interview's day ticks on."""
    opened_file.copied(tmp_path)
    app = create_app(chosen(tmp_path))
    city = opened_file.city.moved(app[UNITS].database)
    city.units = app[UNITS]
    with time_machine.travel(cast.DURING, tick=True):
        async with TestClient(TestServer(app)) as client:
            yield Town(client, city)
