"""Reminders as the start pages of staff show them."""

from collections.abc import Collection
from typing import Any

from aiohttp import web

from base import outbox
from base.db import UnitOfWork
from base.people import Actor, Role
from interviews import notices
from web.keys import SETTINGS


async def for_page(
    request: web.Request,
    uow: UnitOfWork,
    actor: Actor,
    url: str,
    own: Collection[int | None] | None = None,
    elsewhere: str = "",
) -> dict[str, Any]:
    """What ``macros/reminders.html`` shows.

    Args:
        request: of the page.
        uow: a reading unit of work.
        actor: whose page it is.
        url: where a reminder leads; ``{id}`` is the interview's number.
        own: the interviews that the actor reaches, where that is not every one they are reminded of.
        elsewhere: where a reminder of another one leads.

    Returns:
        ``rows``, the newest first, and ``unsent``: to the office, how many mails wait because no mail server is set.
    """
    shown = await notices.shown_to(uow, actor)
    told = actor.role is Role.OFFICE and not request.app[SETTINGS].smtp_url
    return {
        "rows": [
            {
                "text": one.notice.text,
                "at": one.notice.at,
                "url": url.format(id=one.interview.id)
                if own is None or one.interview.id in own
                else elsewhere,
            }
            for one in shown
        ],
        "unsent": await outbox.unsent(uow) if told else 0,
    }
