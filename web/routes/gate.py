"""The door of the staff's pages: who may in, and where a refused form is drawn again.

Somebody who is not signed in is led to the login and back. A page that is not of one's role looks like one that
does not exist; which interview one reaches is for ``interviews.access`` to say.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from aiohttp import web

from base.db import UnitOfWork
from base.errors import missing
from base.people import Actor, Role
from chat.registry import REGISTRY
from interviews import access
from interviews.models import Interview
from web.forms import Form
from web.keys import ACTOR

Drawer = Callable[[web.Request, int, Form, int], Awaitable[web.Response]]

_DRAWERS: list[tuple[re.Pattern[str], Drawer]] = []


def staff_of(request: web.Request, *roles: Role) -> Actor:
    """The member of staff who opens a page of these roles; of any role where none is named.

    Raises:
        HTTPSeeOther: to the login, for whoever is not signed in.
        Refusal: ``not_found`` for another role.
    """
    actor: Actor = request[ACTOR]
    if not actor.is_staff:
        raise web.HTTPSeeOther(login_address(request.path_qs))
    if roles and actor.role not in roles:
        raise missing("这个页面")
    return actor


def login_address(back: str) -> str:
    """The login, from which one comes back."""
    return f"/login?next={quote(back, safe='/')}"


async def theirs(uow: UnitOfWork, interview_id: int) -> Interview:
    """An interview in which the actor works.

    Raises:
        Refusal: ``not_found``, also where it exists but is not theirs.
    """
    return await access.acting_interview(uow, interview_id, lock=None, rehearsal=True)


def may(actor: Actor, command: str) -> bool:
    """Whether the actor's role has a command at all."""
    found = REGISTRY.get(command)
    return found is not None and actor.role in found.allow


def draws(path: str) -> Callable[[Drawer], Drawer]:
    """Register who draws the page at an address again when a form of it was refused.

    Args:
        path: a pattern whose one group, if it has one, is the interview's number.
    """

    def register(drawer: Drawer) -> Drawer:
        _DRAWERS.append((re.compile(path), drawer))
        return drawer

    return register


async def drawn_again(request: web.Request, path: str, form: Form, status: int) -> web.Response | None:
    """The page at an address with a refused form in it; ``None`` for an address without forms."""
    for pattern, drawer in _DRAWERS:
        found = pattern.fullmatch(path)
        if found is not None:
            number = int(found[1]) if found.groups() else 0
            return await drawer(request, number, form, status)
    return None


def asked_of(request: web.Request, form: Form) -> dict[str, str]:
    """The query of a page's address; where a form of it was refused, as the form carries it back."""
    back = str(form.typed.get("back", ""))
    return dict(parse_qsl(urlsplit(back).query)) if back else dict(request.query)


def form_of(form: Form | None) -> dict[str, Any]:
    """The form as a page is given it: what was typed for the command that was refused."""
    return {"form": form or Form()}
