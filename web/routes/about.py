"""What stands beside the interviews: figures, the rule with its calculator, statements."""

from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlmodel import col

from base.clock import office_date, utcnow
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Body
from faq import asked
from faq.judgement import Outcome
from faq.misses import ASK_DAYS
from interviews import law, workdays
from interviews.calculator import deadlines_document
from interviews.duties import OWED_BY_WORDS
from interviews.lifecycle import QuestionStatus
from interviews.models import Interview, Question, Respondent
from web import forms, ledger, record, rows
from web.keys import UNITS
from web.pages import Page, render
from web.routes.api import number_in

routes = web.RouteTableDef()

LOG_DAYS = 190
"""How long the web server keeps addresses; 《网络安全法》 第二十一条 asks for six months at least."""

Q = QuestionStatus


# The figures


@routes.get("/statistics")
async def statistics(request: web.Request) -> web.Response:
    """A year in figures, each plot with its table."""
    async with request.app[UNITS].read() as uow:
        year = number_in(request, "year", None, 1990, 2200) or office_date(uow.now).year
        context = await _statistics(request, uow, year)
    return await render(request, "statistics.html", context, page=Page(f"{year}年的数", column="统计"))


async def _statistics(request: web.Request, uow: UnitOfWork, year: int) -> dict[str, Any]:
    query = select(col(Interview.year)).distinct().order_by(col(Interview.year).desc())
    known = [str(one) for one in await uow.db.scalars(query)]
    grouped = (
        select(col(Question.status), func.count(col(Question.id)), func.count(col(Question.number)))
        .join(Interview, col(Interview.id) == col(Question.interview_id))
        .where(col(Interview.year) == year)
        .group_by(col(Question.status))
    )
    counted = [(status, int(every), int(public)) for status, every, public in await uow.db.execute(grouped)]
    received, public = sum(n for _, n, _ in counted), sum(n for _, _, n in counted)
    by_status = {status: n for status, n, _ in counted}
    answered, refused = by_status.get(Q.ANSWERED, 0), by_status.get(Q.REFUSED, 0)
    waiting = sum(by_status.get(status, 0) for status in record.WAITING)
    meter = await rows.year_sum(uow, year, rows.regulation_of(request))
    fates = [
        ("已答复", answered, False),
        ("还在等", waiting, False),
        ("不予答复", refused, False),
        ("合并", by_status.get(Q.MERGED, 0), False),
        ("没有公开", by_status.get(Q.DECLINED, 0), False),
    ]
    plots = [_plot("fates", f"收到{received}个，答了{answered}个", "提问的去向，个", "个", fates)]
    bodies = await _answers_by_body(uow, year)
    if bodies:
        title = f"{bodies[0][0]}答得最多"
        plots.append(_plot("bodies", title, "各单位牵头的访谈里已答的提问，个", "个", bodies))
    plots += await _asked_of_the_bot(uow, year)
    return {
        "year": year,
        "years": rows.filters([(one, f"{one}年", None) for one in known], str(year), "/statistics?year={}"),
        "figures": [
            {"label": "办了", "value": meter["held"], "unit": "场"},
            {"label": "收到提问", "value": received, "unit": "个"},
            {"label": "公开", "value": public, "unit": "个"},
            {"label": "已答复", "value": answered, "unit": "个"},
            {"label": "还在等", "value": waiting, "unit": "个"},
        ],
        "plots": plots,
        "meter": meter,
    }


def _plot(name: str, title: str, sub: str, unit: str, values: list[tuple[str, int, bool]]) -> dict[str, Any]:
    listed = [{"label": label, "value": value, "alarm": alarm} for label, value, alarm in values]
    return {"id": name, "title": title, "sub": sub, "unit": unit, "rows": listed}


async def _asked_of_the_bot(uow: UnitOfWork, year: int) -> list[dict[str, Any]]:
    """How often the bot was asked and how often it answered, month by month, as far back as asks are kept."""
    months = await asked.months(uow, year)
    if not months:
        return []
    total = sum(month.total for month in months)
    answered = sum(month.outcomes.get(Outcome.ANSWER, 0) for month in months)
    found = [
        row
        for month in months
        for row in (
            (f"{month.month}月问了", month.total, False),
            (f"{month.month}月答了", month.outcomes.get(Outcome.ANSWER, 0), False),
            (f"{month.month}月给了选项", month.outcomes.get(Outcome.CHOICES, 0), False),
        )
    ]
    sub = f"问机器人的次数，次。只留{ASK_DAYS}天，更早的不再有"
    return [_plot("bot", f"问了机器人{total}次，答了{answered}次", sub, "次", found)]


