"""A browser without scripts, for whatever a page and its forms must be able to do alone."""

import re
from typing import Any

from aiohttp import FormData

from tests.web.conftest import PASSWORD, Town


class Browser:
    """A browser without scripts: keeps its cookies, fills in the forms it was given."""

    def __init__(self, town: Town) -> None:
        self.town, self.client = town, town.client
        self.text, self.status, self.path = "", 0, "/"

    async def opens(self, path: str) -> int:
        async with self.client.get(path) as answer:
            self.text, self.status, self.path = await answer.text(), answer.status, str(answer.url.path)
        return self.status

    async def sends(self, path: str, **typed: Any) -> int:
        """Post a form with the token of the page that is open, and follow where it leads; a list is several ticks."""
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', self.text)
        fields = {"csrf": token[1] if token else ""} | typed
        sent = [
            (name, one)
            for name, value in fields.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        async with self.client.post(path, data=FormData(sent)) as answer:
            self.text, self.status, self.path = await answer.text(), answer.status, str(answer.url.path)
        return self.status

    async def signs_in(self, role: str, path: str = "") -> None:
        self.client.session.cookie_jar.clear()
        await self.opens("/login")
        assert await self.sends("/login", name=role, password=PASSWORD, next=path) == 200, self.text
