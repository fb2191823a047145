"""When what the public knows of an interview last changed: for feeds, calendars and the map of the site."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from chat import views
from chat.streams import StreamEvent, StreamHead


async def of_interviews(uow: UnitOfWork, numbers: Sequence[int]) -> dict[int, datetime]:
    """The instant of the last event of each interview's public stream.

    Args:
        uow: a reading unit of work.
        numbers: of the interviews.

    Returns:
        By number; those of which the public was told nothing yet are left out.
    """
    streams = {views.public_stream(number): number for number in numbers}
    last = (col(StreamEvent.stream) == col(StreamHead.stream)) & (
        col(StreamEvent.seq) == col(StreamHead.head)
    )
    query = (
        select(col(StreamHead.stream), col(StreamEvent.at))
        .join(StreamEvent, last)
        .where(col(StreamHead.stream).in_(streams))
    )
    return {streams[name]: at for name, at in await uow.db.execute(query)}
