"""One who watches a stream as a client does: a snapshot, then events by number, and what was missed by the backlog."""

import json
from dataclasses import dataclass, field
from typing import Any

from base.db import Units
from base.people import Actor
from chat import streams, views
from chat.replay import apply

PAGE = 3
"""How many events one answer of the backlog carries here; small, so that coming back takes several."""

REACH = 8
"""How far behind a listener may be and still be given events; small, so that some get a snapshot."""


def plain(value: Any) -> Any:
    """A value as it is on the wire."""
    return json.loads(json.dumps(value))


@dataclass
class Listener:
    """A client with its own last number.

    Attributes:
        actor: who watches.
        asked: the name by which they ask for the stream; ``me`` is their own.
        connected: whether what goes out now reaches them.
        deaf: whether the next thing that goes out is lost on its way to them.
    """

    actor: Actor
    asked: str
    connected: bool = False
    deaf: bool = False
    last: int | None = None
    state: dict[str, Any] = field(default_factory=dict)
    began: dict[str, Any] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    finished: list[dict[str, Any]] = field(default_factory=list)

    @property
    def stream(self) -> str:
        """The stream's own name."""
        return views.person_stream(self.actor.person_id or 0) if self.asked == "me" else self.asked

    async def catch_up(self, units: Units) -> None:
        """Ask page by page for what comes after the last number, until there is nothing more."""
        while True:
            async with units.read(self.actor) as uow:
                opened = await streams.open_door(uow, self.actor, self.asked)
                found = plain(await streams.read(uow, opened, self.last, PAGE, REACH))
            if found.get("reset"):
                self.finish()
                self.state = self.began = found["snapshot"]
                self.last = found["head"]
                return
            for event in found["events"]:
                self._follow(event)
            if self.last == found["head"]:
                return
            assert found["events"], f"{self.stream} says {found['head']} and gives nothing after {self.last}"

    async def hear(self, units: Units, told: list[dict[str, Any]]) -> None:
        """What went out just now, in its order; a gap in the numbers sends the listener to the backlog."""
        mine = [plain(event) for event in told if event["stream"] == self.stream]
        if not mine or not self.connected:
            return
        if self.deaf:
            self.deaf = False
            return
        for event in mine:
            if event["seq"] == (self.last or 0) + 1:
                self._follow(event)
            elif event["seq"] > (self.last or 0):
                await self.catch_up(units)

    def _follow(self, event: dict[str, Any]) -> None:
        assert event["seq"] == (self.last or 0) + 1, f"{self.stream}: {event['seq']} after {self.last}"
        self.state = plain(apply(self.state, event))
        self.last = event["seq"]
        self.heard.append(event)

    def finish(self) -> None:
        """Keep the equation of what was heard since the last snapshot."""
        if self.heard:
            self.finished.append({"before": self.began, "events": self.heard, "after": self.state})
        self.heard = []
