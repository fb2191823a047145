"""What is asked about the interviews themselves, answered from the live record with fixed sentences.

The sentences hold facts of the record and nothing of what the asker wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import col

from base.clock import SHANGHAI, office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Body
from faq import referrals, terms
from faq.record_questions import Wanted
from interviews import access, facts, questions
from interviews.answered import is_answered
from interviews.changes import InterviewFacts
from interviews.deadlines import in_words
from interviews.lifecycle import INTERVIEW_WORDS, QUESTION_WORDS, InterviewStatus, QuestionStatus
from interviews.models import Interview, Question, Respondent

Link = dict[str, str]
S = InterviewStatus

SHOWN = 3
"""Links of a kind that an answer shows at most; the rest stands on the page that the last link leads to."""

LABEL = 40
"""Code points of a question in a link."""


@dataclass(frozen=True)
class Told:
    """What is said: a fixed sentence with facts in it, and where the page leads on."""

    text: str
    links: tuple[Link, ...]


SENTENCES = {
    "live": "现在正在进行的是“{theme}”，由{who}答复，{when}开始的。现在就可以提问。",
    "announced": "下一场访谈是{when}的“{theme}”，由{who}答复。现在就可以先提问。",
    "planned": "下一场访谈排在{when}，题目是“{theme}”，由{who}答复。发了预告就可以提问。",
    "on_now": "现在正在进行的是“{theme}”，由{who}答复。",
    "no_next": "后面的还没有排定。新排的会登在访谈页上。",
    "period": "{days}有{count}场访谈：",
    "one_of": "{when}的“{theme}”，由{who}答复。",
    "rest": "其余的在访谈页上。",
    "no_period": "{days}没有访谈。",
    "none": "眼下没有排定的访谈。新排的会登在访谈页上。",
    "list": "今年已经办了{held}场，还有{ahead}场排在后面。题目和时间在访谈页上。",
    "how": "打开一场访谈的页面，写上问题，按“提交问题”，会得到一个回执编号。不用登录，不用实名。"
    "发了预告就可以提，一直到结束。",
    "how_open": "现在能提问的是“{theme}”。",
    "where": "看访谈就在这个网站上：正在进行的在首页，办过的都留着实录。",
    "last": "最近办完的一场是{when}的“{theme}”，由{who}答复，公开答复了{count}个问题。实录在那一场的页面上。",
    "no_last": "还没有办完的访谈。",
    "about": "找到{count}场。最近的一场是{when}的“{theme}”，{state}。",
    "no_about": "没有找到谈这件事的访谈。可以在访谈页上翻，也可以把问题留给下一场。",
    "receipt": "回执编号{receipt}的问题{stage}。它交到了“{theme}”这一场。",
    "referral": "回执编号{receipt}的事{stage}。",
    "no_receipt": "没有找到这个回执编号。请核对一遍，字母和数字都要对。",
    "ask_receipt": "请把回执编号发给我，就能看到办到哪一步。编号在提交以后的页面上，像7K3M-92QX-5AB这样。",
}
"""The fixed sentences; what stands in braces is a fact of the record."""

_PAGE = {"label": "看全部访谈", "url": "/interviews"}


async def tell(uow: UnitOfWork, wanted: Wanted) -> Told:
    """The answer from the record as it is at this instant.

    Args:
        uow: any unit of work; its actor's rights decide which receipts lead anywhere.
        wanted: from :func:`faq.record_questions.recognise`.
    """
    if wanted.code == "record.receipt":
        return await _receipt(uow, wanted.receipt)
    if wanted.code == "record.list":
        return await _list(uow)
    if wanted.code == "record.period":
        return await _period(uow, wanted)
    if wanted.code == "record.last":
        return await _last(uow)
    if wanted.code == "record.about":
        return await _about(uow, wanted.theme)
    if wanted.code == "record.where":
        return Told(SENTENCES["where"], ({"label": "首页", "url": "/"}, _PAGE))
    following = await _following(uow)
    if wanted.code == "record.how":
        return _how(following)
    if wanted.coming and following is not None and following.status == S.LIVE:
        return _after(following, await _following(uow, live=False))
    return _next(following)


def _next(found: InterviewFacts | None) -> Told:
    if found is None:
        return Told(SENTENCES["none"], (_PAGE,))
    return Told(SENTENCES[found.status].format_map(_named(found)), (_link(found), _PAGE))


def _after(live: InterviewFacts, found: InterviewFacts | None) -> Told:
    """What is on now in one sentence, and then the one that comes after it, which was asked for."""
    now = SENTENCES["on_now"].format_map(_named(live))
    if found is None:
        return Told(f"{now}{SENTENCES['no_next']}", (_link(live), _PAGE))
    return Told(
        f"{now}{SENTENCES[found.status].format_map(_named(found))}", (_link(found), _link(live), _PAGE)
    )


async def _period(uow: UnitOfWork, wanted: Wanted) -> Told:
    """The interviews of some days, those held and those to come; without any, the next one."""
    first, beyond, days = _days(wanted, office_date(uow.now))
    query = _real().where(
        col(Interview.status) != S.CANCELLED,
        col(Interview.starts_at) >= _midnight(first),
        col(Interview.starts_at) < _midnight(beyond),
    )
    rows = list(await uow.db.scalars(query.order_by(col(Interview.starts_at), col(Interview.id))))
    if not rows:
        coming = _next(await _following(uow, live=False))
        return Told(SENTENCES["no_period"].format(days=days) + coming.text, coming.links)
    found = await facts.interviews_facts(uow, rows[:SHOWN])
    each = "".join(SENTENCES["one_of"].format_map(_named(one)) for one in found)
    text = SENTENCES["period"].format(days=days, count=len(rows))
    rest = SENTENCES["rest"] if len(rows) > SHOWN else ""
    return Told(f"{text}{each}{rest}", (*(_link(one) for one in found), _PAGE))


def _days(wanted: Wanted, today: date) -> tuple[date, date, str]:
    """The first day of a period, the day after its last, and what it is called."""
    monday = today - timedelta(days=today.weekday())
    months = {"this_month": 0, "next_month": 1, "last_month": -1}
    weeks = {"this_week": 0, "next_week": 1, "last_week": -1}
    days = {"tomorrow": 1, "day_after": 2}
    if wanted.period in days:
        day = today + timedelta(days=days[wanted.period])
        return day, day + timedelta(days=1), in_words(day)
    if wanted.period in weeks:
        first = monday + timedelta(weeks=weeks[wanted.period])
        last = first + timedelta(days=6)
        return first, last + timedelta(days=1), f"{in_words(first)}到{in_words(last)}"
    at = today.year * 12 + (wanted.month or today.month + months.get(wanted.period, 0)) - 1
    year, month = divmod(at, 12)
    beyond = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, 1), beyond, f"{year}年{month + 1}月"


def _how(found: InterviewFacts | None) -> Told:
    if found is None or found.status == S.PLANNED:
        return Told(SENTENCES["how"], (_PAGE,))
    text = f"{SENTENCES['how']}{SENTENCES['how_open'].format(theme=found.theme)}"
    return Told(text, ({"label": "去提问", "url": f"/interviews/{found.id}#ask"},))


async def _list(uow: UnitOfWork) -> Told:
    year = office_date(uow.now).year
    query = select(col(Interview.status), func.count(col(Interview.id))).where(
        col(Interview.year) == year, col(Interview.rehearsal).is_(False)
    )
    many = {row[0]: int(row[1]) for row in await uow.db.execute(query.group_by(col(Interview.status)))}
    held = many.get(S.ENDED, 0) + many.get(S.ARCHIVED, 0)
    ahead = many.get(S.PLANNED, 0) + many.get(S.ANNOUNCED, 0) + many.get(S.LIVE, 0)
    following = await _following(uow)
    links = [_link(following)] if following else []
    this_year = {"label": f"{year}年的访谈", "url": f"/interviews?year={year}"}
    return Told(SENTENCES["list"].format(held=held, ahead=ahead), (*links, this_year))


async def _last(uow: UnitOfWork) -> Told:
    query = _real().where(col(Interview.status).in_([S.ENDED, S.ARCHIVED]))
    found = await _one(uow, query.order_by(col(Interview.starts_at).desc(), col(Interview.id).desc()))
    if found is None:
        return Told(SENTENCES["no_last"], (_PAGE,))
    answered = (
        col(Question.interview_id) == found.id,
        is_answered(),
        col(Question.number).is_not(None),
    )
    count = int(await uow.db.scalar(select(func.count(col(Question.id))).where(*answered)) or 0)
    first = select(Question).where(*answered).order_by(col(Question.supports).desc(), col(Question.id))
    shown = [
        {
            "label": f"{one.number}号：{_short(one.text)}",
            "url": f"/interviews/{found.id}?at=q{one.number}#q{one.number}",
        }
        for one in await uow.db.scalars(first.limit(SHOWN))
    ]
    text = SENTENCES["last"].format_map(_named(found) | {"count": str(count)})
    return Told(text, (_link(found, "看实录"), *shown))


async def _about(uow: UnitOfWork, theme: str) -> Told:
    """Interviews whose theme or content holds the words asked for: the next one first, else the latest."""
    words = [word for word in terms.segment(theme) if len(word) > 1] or [theme]
    query = _real().where(col(Interview.status) != S.CANCELLED)
    query = query.where(or_(and_(*(_holds(word) for word in words)), _answered_by(theme)))
    rows = list(await uow.db.scalars(query.order_by(col(Interview.starts_at))))
    if not rows:
        return Told(SENTENCES["no_about"], (_PAGE,))
    ahead = [row for row in rows if row.status in (S.LIVE, S.ANNOUNCED, S.PLANNED) and row.ends_at > uow.now]
    ordered = ahead[:1] + [row for row in rows[::-1] if row not in ahead[:1]]
    found = await facts.interviews_facts(uow, ordered[:SHOWN])
    state = INTERVIEW_WORDS[S(found[0].status)]
    text = SENTENCES["about"].format_map(_named(found[0]) | {"count": str(len(rows)), "state": state})
    return Told(text, (*(_link(one) for one in found), _PAGE))


def _holds(word: str) -> ColumnElement[bool]:
    return or_(
        col(Interview.theme).icontains(word, autoescape=True),
        col(Interview.content).icontains(word, autoescape=True),
    )


def _answered_by(name: str) -> ColumnElement[bool]:
    """Whether a body of that name, long or short, has a part in an interview."""
    named = or_(
        col(Body.name).icontains(name, autoescape=True), col(Body.short_name).icontains(name, autoescape=True)
    )
    parts = (
        select(col(Respondent.interview_id)).join(Body, col(Body.id) == col(Respondent.body_id)).where(named)
    )
    return col(Interview.id).in_(parts)


async def _receipt(uow: UnitOfWork, receipt: str | None) -> Told:
    """How far the question or the referral with a receipt is: what its public page says, and no word of its text."""
    if receipt is None:
        return Told(SENTENCES["ask_receipt"], ())
    try:
        return await _of_question(uow, receipt)
    except Refusal:
        pass
    try:
        referral = await referrals.by_receipt(uow, receipt)
    except Refusal:
        return Told(SENTENCES["no_receipt"], ())
    text = SENTENCES["referral"].format(receipt=receipt, stage=referrals.stage(referral))
    return Told(text, ({"label": "看这件事", "url": f"/faq/referrals/{receipt}"},))


async def _of_question(uow: UnitOfWork, receipt: str) -> Told:
    found = await questions.by_receipt(uow, receipt)
    interview = await access.interview(uow, found.interview_id)
    stage = QUESTION_WORDS[QuestionStatus(found.status)]
    text = SENTENCES["receipt"].format(receipt=receipt, stage=stage, theme=interview.theme)
    return Told(text, ({"label": "看这个问题", "url": f"/questions/{receipt}"},))


# Facts


def _real() -> Select[Interview]:
    return select(Interview).where(col(Interview.rehearsal).is_(False))


async def _following(uow: UnitOfWork, *, live: bool = True) -> InterviewFacts | None:
    """The interview that is live, unless it is not wanted, else the next announced one, else the next planned one."""
    states: Sequence[InterviewStatus] = (S.LIVE, S.ANNOUNCED, S.PLANNED)
    for status in states[not live :]:
        query = _real().where(col(Interview.status) == status)
        if status is not S.LIVE:
            query = query.where(col(Interview.ends_at) > uow.now)
        found = await _one(uow, query.order_by(col(Interview.starts_at), col(Interview.id)))
        if found is not None:
            return found
    return None


async def _one(uow: UnitOfWork, query: Select[Interview]) -> InterviewFacts | None:
    row = (await uow.db.scalars(query.limit(1))).first()
    return await facts.interview_facts(uow, row) if row is not None else None


def _named(found: InterviewFacts) -> dict[str, str]:
    return {
        "theme": found.theme,
        "who": "、".join(one.name for one in found.respondents) or "答复单位",
        "when": _moment(found.starts_at),
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _moment(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{in_words(local.date())}{local:%H:%M}"


def _link(found: InterviewFacts, label: str | None = None) -> Link:
    return {"label": label or f"进入“{found.theme}”", "url": f"/interviews/{found.id}"}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LABEL else f"{line[: LABEL - 2]}……"
