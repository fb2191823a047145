"""What was taken down since a device kept its copy: one word for each interview, cheap enough to be asked for often."""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import func, select
from sqlmodel import col

from base.db import UnitOfWork
from interviews.models import Interview, Item, Question
from web.record import GONE

REMEMBERED_SECONDS = 10.0
"""How long one process answers from memory: with the device's 45 s it stays under the 60 s of the contract."""


class TakenDown:
    """For each interview, a word that is another one as soon as something in it was taken down or taken back.

    Every device that keeps copies asks for it again and again; one answer is good for some seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[int, tuple[float, str | None]] = {}

    async def words(self, uow: UnitOfWork, interviews: Sequence[int]) -> dict[int, str]:
        """The word of each of these interviews; one that strangers do not find has none.

        Args:
            uow: of a stranger.
            interviews: numbers, a few.
        """
        now = self._clock()
        wanted = [one for one in interviews if self._known.get(one, (-1.0, None))[0] <= now]
        if wanted:
            found = await self._read(uow, wanted)
            # Numbers that do not exist are not remembered: somebody could name any number of them.
            for one in wanted:
                self._known.pop(one, None)
            self._known |= {one: (now + REMEMBERED_SECONDS, word) for one, word in found.items()}
        return {one: word for one in interviews if (word := self._known.get(one, (0, None))[1]) is not None}

    async def _read(self, uow: UnitOfWork, wanted: Sequence[int]) -> dict[int, str]:
        public = select(col(Interview.id)).where(
            col(Interview.id).in_(wanted), col(Interview.rehearsal).is_(False)
        )
        items = select(col(Item.interview_id), func.count(col(Item.id))).where(
            col(Item.interview_id).in_(wanted), col(Item.removed_at).is_not(None)
        )
        asked = select(col(Question.interview_id), func.count(col(Question.id))).where(
            col(Question.interview_id).in_(wanted),
            col(Question.number).is_not(None),
            col(Question.status).in_(GONE),
        )
        removed = {
            row[0]: int(row[1]) for row in await uow.db.execute(items.group_by(col(Item.interview_id)))
        }
        gone = {
            row[0]: int(row[1]) for row in await uow.db.execute(asked.group_by(col(Question.interview_id)))
        }
        return {
            one: f"{removed.get(one, 0)}.{gone.get(one, 0)}"
            for one in await uow.db.scalars(public)
            if one is not None
        }
