"""Pace: how much one visitor, and one network address, may do in a minute.

A visitor who submits too fast may go on at once by solving a challenge; addresses have no such way, their limits are
sized for networks that thousands share. A resend under a known ``client_id`` never counts.

The counts live in this process and are forgotten when it ends. The ``limits`` library was measured for this: its
memory storage walks through all keys at every hit, 1.4 ms with 20,000 of them; this takes 5 to 9 µs with 100,000.
"""

import bisect
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from base.errors import Refusal

MINUTE = 60.0
SUBMISSIONS_A_MINUTE = 10
ASKS_A_MINUTE = 30
LOOKS_A_MINUTE = 90
"""What is similar is looked up while one types, at most every 400 ms, and not at every pause."""

LOGINS_A_MINUTE = 30

RATINGS_A_MINUTE = 30
"""Of one visitor: a record page has up to fifty answers, and nobody reads them faster."""

FOLLOWS_A_MINUTE = 20
"""Of one address: each sends a mail to whomever it names."""

KEYS = 100_000
"""How many visitors or addresses a count remembers; past that, whoever came least recently is forgotten."""

CHALLENGE = "/api/challenge"
"""Where a visitor who was refused gets the challenge that lets them go on."""

Clock = Callable[[], float]
Undo = Callable[[], None]


@dataclass(frozen=True)
class Limits:
    """What one address may do in a minute; all visitors behind it together."""

    submissions: int = 600
    visitors: int = 600
    supports: int = 3_000
    asks: int = 1_200
    looks: int = 3_000
    logins: int = LOGINS_A_MINUTE
    ratings: int = 1_200
    follows: int = FOLLOWS_A_MINUTE


