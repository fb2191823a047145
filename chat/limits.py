"""Pace: how fast one visitor may submit. A resend under a known ``client_id`` never counts."""

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from base.errors import Refusal

SUBMISSIONS_A_MINUTE = 10


class Pace:
    """Counts what each visitor submits.

    Args:
        on: ``False`` for load tests (``FANGTAN_PACE=off``).
    """

    def __init__(self, *, on: bool = True) -> None:
        self._on = on
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._submissions = RateLimitItemPerMinute(SUBMISSIONS_A_MINUTE)

    async def submission(self, person_id: int | None) -> None:
        """Count one new submission.

        Raises:
            Refusal: ``pace``; with the seconds after which it goes on.
        """
        if self._on and not await self._limiter.hit(self._submissions, "submit", str(person_id)):
            raise Refusal(
                "pace", "一分钟里交了十个问题，请等一分钟再交。您写的还在页面上。", status=429, retry_after=60
            )
