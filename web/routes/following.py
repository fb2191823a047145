"""订阅 by mail: leave an address at a question, say yes from the mail that comes, and out again by one press.

Whatever address is left, the same sentence comes back: nobody learns here whether an address is known.
"""

from typing import Any

from aiohttp import web

from base.clock import utcnow
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import ANYONE
from interviews import following
from interviews.models import Interview, Question
from web import forms
from web.addresses import client_address
from web.following import Wish, page_of
from web.keys import FOLLOWING, SURROUNDINGS, UNITS
from web.pages import Page, flash, render
from web.routes.public import citizen_of, see_other
from web.routes.receipts import one_question, question_page
from web.routes.report_links import shut
from web.sealing import new_token

routes = web.RouteTableDef()

SENT = (
    f"信已经发往这个邮箱。请打开信里的网址，按“确认订阅”，{following.CONFIRM_DAYS}天以内有效。"
    "没有收到的，看看垃圾邮件，或者核对一下写得对不对。"
)
NO_MAIL = Refusal(
    "mail.none", "这个网站现在发不了邮件，不能用邮件订阅。请用日历或者阅读器订阅，或者记下这一页。"
)


@routes.post("/questions/{receipt}/follow")
@routes.post("/interviews/{id:\\d+}/questions/{number:\\d+}/follow")
async def follow(request: web.Request) -> web.Response:
    """Leave an address; a mail goes to it, and nothing else happens until its reader says yes."""
    typed = await forms.posted(request)
    reader = await citizen_of(request)
    joined = request.app[FOLLOWING]
    async with request.app[UNITS].read(reader) as uow:
        found = await one_question(uow, request)
    try:
        if not joined.offered:
            raise NO_MAIL
        address = joined.address(typed.get("email", ""))
        request.app[SURROUNDINGS].pace.follow(client_address(request))
        async with request.app[UNITS].act(ANYONE) as uow:
            link = joined.confirm_link(found.id or 0, address, uow.now)
            await following.ask(uow, found, address, link)
    except Refusal as refusal:
        form = forms.Form(typed, {"email": refusal.message}, refusal.message, "follow")
        return await question_page(request, form, refusal.status)
    response = see_other(f"{request.path.removesuffix('/follow')}#h-follow")
    flash(request, response, "good", SENT, at="h-follow")
    return response


@routes.get("/questions/{receipt}/follow")
@routes.get("/interviews/{id:\\d+}/questions/{number:\\d+}/follow")
async def back(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the question."""
    return see_other(f"{request.path.removesuffix('/follow')}#h-follow")


@routes.get("/follow/{token}")
@shut
async def asked(request: web.Request) -> web.StreamResponse:
    """What the mail's reader says yes to. Programs that look at links in mails press no buttons."""
    wish = request.app[FOLLOWING].opened(request.match_info["token"], utcnow())
    async with request.app[UNITS].read() as uow:
        context = await _about(uow, wish)
    context |= {"state": "asked", "action": request.path}
    return await render(request, "follow.html", context, page=Page("确认订阅"))


@routes.post("/follow/{token}")
@shut
async def confirmed(request: web.Request) -> web.StreamResponse:
    """Yes; a second time is as good."""
    wish = request.app[FOLLOWING].opened(request.match_info["token"], utcnow())
    async with request.app[UNITS].act(ANYONE) as uow:
        context = await _about(uow, wish)
        joined = request.app[FOLLOWING]
        await following.begin(uow, wish.question, wish.address, new_token()[:24], joined.mark_of)
    context |= {"state": "confirmed", "action": request.path}
    return await render(request, "follow.html", context, page=Page("订阅好了"))


async def _about(uow: UnitOfWork, wish: Wish) -> dict[str, Any]:
    question = await uow.db.get_one(Question, wish.question)
    interview = await uow.db.get_one(Interview, question.interview_id)
    return {
        "name": f"{question.number}号提问" if question.number else "您的提问",
        "theme": interview.theme,
        "url": page_of(question),
        "days": following.DAYS,
    }


@routes.get("/follow/stop/{key}")
@shut
async def stopping(request: web.Request) -> web.StreamResponse:
    """The way out, one press away; the same page whether or not the address is still known."""
    return await _stop_page(request, "stopping")


@routes.post("/follow/stop/{key}")
@shut
async def stopped(request: web.Request) -> web.StreamResponse:
    """Out: the address and every mail to it are forgotten."""
    async with request.app[UNITS].act(ANYONE) as uow:
        await following.stop(uow, request.match_info["key"])
    return await _stop_page(request, "stopped")


async def _stop_page(request: web.Request, state: str) -> web.Response:
    context = {"state": state, "action": request.path, "name": "", "theme": "", "url": "/", "days": 0}
    return await render(request, "follow.html", context, page=Page("不再订阅"))
