"""The login's page, and what it keeps: a form that arrives after the login of whoever wrote it has ended."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web

from web import forms
from web.keys import LOGIN_OVER
from web.pages import Page, render

LOGIN = Page("工作人员登录", description="工作人员从这里登录，市民提问不用登录")
OVER = "原来的登录断开了，可能是太久没有用，也可能是账号有了变动。"
"""Said to whoever comes back with a login that counts no more, nothing of why: the page cannot know who it is."""
GOES_BACK = "登录以后回到刚才那一页。"
ROOMS = re.compile("/(?:do|office|supervise|desk|host|admin|audit|inbox|account|staff)(?:/|$)")
"""Where only staff send forms; a citizen's form is sent in their own name, whoever was signed in before."""
_DRAWN = frozenset({"csrf", "back", "rows", "client_id", "password", "code"})
"""Fields that a page fills in, and those that nobody is to read again."""
_CHOSEN = re.compile(r"\s*|[a-z][a-z0-9_.]*|\d{1,6}|[0-9a-f-]{32,36}")
"""What a choice, a tick, a number of a row or a mark of the page looks like; a telephone and a date are longer."""


async def login(
    request: web.Request,
    form: forms.Form,
    wanted: str,
    status: int = 200,
    ticket: str = "",
    kept: Sequence[str] = (),
) -> web.Response:
    """The login's page.

    Args:
        request: what asks for it.
        form: what was typed there, and what was wrong with it.
        wanted: where one goes on.
        status: of the answer.
        ticket: that the password was right, where a second step is still to come.
        kept: what was written in a form that could not be taken any more.
    """
    context = {"form": form, "next": wanted, "need_code": bool(ticket), "ticket": ticket, "kept": kept}
    return await render(request, "login.html", context, page=LOGIN, status=status)


def comes_too_late(request: web.Request) -> bool:
    """Whether this is a form of the staff's whose writer is signed in no more."""
    return request.method == "POST" and bool(request.get(LOGIN_OVER)) and bool(ROOMS.match(request.path))


async def again(request: web.Request) -> web.Response:
    """The login in place of what the form would have done, with what was written in it to be copied.

    What was chosen or ticked is left out, and a number of up to six digits, which nobody can tell from a row's.
    """
    kept = [
        text
        for name, value in (await forms.posted(request)).items()
        if name not in _DRAWN and not name.startswith("seen.")
        for text in (value if isinstance(value, list) else [value])
        if not _CHOSEN.fullmatch(text)
    ]
    form = forms.Form(message=OVER + "这一步没有办，" + GOES_BACK, act="over")
    return await login(request, form, _came_from(request), 401, kept=kept)


def _came_from(request: web.Request) -> str:
    """The page on which the form stood."""
    sender = urlsplit(request.headers.get("Referer", ""))
    if sender.netloc != request.host:
        return request.path_qs
    return forms.local_path(sender.path + (f"?{sender.query}" if sender.query else ""), request.path_qs)
