"""How much work something is, told so that neither a slow machine nor a busy one makes it more.

A bound in seconds says as much about the machine as about the code: a suite was lost to 5.06 ms where 5 were allowed.
So a block is measured in processor time and compared with a fixed piece of work measured right after it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ROOM = 4.0
"""How many times over a bound may be taken before a test fails; what is found here are other orders of magnitude."""

WORK_SECONDS = 0.012
"""Processor time of :func:`_work` on the two-core virtual machine on which the bounds were set."""


PAUSE_SECONDS = 1.5
"""Allowed to any one block on top: a full collection of a big test process falls into whichever block is running."""


def _work() -> int:
    """Strings, dictionaries and calls, as most of the product's own work is."""
    seen: dict[str, int] = {}
    for number in range(40_000):
        word = f"词{number % 1_000}"
        seen[word] = seen.get(word, 0) + len(word)
    return sum(seen.values())


def _spent(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def slowness() -> float:
    """How many times slower than the machine of the bounds this one is now; never less than one."""
    return max(1.0, min(_spent(_work) for _ in range(3)) / WORK_SECONDS)


@contextmanager
def within(seconds: float, what: object = "") -> Iterator[None]:
    """The block costs no more processor time than so many seconds of the machine of the bounds, with some room.

    Args:
        seconds: as the product promises it.
        what: named where it fails.

    Raises:
        AssertionError: it cost more; with what it cost and what was allowed.
    """
    began = time.process_time()
    yield
    spent = time.process_time() - began
    if spent > seconds + PAUSE_SECONDS:
        check(spent - PAUSE_SECONDS, seconds, what)


def check(spent: float, seconds: float, what: object = "") -> None:
    """Compare processor time measured elsewhere with a bound, as :func:`within` does."""
    allowed = seconds * ROOM * slowness()
    assert spent <= allowed, f"{what} took {spent:.3f} s of a processor, {allowed:.3f} were allowed"


def fewest(work: Callable[[], object], rounds: int = 5) -> float:
    """The least processor time of some rounds, in seconds."""
    return min(_spent(work) for _ in range(rounds))