class Rate:
    """So many in any sixty seconds, counted apart for each key.

    Exact: the moments of the last minute are kept, so that the wait can be named. Keys stand in the order of their
    last use, and each count drops what has grown old at the front, so nothing grows for ever.

    Args:
        most: how many.
        clock: seconds that never go back.
        keys: how many keys are remembered at most.
    """

    def __init__(self, most: int, clock: Clock = time.monotonic, keys: int = KEYS) -> None:
        self._most = most
        self._clock = clock
        self._keys = keys
        # Not a plain dict: finding its first key walks over all those deleted before.
        self._moments: OrderedDict[str, list[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._moments)

    def wait(self, key: str) -> int:
        """Whole seconds until one more is allowed; 0 for now."""
        now = self._clock()
        moments = self._recent(key, now)
        if len(moments) < self._most:
            return 0
        return max(1, math.ceil(moments[-self._most] + MINUTE - now))

    def count(self, key: str) -> None:
        """One more, now."""
        now = self._clock()
        self._moments.setdefault(key, []).append(now)
        self._moments.move_to_end(key)
        self._tidy(now)

    def give_back(self, key: str) -> None:
        """The latest did not come about."""
        if moments := self._moments.get(key):
            moments.pop()

    def forget(self, key: str) -> None:
        """Begin anew for a key."""
        self._moments.pop(key, None)

    def _recent(self, key: str, now: float) -> list[float]:
        moments = self._moments.get(key, [])
        del moments[: bisect.bisect_right(moments, now - MINUTE)]
        return moments

    def _tidy(self, now: float) -> None:
        # Two for each one that comes: the old go faster than new ones can come.
        for _ in range(2):
            oldest = next(iter(self._moments.values()))
            if len(self._moments) <= self._keys and oldest and oldest[-1] > now - MINUTE:
                return
            self._moments.popitem(last=False)


Refuse = Callable[[int], Refusal]


@dataclass(frozen=True)
class _Count:
    """One rate of an act, and how it says no."""

    rate: Rate
    refuse: Refuse


class Pace:
    """Counts what visitors and addresses do, and refuses what is too fast.

    Args:
        on: ``False`` for load tests (``FANGTAN_PACE=off``): nothing is counted or refused.
        limits: what one address may do.
        clock: seconds that never go back.
    """

    def __init__(
        self, *, on: bool = True, limits: Limits | None = None, clock: Clock = time.monotonic
    ) -> None:
        most = limits or Limits()

        def address(limit: int, then: str) -> _Count:
            return _Count(Rate(limit, clock), lambda seconds: _crowded(seconds, then))

        self.on = on
        self._own_submissions = Rate(SUBMISSIONS_A_MINUTE, clock)
        self._submissions = (
            address(most.submissions, "再交，您写的还在页面上"),
            _Count(self._own_submissions, TooFast),
        )
        self._asks = (
            address(most.asks, "再问，您写的还在页面上"),
            _Count(Rate(ASKS_A_MINUTE, clock), _asks_too_fast),
        )
        self._looks = (
            address(most.looks, "再看"),
            _Count(Rate(LOOKS_A_MINUTE, clock), _looks_too_fast),
        )
        self._supports = (address(most.supports, "再按一次"),)
        self._visitors = (address(most.visitors, "再试，您写的还在页面上"),)
        self._logins = (address(most.logins, "再登录"),)
        self._ratings = (
            address(most.ratings, "再评"),
            _Count(Rate(RATINGS_A_MINUTE, clock), _ratings_too_fast),
        )
        self._follows = (address(most.follows, "再订阅"),)

    def submission(self, person_id: int | None, address: str) -> Undo:
        """Count one new submission.

        Args:
            person_id: the visitor.
            address: from ``web.addresses``; empty where there is none, and then not counted.

        Returns:
            What takes the count back, for a submission that could not be kept after all: a citizen whose page sends
            again while the disk is full has not submitted twelve times.

        Raises:
            Refusal: ``pace``, with the seconds to wait and where a challenge is; ``pace.address`` without one.
        """
        return self._take(self._submissions, address, _who(person_id))

    def support(self, address: str) -> None:
        """Count one support.

        Raises:
            Refusal: ``pace.address``.
        """
        self._take(self._supports, address)

    def new_visitor(self, address: str) -> None:
        """Count one new identity.

        Raises:
            Refusal: ``pace.address``.
        """
        self._take(self._visitors, address)

    def ask(self, person_id: int | None, address: str) -> None:
        """Count one question to the bot.

        Raises:
            Refusal: ``pace.asks`` for the visitor; ``pace.address``.
        """
        self._take(self._asks, address, _who(person_id))

    def look(self, person_id: int | None, address: str) -> None:
        """Count one look at what is similar to a half-written question.

        Raises:
            Refusal: ``pace.looks`` for the visitor; ``pace.address``.
        """
        self._take(self._looks, address, _who(person_id))

    def login(self, address: str) -> None:
        """Count one attempt to sign in, before the password is looked at.

        Raises:
            Refusal: ``pace.address``.
        """
        self._take(self._logins, address)

    def rating(self, person_id: int | None, address: str) -> None:
        """Count one rating given, changed or taken back.

        Raises:
            Refusal: ``pace.ratings`` for the visitor; ``pace.address``.
        """
        self._take(self._ratings, address, _who(person_id))

    def follow(self, address: str) -> None:
        """Count one mail that somebody wants sent to an address.

        Raises:
            Refusal: ``pace.address``.
        """
        self._take(self._follows, address)

    def proved(self, person_id: int | None) -> int:
        """A challenge was solved: the visitor's minute begins anew.

        Returns:
            How many submissions are open now; those of several challenges do not add up.
        """
        self._own_submissions.forget(_who(person_id))
        return SUBMISSIONS_A_MINUTE

    def _take(self, counts: tuple[_Count, ...], *keys: str) -> Undo:
        """Look at every count before any goes up. The address first: no challenge helps where it is full."""
        if not self.on:
            return _nothing
        taken = [(count, key) for count, key in zip(counts, keys, strict=True) if key]
        for count, key in taken:
            if seconds := count.rate.wait(key):
                raise count.refuse(seconds)
        for count, key in taken:
            count.rate.count(key)

        def undo() -> None:
            for count, key in taken:
                count.rate.give_back(key)

        return undo


def _who(person_id: int | None) -> str:
    return "" if person_id is None else str(person_id)


def _nothing() -> None:
    return None


class TooFast(Refusal):
    """More than ten submissions in a minute: wait, or solve a challenge; the error says where it is."""

    def __init__(self, seconds: int) -> None:
        message = f"一分钟里最多交{SUBMISSIONS_A_MINUTE}个问题。请过{seconds}秒再交，您写的还在页面上。"
        super().__init__("pace", message, status=429, retry_after=seconds)

    def body(self) -> dict[str, object]:
        """The ``error`` object, with the way on."""
        return super().body() | {"challenge": CHALLENGE}


def _asks_too_fast(seconds: int) -> Refusal:
    message = f"一分钟里最多问{ASKS_A_MINUTE}次。请过{seconds}秒再问，您写的还在页面上。"
    return Refusal("pace.asks", message, status=429, retry_after=seconds)


def _looks_too_fast(seconds: int) -> Refusal:
    message = f"一分钟里最多看{LOOKS_A_MINUTE}次相近的问题。请过{seconds}秒再看，您写的还在页面上。"
    return Refusal("pace.looks", message, status=429, retry_after=seconds)


def _ratings_too_fast(seconds: int) -> Refusal:
    message = f"一分钟里最多评{RATINGS_A_MINUTE}次。请过{seconds}秒再评。"
    return Refusal("pace.ratings", message, status=429, retry_after=seconds)


def _crowded(seconds: int, then: str) -> Refusal:
    message = f"和您同一个网络的人一下子来得太多了。请过{seconds}秒{then}。"
    return Refusal("pace.address", message, status=429, retry_after=seconds)
