"""What stands beside the interviews: search, figures, the rule with its calculator, statements."""

from typing import Any

from aiohttp import web
from sqlalchemy import func, or_, select
from sqlmodel import col
from yarl import URL

from base.clock import office_date, utcnow
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Body
from faq.models import CatalogEntry
from faq.terms import normalise
from interviews import law, workdays
from interviews.calculator import deadlines_document
from interviews.duties import OWED_BY_WORDS
from interviews.lifecycle import ItemKind, QuestionStatus
from interviews.models import Interview, Item, Question, Respondent
from web import forms, ledger, record, rows
from web.keys import UNITS
from web.pages import Page, render
from web.routes.api import number_in
from web.routes.bot import having
from web.routes.public import page_number

routes = web.RouteTableDef()

SEARCH_PAGE = 20
SEARCH_MOST = 100
"""Hits of one kind that are listed; whoever has more should write another word."""
LOG_DAYS = 190
"""How long the web server keeps addresses; 《网络安全法》 第二十一条 asks for six months at least."""

Hit = dict[str, Any]
Q = QuestionStatus


# Search


@routes.get("/search")
async def search(request: web.Request) -> web.Response:
    """Search over everything published: interviews, questions, answers, entries."""
    words = request.query.get("q", "").strip()[:100]
    page = page_number(request)
    hits: list[Hit] = []
    if words:
        spelled = list(dict.fromkeys([words, normalise(words)]))
        async with request.app[UNITS].read() as uow:
            hits = [*await _interviews(uow, spelled), *await _questions(uow, spelled)]
            hits += [*await _answers(uow, spelled), *await _entries(uow, spelled)]
    href = f"{URL('/search').with_query({'q': words})}&page="
    context = {
        "q": words,
        "rows": hits[(page - 1) * SEARCH_PAGE : page * SEARCH_PAGE],
        "total": len(hits),
        "pager": rows.pager(page, len(hits), SEARCH_PAGE, href),
    }
    return await render(request, "search.html", context, page=Page("找一找"))


def _holds(spelled: list[str], *fields: Any) -> Any:
    return or_(
        *(col(field).icontains(words, autoescape=True) for field in fields for words in spelled if words)
    )


def _excerpt(text: str, spelled: list[str], around: int = 60) -> str:
    """The text around the first place where one of the words stands."""
    plain = " ".join(text.split())
    places = [plain.lower().find(words.lower()) for words in spelled]
    at = min((place for place in places if place >= 0), default=0)
    start, end = max(0, at - around), at + around * 2
    return f"{'……' if start else ''}{plain[start:end]}{'……' if end < len(plain) else ''}"


async def _interviews(uow: UnitOfWork, spelled: list[str]) -> list[Hit]:
    query = select(Interview).where(_holds(spelled, Interview.theme, Interview.content))
    found = await uow.db.scalars(query.order_by(col(Interview.starts_at).desc()).limit(SEARCH_MOST))
    return [
        {
            "kind": "interview",
            "title": one.theme,
            "excerpt": _excerpt(one.content or "", spelled),
            "href": f"/interviews/{one.id}",
            "at": one.starts_at,
        }
        for one in found
    ]


def _public_question() -> Any:
    return col(Question.number).is_not(None) & col(Question.status).not_in(list(record.GONE))


async def _questions(uow: UnitOfWork, spelled: list[str]) -> list[Hit]:
    query = (
        select(Question, col(Interview.theme))
        .join(Interview, col(Interview.id) == col(Question.interview_id))
        .where(_public_question(), _holds(spelled, Question.text))
        .order_by(col(Question.submitted_at).desc(), col(Question.id))
        .limit(SEARCH_MOST)
    )
    return [
        {
            "kind": "question",
            "title": f"{theme}：{question.number}号提问",
            "excerpt": _excerpt(question.text, spelled),
            "href": f"/interviews/{question.interview_id}#q{question.number}",
            "at": question.submitted_at,
        }
        for question, theme in await uow.db.execute(query)
    ]


async def _answers(uow: UnitOfWork, spelled: list[str]) -> list[Hit]:
    query = (
        select(Item, Question)
        .join(Question, col(Question.id) == col(Item.question_id))
        .join(Interview, col(Interview.id) == col(Item.interview_id))
        .where(
            _public_question(),
            col(Item.kind).in_([ItemKind.ANSWER, ItemKind.REFUSAL, ItemKind.DEFERRAL]),
            _holds(spelled, Item.text),
        )
        .order_by(col(Item.at).desc(), col(Item.id))
        .limit(SEARCH_MOST)
    )
    return [
        {
            "kind": "answer",
            "title": f"{item.body_name or item.speaker or '答复单位'}答{question.number}号",
            "excerpt": _excerpt(item.text, spelled),
            "href": f"/interviews/{item.interview_id}#q{question.number}",
            "at": item.at,
        }
        for item, question in await uow.db.execute(query)
    ]


async def _entries(uow: UnitOfWork, spelled: list[str]) -> list[Hit]:
    query = select(CatalogEntry).where(or_(*(having(words) for words in spelled if words)))
    found = await uow.db.scalars(query.order_by(col(CatalogEntry.id)).limit(SEARCH_MOST))
    return [
        {
            "kind": "entry",
            "title": one.title,
            "excerpt": _excerpt(one.body, spelled),
            "href": f"/faq/entries/{one.id}",
            "at": one.published_on,
        }
        for one in found
    ]


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
    return await render(request, "privacy.html", {"log_days": LOG_DAYS}, page=Page("留什么、留多久"))
