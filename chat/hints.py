"""What is told beside the streams, to whoever is there now: how much time is left, and that the host is away. Pure.

Hints are not numbered and not kept: the clock is in the interview itself (``limit_at``), and whoever comes later is
told of an absence when they come.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

WARNINGS = (5, 15)
"""Minutes before the limit at which everybody is told."""

GRACE = timedelta(seconds=10)
"""How long a host may be without a connection before anybody is told; a reconnection takes two or three seconds."""


@dataclass(frozen=True)
class LiveRoom:
    """An interview under way: when the clock closes it, and whether a host is connected."""

    interview_id: int
    limit_at: datetime
    hosted: bool


@dataclass(frozen=True)
class Hint:
    """One sentence for everybody in the room of an interview."""

    interview_id: int
    code: str
    message: str


class Hints:
    """Remembers what was told, so that each thing is told once."""

    def __init__(self) -> None:
        self._warned: dict[int, tuple[datetime, int]] = {}
        self._alone_since: dict[int, datetime] = {}
        self._away: set[int] = set()

    def due(self, rooms: Iterable[LiveRoom], now: datetime) -> list[Hint]:
        """What is to be told now.

        Args:
            rooms: every interview that is live; of others everything is forgotten.
            now: an aware instant.
        """
        live = {room.interview_id: room for room in rooms}
        self._away &= live.keys()
        for known in (self._warned, self._alone_since):
            for number in [one for one in known if one not in live]:
                del known[number]
        found = []
        for room in live.values():
            found += [*self._clock(room, now), *self._host(room, now)]
        return found

    def away(self, interview_id: int) -> Hint | None:
        """What whoever comes now is told about the host."""
        return _away(interview_id) if interview_id in self._away else None

    def _clock(self, room: LiveRoom, now: datetime) -> list[Hint]:
        left = room.limit_at - now
        reached = next((minutes for minutes in WARNINGS if left <= timedelta(minutes=minutes)), None)
        if reached is None or left <= timedelta():
            return []
        # An extension moves the limit, and the warnings begin again.
        if self._warned.get(room.interview_id) == (room.limit_at, reached):
            return []
        self._warned[room.interview_id] = (room.limit_at, reached)
        text = f"离结束还有{reached}分钟。没有答到的，会后书面答复。"
        return [Hint(room.interview_id, f"clock.{reached}", text)]

    def _host(self, room: LiveRoom, now: datetime) -> list[Hint]:
        number = room.interview_id
        if room.hosted:
            self._alone_since.pop(number, None)
            if number not in self._away:
                return []
            self._away.discard(number)
            return [Hint(number, "host.back", "主持人回来了。")]
        since = self._alone_since.setdefault(number, now)
        if number in self._away or now - since < GRACE:
            return []
        self._away.add(number)
        return [_away(number)]


def _away(interview_id: int) -> Hint:
    return Hint(interview_id, "host.away", "主持人暂时不在线，访谈还在进行，请稍等。")
