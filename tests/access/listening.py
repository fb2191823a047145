"""A connected socket that keeps what it was told, for either suite."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import socketio

from tests.access.stage import Stage


class Ear:
    """One connected client; ``heard`` is everything it was sent, by the name of the event."""

    def __init__(self, client: socketio.AsyncClient) -> None:
        self.client = client
        self.heard: list[tuple[str, Any]] = []
        self.gone = asyncio.Event()
        client.on("disconnect", self.gone.set, namespace="/live")
        for name in ("event", "presence", "notice"):
            client.on(name, self._keeping(name), namespace="/live")

    def _keeping(self, name: str) -> Any:
        async def keep(told: Any) -> None:
            self.heard.append((name, told))

        return keep

    async def call(self, name: str, sent: Mapping[str, Any]) -> Any:
        """A command and its acknowledgement."""
        return await self.client.call(name, dict(sent), namespace="/live", timeout=60)

    async def watches(self, stream: str) -> Any:
        """The acknowledgement of ``watch``."""
        return await self.call("watch", {"stream": stream})


@asynccontextmanager
async def ear(
    stage: Stage, auth: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Ear]:
    """Connect, and disconnect at the end."""
    client = socketio.AsyncClient(reconnection=False)
    listening = Ear(client)
    address = str(stage.client.make_url("/"))
    await client.connect(
        address,
        namespaces=["/live"],
        transports=["websocket"],
        auth=dict(auth) if auth else None,
        headers=dict(headers or {}),
        wait_timeout=60,
    )
    try:
        yield listening
    finally:
        await client.disconnect()


def auth_of(stage: Stage, party: str) -> dict[str, str] | None:
    """How a party introduces itself to the socket."""
    if party in stage.visitors:
        return {"visitor": stage.visitors[party]}
    return {"token": stage.bearers[party]} if party in stage.bearers else None
