"""The live room's state machine: every act of ``tests.chat.acts``, the clock, the listeners, in any order.

After each step the invariants of ``tests.chat.room`` must hold.
"""

import os
import secrets
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from scheduler import jobs
from tests import cast
from tests.chat.acts import ANY, CITIZEN, Acts, during
from tests.chat.room import ANSWERERS, HOSTS, MODERATORS, WATER, Room, Template

JOBS = {job.name: job for job in jobs.TIMETABLE}


@cache
def template() -> Template:
    """The eve of the interview, prepared once for all rooms."""
    return Template.make()


class Machine(Acts):
    """One room from the eve of the interview to whatever the draws make of it."""

    equations: list[dict[str, Any]] | None = None

    def __init__(self) -> None:
        super().__init__()
        file = Path(tempfile.mkstemp(prefix="room-", suffix=".db", dir=template().folder)[1])
        self.room = Room(template(), file)

    @initialize(early=st.lists(CITIZEN, min_size=2, max_size=6), public=st.integers(0, 4), late=ANY)
    def evening(self, early: list[str], public: int, late: int) -> None:
        """Some ask while the questions are collected, some become public; mostly the interview begins at once."""
        for who in early:
            self.ask(who, 1)
        for _ in range(public):
            self.publish("审核员小张", 7, 1)
        if late % 8:
            self.open("李主持")

    @invariant()
    def holds(self) -> None:
        """The equation of every listener, and the room's other invariants."""
        self.room.look()

    def teardown(self) -> None:
        """A live interview comes to its limit; everybody comes back and sees the same."""
        if self.room.sound and self.room.status == "live":
            self.room.now = cast.at(self.room.staff["interview"]["limit_at"][:16]) + timedelta(minutes=1)
            self.close_by_clock()
            self.room.look()
        self.room.end()
        if Machine.equations is not None:
            for listener in self.room.listeners:
                Machine.equations += listener.finished

    # The office, the clock, and those who have no business here.

    @precondition(lambda self: self.room.status in ("ended", "archived") and self.room.steps % 4 == 0)
    @rule()
    def summary(self) -> None:
        self._step()
        self.room.says("周科长", "summary.send", interview=self.room.interview)

    @rule(who=st.sampled_from(["别场主持", WATER, "陈秘书"]), drawn=ANY)
    def stranger(self, who: str, drawn: int) -> None:
        self._step()
        question = self.pick(drawn, "published", "staged", "pending")
        for name in ("question.stage", "question.publish"):
            assert self.room.says(who, name, question=question) is None

    @rule(seconds=st.sampled_from([5, 15, 15, 70, 130, 130, 1200]))
    def wait(self, seconds: int) -> None:
        self._step()
        self.room.now += timedelta(seconds=seconds)

    @rule()
    def publish_due(self) -> None:
        self._step()
        self.room.ring(JOBS["publish_due"])

    @during("live")
    @rule()
    def close_by_clock(self) -> None:
        self._step()
        due = self.room.ones("published", "staged")
        past = cast.at(self.room.staff["interview"]["limit_at"][:16]) <= self.room.now
        self.room.ring(JOBS["close_at_limit"])
        self.room.look()
        assert (self.room.status == "ended") == past
        self.room.dues = dict.fromkeys(due, "time") if past else {}

    # The listeners.

    @precondition(lambda self: len(self.room.listeners) < 9)
    @rule(who=CITIZEN, audience=st.sampled_from(["public", "me"]))
    def late_comer(self, who: str, audience: str) -> None:
        self._step()
        self.room.come(who, audience)

    @precondition(lambda self: len(self.room.listeners) < 9)
    @rule(who=st.sampled_from([*MODERATORS, *HOSTS, *ANSWERERS]))
    def late_staff(self, who: str) -> None:
        self._step()
        self.room.come(who, "staff")

    @rule(drawn=ANY)
    def leave(self, drawn: int) -> None:
        self._step()
        self.room.listeners[drawn % len(self.room.listeners)].connected = False

    @rule(drawn=ANY)
    def lose(self, drawn: int) -> None:
        self._step()
        self.room.listeners[drawn % len(self.room.listeners)].deaf = True

    @rule()
    def come_back(self) -> None:
        """Who is away, or has not heard everything, fetches it."""
        self._step()
        for listener in self.room.listeners:
            self.room.back(listener)

    @rule()
    def restart(self) -> None:
        self._step()
        self.room.restart()


@dataclass(frozen=True)
class Run:
    """What a run of the machine came to."""

    steps: int
    equations: tuple[dict[str, Any], ...]


def play(wanted: int, length: int, first: int | None = None) -> Run:
    """Let the machine run in rooms of ``length`` steps until it has made the steps that are wanted.

    On failure Hypothesis prints the road to it, and the seed is named: ``FANGTAN_SEED`` repeats the round, and then
    takes the minutes to look for the shortest road as well.

    Args:
        wanted: how many steps at the least.
        length: of one room.
        first: the seed of the first round; drawn where it is not given.
    """
    again = os.environ.get("FANGTAN_SEED")
    drawn = secrets.randbits(32) if first is None else first
    seed = int(again or drawn)
    chosen = settings(
        max_examples=10,
        stateful_step_count=length,
        deadline=None,
        database=None,
        print_blob=True,
        phases=(Phase.generate, Phase.shrink) if again else (Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    Acts.played, Machine.equations = 0, []
    # A room that draws more than Hypothesis allows ends early, so that rounds are counted by what was played.
    while Acts.played < wanted:
        hypothesis.seed(seed)(Machine)
        try:
            run_state_machine_as_test(Machine, settings=chosen)
        except BaseException as error:
            error.add_note(f"FANGTAN_SEED={seed} repeats it and shortens the road")
            raise
        seed += 1
    return Run(Acts.played, tuple(Machine.equations))


@cache
def short_run() -> Run:
    """The run of every suite: the same rooms each time, so that it fails for a change and not for a draw.

    The long run draws new ones.
    """
    return play(wanted=500, length=50, first=20260306)
