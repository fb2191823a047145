"""What is told beside the streams: time left, and the host's absence; each once, and again after an extension."""

from datetime import datetime, timedelta

from base.people import SYSTEM
from chat.hints import Hints, LiveRoom
from interviews import programme
from interviews.models import Interview
from tests.cast import DURING, END, City

LIMIT = END


def _room(limit: datetime = LIMIT, *, hosted: bool = True) -> list[LiveRoom]:
    return [LiveRoom(7, limit, hosted)]


def _codes(hints: Hints, rooms: list[LiveRoom], now: datetime) -> list[str]:
    return [hint.code for hint in hints.due(rooms, now)]


def test_fifteen_and_five_minutes_are_told_once_each() -> None:
    hints = Hints()
    seconds = range(-20 * 60, 60, 2)
    told = [code for second in seconds for code in _codes(hints, _room(), LIMIT + timedelta(seconds=second))]
    assert told == ["clock.15", "clock.5"]


def test_an_extension_begins_the_warnings_again() -> None:
    hints = Hints()
    assert _codes(hints, _room(), LIMIT - timedelta(minutes=4)) == ["clock.5"]
    longer = LIMIT + timedelta(minutes=30)
    assert _codes(hints, _room(longer), LIMIT - timedelta(minutes=3)) == []
    assert _codes(hints, _room(longer), longer - timedelta(minutes=15)) == ["clock.15"]


def test_the_host_is_away_only_after_a_while_and_late_comers_are_told() -> None:
    hints = Hints()
    assert _codes(hints, _room(hosted=False), DURING) == []
    assert _codes(hints, _room(hosted=True), DURING + timedelta(seconds=4)) == []
    assert _codes(hints, _room(hosted=False), DURING + timedelta(seconds=6)) == []
    assert hints.away(7) is None
    assert _codes(hints, _room(hosted=False), DURING + timedelta(seconds=16)) == ["host.away"]
    assert _codes(hints, _room(hosted=False), DURING + timedelta(seconds=18)) == []
    assert hints.away(7) is not None
    assert _codes(hints, _room(), DURING + timedelta(seconds=20)) == ["host.back"]
    assert hints.away(7) is None


def test_what_is_over_is_forgotten() -> None:
    hints = Hints()
    hints.due(_room(hosted=False), DURING)
    hints.due(_room(hosted=False), DURING + timedelta(seconds=11))
    assert hints.away(7) is not None
    assert hints.due([], DURING + timedelta(seconds=13)) == []
    assert hints.away(7) is None


async def test_the_peak_is_kept_and_never_sinks(city: City) -> None:
    await city.plan()
    for watching, kept in ((5, 0), (7, 0)):
        assert await _noted(city, watching) == kept
    await city.announce()
    await city.prepare()
    await city.does("李主持", "interview.open", DURING, interview=city.interview)
    for watching, kept in ((3, 3), (12, 12), (4, 12)):
        assert await _noted(city, watching) == kept


async def _noted(city: City, watching: int) -> int:
    async with city.units.act(SYSTEM, DURING) as uow:
        await programme.note_peak(uow, city.interview, watching)
    async with city.units.read(SYSTEM) as uow:
        return (await uow.db.get_one(Interview, city.interview)).peak
