"""The city's gateway at the other end of the webhook: a real server on this machine that checks what it is sent."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass
class Gateway:
    """What came, and how the gateway behaves.

    Attributes:
        replies: what it answers, one after the other; the last one from then on.
        silent: whether it takes everything and never answers.
        taken: the bodies of what it said yes to; ``calls`` is every call's id and time.
        elsewhere: what came to the address to which it redirects.
    """

    replies: list[int] = field(default_factory=lambda: [200])
    silent: bool = False
    taken: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, int]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    unsigned: int = 0
    elsewhere: int = 0
    url: str = ""
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        """Check the signature as the documents tell a receiver to, then reply as told."""
        content = await request.read()
        number, moment = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        made = hmac.new(KEY, f"{number}.{moment}.".encode() + content, hashlib.sha256).digest()
        expected = f"v1,{base64.b64encode(made).decode()}"
        given = request.headers["webhook-signature"].split()
        if not any(hmac.compare_digest(expected, one) for one in given):
            self.unsigned += 1
            return web.Response(status=401)
        self.calls.append((number, int(moment)))
        self.bodies.append(content)
        if self.silent:
            await self._over.wait()
        status = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if status < 300:
            self.taken.append(json.loads(content))
        headers = {"Location": "/elsewhere"} if 300 <= status < 400 else {}
        return web.Response(status=status, headers=headers)

    async def _elsewhere(self, _request: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Gateway"]:
        """Listen on a free port of this machine."""
        app = web.Application()
        app.router.add_post("/notices", self.answer)
        app.router.add_route("*", "/elsewhere", self._elsewhere)
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        self.url = str(server.make_url("/notices"))
        try:
            yield self
        finally:
            self._over.set()
            await server.close()