async def _answers_by_body(uow: UnitOfWork, year: int) -> list[tuple[str, int, bool]]:
    answered = func.count(col(Question.id))
    query = (
        select(col(Body.short_name), answered)
        .join(Respondent, (col(Respondent.body_id) == col(Body.id)) & col(Respondent.lead).is_(True))
        .join(Interview, col(Interview.id) == col(Respondent.interview_id))
        .join(Question, col(Question.interview_id) == col(Interview.id))
        .where(col(Interview.year) == year, col(Question.status) == Q.ANSWERED)
        .group_by(col(Body.id), col(Body.short_name))
        .order_by(answered.desc(), col(Body.id))
        .limit(12)
    )
    return [(name, int(count), False) for name, count in await uow.db.execute(query)]


# The rule


@routes.get("/rules")
async def rules_page(request: web.Request) -> web.Response:
    """The rule in force here, how days are counted, and the calculator."""
    regulation = rows.regulation_of(request)
    typed = {name: request.query.get(name, "").strip() for name in ("start", "end")}
    form, result, status = forms.Form(typed), None, 200
    async with request.app[UNITS].read() as uow:
        calendar = await workdays.present(uow)
    if typed["start"]:
        try:
            document = deadlines_document(typed["start"], typed["end"] or None, regulation, calendar)
        except Refusal as refusal:
            form, status = _beside(refusal, typed), refusal.status
        else:
            result = _calculated(document, regulation)
    year = office_date(utcnow()).year
    context = {
        "regulation": _rule(regulation),
        "form": form,
        "result": result,
        "years": [{"year": one, "official": calendar.is_official_year(one)} for one in (year, year + 1)],
    }
    about = Page("规定和日子怎么算", column="规定")
    return await render(request, "rules.html", context, page=about, status=status)


def _beside(refusal: Refusal, typed: forms.Typed) -> forms.Form:
    """The refusal beside the field that it is about."""
    place = "end" if refusal.code == "input.end" or typed["end"][:40] in refusal.message else "start"
    place = place if typed["end"] else "start"
    return forms.Form(typed, {place: refusal.message}, refusal.message)


def _calculated(document: dict[str, Any], regulation: law.Regulation) -> dict[str, Any]:
    start, end = document["start"], document["end"]
    today = office_date(utcnow())
    return {
        "start": start,
        "end": end,
        "warnings": document["warnings"],
        "duties": ledger.document_rows(document, regulation, today, OWED_BY_WORDS),
    }


def _rule(regulation: law.Regulation) -> dict[str, Any]:
    said: dict[str, list[dict[str, str]]] = {}
    for rule in regulation.duties:
        text = f"{rule.title}，{rule.in_words()}"
        said.setdefault(rule.article, []).append({"id": rule.id, "text": text})
    for article, name, text in _numbers(regulation):
        said.setdefault(article, []).append({"id": name, "text": text})
    return {
        "title": regulation.name,
        "since": regulation.since,
        "articles": [
            {
                "no": article.no,
                "title": None,
                "text": article.text,
                "rules": said.get(article.no, []),
                "not_modelled": article.not_modelled,
            }
            for article in regulation.articles
        ],
    }


def _numbers(regulation: law.Regulation) -> list[tuple[str, str, str]]:
    """What the rule fixes beside dates: article, name, and how it is carried out here."""
    length, least = regulation.length, regulation.minimum
    found = [(length.article, "length", f"到{length.max_minutes}分钟由时钟结束，延长要写原因并公开")]
    if least is not None:
        found.append((least.article, "minimum", f"全年不少于{least.required_per_year}场，差几场写在首页"))
    if regulation.refusing is not None:
        grounds = "、".join(ground.name for ground in regulation.refusing.grounds)
        found.append((regulation.refusing.article, "refusing", f"不予答复只能选{grounds}，依据公开"))
    if regulation.recipients is not None:
        bodies = "、".join(regulation.recipients.bodies)
        found.append((regulation.recipients.article, "recipients", f"汇总报告送{bodies}"))
    return found


# Statements


@routes.get("/accessibility")
async def accessibility(request: web.Request) -> web.Response:
    """The accessibility statement."""
    return await render(request, "accessibility.html", {}, page=Page("无障碍声明"))


@routes.get("/privacy")
async def privacy(request: web.Request) -> web.Response:
    """What is kept and how long."""
    return await render(
        request, "privacy.html", {"log_days": LOG_DAYS, "ask_days": ASK_DAYS}, page=Page("留什么、留多久")
    )
