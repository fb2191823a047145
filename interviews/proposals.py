"""Proposed dates (建议日期): interviews spread over a range and over bodies, and why a day was not proposed. Pure.

A day is lawful when everything that must be done before it can still be done in time from today: the announcement
and, once the year's plan is issued, the notice that something is added to it. Among lawful days those are chosen that
lie in the emptiest month and farthest from their neighbours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from base.clock import SHANGHAI
from base.errors import Refusal
from interviews.bookings import KINDS, Booking, collisions
from interviews.calendar import PROVISIONAL_MARK, Calendar
from interviews.deadlines import in_words
from interviews.law.models import Regulation
from interviews.rules import earliest_start

LONG_HOLIDAY = 3
"""Days off in a row from which the working days beside them are no time for an interview: people are away."""
START = time(9, 30)
RANGE_LIMIT = 800


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be proposed.

    Attributes:
        first: the first day of the range; last: the last, included.
        count: how many interviews.
        bodies: the bodies to spread over, in the order in which they come; empty where that is left open.
        start: the hour of day; minutes: how long, ``None`` for the rule's length.
        host_id: the host who is wanted; venue: the room that is wanted.
    """

    first: date
    last: date
    count: int
    bodies: tuple[int, ...] = ()
    start: time = START
    minutes: int | None = None
    host_id: int | None = None
    venue: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A date that can be taken as it is; ``body_id`` is whose turn it is, where bodies were named."""

    starts_at: datetime
    ends_at: datetime
    body_id: int | None
    provisional: bool

    @property
    def day(self) -> date:
        """Its date."""
        return self.starts_at.date()


@dataclass(frozen=True, slots=True)
class NotProposed:
    """A run of days that were not proposed for one reason; ``article`` where the rule is the reason."""

    first: date
    last: date
    why: str
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """The answer: dates in order, the days passed over with their reasons, and how many could not be found."""

    dates: tuple[Proposal, ...]
    passed_over: tuple[NotProposed, ...]
    missing: int


def propose(
    wish: Wish,
    existing: Sequence[Booking],
    calendar: Calendar,
    regulation: Regulation,
    today: date,
    *,
    issued: frozenset[int] = frozenset(),
) -> Proposed:
    """Lawful dates for a number of interviews.

    Args:
        wish: the range, how many and for whom.
        existing: what is planned already, in the range and beside it.
        calendar: the national working days; the city's own are added here.
        regulation: the city's rule.
        today: the day on which the proposal is made.
        issued: the years whose plan is issued.

    Raises:
        Refusal: ``propose.range`` for an empty or endless range, a number of interviews that is none.
    """
    if not 0 <= (wish.last - wish.first).days <= RANGE_LIMIT or not 1 <= wish.count <= 366:
        raise Refusal("propose.range", "请写从哪天到哪天、要几场。范围最长两年。", status=400)
    search = _Search(wish, existing, calendar.with_days_off(regulation.days_off), regulation, today, issued)
    chosen = [found for _ in range(wish.count) if (found := search.next())]
    passed = tuple(_runs(search.refused))
    return Proposed(tuple(sorted(chosen, key=lambda one: one.day)), passed, wish.count - len(chosen))


class _Search:
    """The days still free, and what has been chosen from them so far."""

    def __init__(
        self,
        wish: Wish,
        existing: Sequence[Booking],
        calendar: Calendar,
        regulation: Regulation,
        today: date,
        issued: frozenset[int],
    ) -> None:
        self.wish, self.calendar, self.regulation, self.issued = wish, calendar, regulation, issued
        self.length = timedelta(minutes=wish.minutes or regulation.length.max_minutes)
        self.existing = list(existing)
        self.taken = {booking.day for booking in existing}
        self.turns = dict.fromkeys(wish.bodies, 0)
        for booking in existing:
            for body in booking.respondents & set(wish.bodies):
                self.turns[body] += 1
        gates = {act: regulation.gates_for(act) for act in ("announce", "schedule")}
        self.earliest = {
            act: [
                (gate.article, earliest_start(gate.duty or "", regulation, calendar, today))
                for gate in listed
            ]
            for act, listed in gates.items()
        }
        self.refused: list[tuple[date, str, str | None]] = []
        self.free: list[date] = []
        for offset in range((wish.last - wish.first).days + 1):
            day = wish.first + timedelta(days=offset)
            against = self._against(day)
            if against is None:
                self.free.append(day)
            else:
                self.refused.append((day, *against))

    def _against(self, day: date) -> tuple[str, str | None] | None:
        """Why a day cannot be proposed, with the article; ``None`` where it can."""
        if not self.calendar.is_workday(day):
            return self.calendar.why(day), None
        acts = ("announce", "schedule") if day.year in self.issued else ("announce",)
        for act in acts:
            for article, earliest in self.earliest[act]:
                if day < earliest:
                    what = "今天发预告" if act == "announce" else "计划已经印发，今天加一场"
                    return f"{what}，最早只能排{in_words(earliest)}", article
        least = self.regulation.minimum
        if least is not None and day.month in least.months_left_out:
            return f"{day.month}月不安排访谈", least.article
        return self._beside_holiday(day) or self._occupied(day)

    def _beside_holiday(self, day: date) -> tuple[str, None] | None:
        for step, word in ((1, "前"), (-1, "后")):
            run = 0
            while run < LONG_HOLIDAY and not self.calendar.is_workday(day + timedelta(days=step * (run + 1))):
                run += 1
            if run == LONG_HOLIDAY:
                return f"长假{word}一天，来的人少", None
        return None

    def _occupied(self, day: date) -> tuple[str, None] | None:
        slot = self._slot(day, None)
        for booking in self.existing:
            if booking.day != day:
                continue
            same = [KINDS[kind] for kind in collisions(slot, booking)]
            if same:
                return f"{'、'.join(same)}和{booking.label}撞上了", None
            return f"这一天已经有{booking.label}", None
        return None

    def _slot(self, day: date, body: int | None) -> Booking:
        starts_at = datetime.combine(day, self.wish.start, SHANGHAI)
        bodies = frozenset(self.wish.bodies if body is None else (body,))
        return Booking("", "", starts_at, starts_at + self.length, bodies, self.wish.host_id, self.wish.venue)

    def next(self) -> Proposal | None:
        """The best day that is left, for the body that has had the fewest turns."""
        if not self.free:
            return None
        load: dict[tuple[int, int], int] = {}
        for day in self.taken:
            load[day.year, day.month] = load.get((day.year, day.month), 0) + 1
        edges = {self.wish.first, self.wish.last} if not self.taken else set()

        def rank(day: date) -> tuple[int, int, date]:
            near = min((abs((day - other).days) for other in self.taken | edges), default=0)
            return load.get((day.year, day.month), 0), -near, day

        day = min(self.free, key=rank)
        body = min(self.turns, key=lambda one: self.turns[one]) if self.turns else None
        if body is not None:
            self.turns[body] += 1
        self.free.remove(day)
        self.taken.add(day)
        slot = self._slot(day, body)
        return Proposal(slot.starts_at, slot.ends_at, body, self.calendar.is_provisional(day))


def _runs(refused: Sequence[tuple[date, str, str | None]]) -> Iterator[NotProposed]:
    """Days in a row with the same reason as one entry."""
    run: NotProposed | None = None
    for day, why, article in refused:
        why = why.removesuffix(PROVISIONAL_MARK)
        joined = run is not None and run.last + timedelta(days=1) == day and run.why == why
        if run is not None and joined:
            run = NotProposed(run.first, day, why, article)
            continue
        if run is not None:
            yield run
        run = NotProposed(day, day, why, article)
    if run is not None:
        yield run
