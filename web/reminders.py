"""Reminders as the start pages of staff show them."""

from typing import Any

from aiohttp import web

from base import outbox
from base.db import UnitOfWork
from base.people import Actor, Role
from interviews import notices
from web.keys import SETTINGS


async def for_page(request: web.Request, uow: UnitOfWork, actor: Actor, url: str) -> dict[str, Any]:
    """What ``macros/reminders.html`` shows.

    Args:
        request: of the page.
        uow: a reading unit of work.
        actor: whose page it is.
        url: where a reminder leads; ``{id}`` is the interview's number.

    Returns:
        ``rows``, the newest first, and ``unsent``: to the office, how many mails wait because no mail server is set.
    """
    shown = await notices.shown_to(uow, actor)
    told = actor.role is Role.OFFICE and not request.app[SETTINGS].smtp_url
    return {
        "rows": [
            {"text": one.notice.text, "at": one.notice.at, "url": url.format(id=one.interview.id)}
            for one in shown
        ],
        "unsent": await outbox.unsent(uow) if told else 0,
    }
