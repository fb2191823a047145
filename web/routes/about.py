"""What the site says about itself: the accessibility statement, and what is kept and how long."""

from aiohttp import web

from faq.misses import ASK_DAYS
from interviews import following
from web.pages import Page, render

routes = web.RouteTableDef()

LOG_DAYS = 190
"""How long the web server keeps addresses; 《网络安全法》 第二十一条 asks for six months at least."""


@routes.get("/accessibility")
async def accessibility(request: web.Request) -> web.Response:
    """The accessibility statement."""
    about = Page(
        "无障碍声明",
        description="长辈版、只用键盘、读屏软件、不开脚本，都能看、能问。写明做到了哪些，不方便的怎么告诉我们。",
        column="关于本站",
    )
    return await render(request, "accessibility.html", {}, page=about)


@routes.get("/privacy")
async def privacy(request: web.Request) -> web.Response:
    """What is kept and how long."""
    about = Page(
        "留什么、留多久",
        description="提问不用登录、不用实名。留下的每一样信息做什么用、留多久、谁看得到。",
        column="关于本站",
    )
    kept = {
        "log_days": LOG_DAYS,
        "ask_days": ASK_DAYS,
        "follow_days": following.DAYS,
        "confirm_days": following.CONFIRM_DAYS,
    }
    return await render(request, "privacy.html", kept, page=about)
