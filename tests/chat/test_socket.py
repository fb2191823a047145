"""The socket, with the real client library: commands, streams, doors, and what no client of ours would send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import socketio

from base.people import Person
from chat.namespace import LOOK_EVERY_SECONDS
from tests import cast
from tests.web.conftest import Town, town

__all__ = ["town"]

PATIENCE = 60
"""Seconds; what comes, comes in a fraction of one unless the machine has other work."""


class Ear:
    """One connected client that remembers what it was told."""

    def __init__(self, client: socketio.AsyncClient) -> None:
        self.client = client
        self.heard: list[dict[str, Any]] = []
        self.counts: list[int] = []
        self._more = asyncio.Condition()
        self.gone = asyncio.Event()
        client.on("disconnect", self.gone.set, namespace="/live")
        client.on("event", self._hear, namespace="/live")
        client.on("presence", self._see, namespace="/live")

    async def _hear(self, event: dict[str, Any]) -> None:
        async with self._more:
            self.heard.append(event)
            self._more.notify_all()

    async def _see(self, told: dict[str, Any]) -> None:
        async with self._more:
            self.counts.append(told["count"])
            self._more.notify_all()

    async def call(self, name: str, sent: Any = None) -> Any:
        return await self.client.call(name, {} if sent is None else sent, namespace="/live", timeout=PATIENCE)

    async def hears(self, count: int) -> list[dict[str, Any]]:
        """The first ``count`` events."""
        async with asyncio.timeout(PATIENCE), self._more:
            await self._more.wait_for(lambda: len(self.heard) >= count)
        return self.heard[:count]

    async def counted(self) -> int:
        """The first presence told."""
        async with asyncio.timeout(PATIENCE), self._more:
            await self._more.wait_for(lambda: bool(self.counts))
        return self.counts[0]


@asynccontextmanager
async def ear(town: Town, auth: dict[str, str] | None = None, **headers: str) -> AsyncIterator[Ear]:
    client = socketio.AsyncClient(reconnection=False)
    listening = Ear(client)
    await client.connect(
        town.url("/"),
        namespaces=["/live"],
        transports=["websocket"],
        auth=auth,
        headers=headers,
        wait_timeout=PATIENCE,
    )
    try:
        yield listening
    finally:
        await client.disconnect()


async def staff(town: Town, who: str) -> dict[str, str]:
    return {"token": (await town.bearer(who))["Authorization"].removeprefix("Bearer ")}


async def test_a_question_goes_from_a_phone_to_everybodys_page_within_a_second(town: Town) -> None:
    public = f"interview:{town.city.interview}:public"
    visitor = {"visitor": await town.visitor()}
    async with (
        ear(town, visitor) as citizen,
        ear(town, await staff(town, "审核员小张")) as moderator,
        ear(town, await staff(town, "李主持")) as host,
        ear(town, await staff(town, "王处长")) as guest,
        ear(town) as reader,
    ):
        first = await reader.call("watch", {"stream": public})
        assert first["result"]["reset"] is True
        head = first["result"]["head"]
        asked = await citizen.call(
            "question.submit",
            {
                "interview": town.city.interview,
                "text": "能报多少？",
                "kind": "inquiry",
                "client_id": "socket-0001",
            },
        )
        question = asked["result"]["question"]
        assert (await moderator.call("question.publish", {"question": question}))["ok"]
        assert (await host.call("question.stage", {"question": question}))["ok"]
        assert (await guest.call("question.answer", {"question": question, "text": "最多报七成。"}))["ok"]
        events = await reader.hears(3)
    assert [event["kind"] for event in events] == [
        "question.published",
        "question.staged",
        "question.answered",
    ]
    assert [event["seq"] for event in events] == [head + 1, head + 2, head + 3]
    assert events[2]["body"]["text"] == "最多报七成。"
    assert events[2]["body"]["speaker"] == "王处长（待遇处处长）"


async def test_a_known_number_gets_the_backlog_and_a_wrong_stream_a_refusal(town: Town) -> None:
    public = f"interview:{town.city.interview}:public"
    async with ear(town) as reader:
        found = (await reader.call("watch", {"stream": public, "after": 1}))["result"]
        assert [event["seq"] for event in found["events"]] == list(range(2, found["head"] + 1))
        for wrong in (
            f"interview:{town.city.interview}:staff",
            "person:1",
            "interview:99:public",
            "",
            "x" * 64,
        ):
            refused = await reader.call("watch", {"stream": wrong})
            assert refused["ok"] is False
        assert (await reader.call("watch", {"stream": 5}))["error"]["code"] == "input.invalid"
        assert (await reader.call("ping"))["result"]["now"].endswith("+08:00")
        assert (await reader.call("unwatch", {"stream": public}))["ok"]


async def test_a_reader_and_a_stranger_can_do_nothing(town: Town) -> None:
    async with ear(town) as reader:
        refused = await reader.call("interview.close", {"interview": town.city.interview})
        assert refused["error"]["code"] == "login.required"
        assert (await reader.call("no.such.thing"))["error"]["code"] == "command.unknown"
    async with ear(town, await staff(town, "别场主持")) as stranger:
        refused = await stranger.call(
            "interview.close", {"interview": town.city.interview, "reason": "不是我的场"}
        )
        assert refused["error"]["code"] == "not_found"


async def test_a_bad_token_is_refused_at_the_door(town: Town) -> None:
    # Where the library has not yet heard of the refusal, its call waits for an answer that never comes.
    with pytest.raises(socketio.exceptions.SocketIOError):
        async with ear(town, {"token": "made-up"}) as wrong:
            await wrong.client.call("ping", {}, namespace="/live", timeout=1)


@pytest.mark.parametrize(
    "frame",
    [
        '42/live,["connect",{"REQUEST_METHOD":"GET"},{"role":"admin"}]',
        '42/live,["disconnect"]',
        '451-/live,["question.submit",{"_placeholder":true,"num":0}]',
        '42/live,{"not":"a list"}',
        '42/live,["ping",{},{},{}]',
        "42/live,[",
        "47/live,",
        "4",
    ],
)
async def test_what_no_client_of_ours_sends_closes_the_connection(town: Town, frame: str) -> None:
    url = town.url("/socket.io/?EIO=4&transport=websocket").replace("http", "ws", 1)
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as raw:
        await raw.receive_str()
        await raw.send_str("40/live,")
        await raw.receive_str()
        await raw.send_str(frame)
        async with asyncio.timeout(PATIENCE):
            while (message := await raw.receive()).type not in (
                aiohttp.WSMsgType.CLOSE,
                aiohttp.WSMsgType.CLOSED,
                aiohttp.WSMsgType.CLOSING,
            ):
                assert "admin" not in str(message.data)
    async with ear(town) as reader:
        assert (await reader.call("ping"))["ok"]


async def test_a_disabled_account_loses_its_socket_within_five_seconds(town: Town) -> None:
    async with ear(town, await staff(town, "审核员小张")) as moderator:
        assert (await moderator.call("watch", {"stream": f"interview:{town.city.interview}:staff"}))["ok"]
        async with town.city.act("周科长", cast.DURING) as uow:
            person = await uow.db.get_one(Person, town.city.people["审核员小张"].person_id)
            person.disabled_at = uow.now
        assert LOOK_EVERY_SECONDS + 1 < 5, "it is looked at as often"
        async with asyncio.timeout(PATIENCE):
            await moderator.gone.wait()


async def test_long_polling_and_foreign_origins_are_not_served(town: Town) -> None:
    async with town.client.get("/socket.io/?EIO=4&transport=polling") as answer:
        assert answer.status == 400
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with ear(town, None, Origin="https://evil.example"):
            pass


async def test_presence_counts_people_and_not_connections(town: Town) -> None:
    public = f"interview:{town.city.interview}:public"
    visitor = {"visitor": await town.visitor()}
    async with ear(town, visitor) as phone, ear(town, visitor) as tablet, ear(town) as reader:
        for one in (phone, tablet, reader):
            await one.call("watch", {"stream": public})
        assert await reader.counted() == 2
