"""The programme: an interview from its plan to its archive, told in the order it happens.

schedule, content, announce, forward, venue, guests, open, extend, close, archive. Each act checks its gate by
``rules``, its state by ``lifecycle``, discharges its duty, notes itself in the audit and records one change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlmodel import col

from base import audit
from base.clock import as_utc, office_date, shanghai_iso
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Body, Person, Role
from interviews import (
    access,
    deferrals,
    duties,
    facts,
    law,
    messages,
    plans,
    rules,
    texts,
    workdays,
)
from interviews.deadlines import acted_on, in_words
from interviews.lifecycle import (
    PUBLIC,
    InterviewStatus,
    ItemKind,
    QuestionStatus,
    move_interview,
)
from interviews.models import Assignment, Deviation, Guest, Interview, Item, Question, Respondent

THEME_LIMIT = texts.THEME_LIMIT
CONTENT_LIMIT = 4000
VENUE_LIMIT = 100


@dataclass(frozen=True)
class Plan:
    """What is known of an interview when it enters the programme; the first respondent leads."""

    theme: str
    starts_at: datetime
    ends_at: datetime
    respondents: tuple[int, ...]
    host_id: int | None = None
    venue: str | None = None
    regulation: str = law.DEFAULT


def check_to_come(uow: UnitOfWork, starts_at: datetime) -> None:
    """Refuse a day that is over, most often a year typed wrong: every date of its duties would be overdue at once.

    Asked where a person fills in the form. A plan's file, and a program that carries an older system over, may hold what
    was held before the platform was there.

    Raises:
        Refusal: ``schedule.past``.
    """
    day = office_date(starts_at)
    if day < office_date(uow.now):
        raise Refusal("schedule.past", f"{in_words(day)}已经过去。请核对年份和日期，改好再交。", status=400)


async def schedule(uow: UnitOfWork, plan: Plan) -> Interview:
    """Put an interview into the programme and give it its duties.

    In a year whose plan is issued this is an addition to it, and enters the public change log.

    Raises:
        Refusal: no such body or host, longer than the rule allows (第十三条), an unusable theme, or too late for
            an addition to an issued plan.
    """
    theme = texts.clean(plan.theme, THEME_LIMIT, "主题")
    regulation = law.load(plan.regulation)
    legal = rules.LegalFacts(as_utc(plan.starts_at), as_utc(plan.ends_at), plan.respondents)
    rules.check_length(legal, regulation)
    await _check_bodies(uow, plan.respondents)
    year = office_date(plan.starts_at).year
    if await plans.is_issued(uow, year):
        today = acted_on(uow.now, regulation.closing_time)
        rules.check_schedule_in_issued_plan(legal, regulation, await workdays.present(uow), today)
    last = await uow.db.scalar(select(func.max(col(Interview.ordinal))).where(col(Interview.year) == year))
    interview = Interview(
        theme=theme,
        regulation=regulation.id,
        year=year,
        ordinal=(last or 0) + 1,
        starts_at=as_utc(plan.starts_at),
        ends_at=as_utc(plan.ends_at),
        venue=texts.clean_line(plan.venue, VENUE_LIMIT, "地点"),
    )
    uow.db.add(interview)
    await uow.db.flush()
    for position, body_id in enumerate(plan.respondents):
        uow.db.add(Respondent(interview_id=interview.id or 0, body_id=body_id, lead=position == 0))
    if plan.host_id is not None:
        await _give_host(uow, interview, plan.host_id)
    await uow.db.flush()
    await duties.assign(uow, interview)
    await audit.note(uow, "interview.schedule", f"interview:{interview.id}", theme=audit.text_digest(theme))
    await plans.log_added(uow, interview)
    await facts.tell(uow, interview, "interview.changed")
    return interview


async def _check_bodies(uow: UnitOfWork, body_ids: Sequence[int]) -> None:
    wanted = col(Body.id).in_(list(body_ids)) & col(Body.merged_into).is_(None)
    found = set(await uow.db.scalars(select(col(Body.id)).where(wanted)))
    if not body_ids or len(set(body_ids)) != len(body_ids) or found != set(body_ids):
        raise Refusal("schedule.bodies", "答复单位没有选对：要有至少一个，不重复。请重新选。", status=400)


async def _give_host(uow: UnitOfWork, interview: Interview, person_id: int) -> None:
    person = await uow.db.get(Person, person_id)
    if person is None or person.role != Role.HOST:
        raise Refusal("schedule.host", "主持人没有选对。请从主持人名单里选。", status=400)
    interview.host_id = person_id
    await assign_person(uow, interview.id or 0, person_id)


async def assign_person(uow: UnitOfWork, interview_id: int, person_id: int) -> None:
    """Let a host, moderator or guest act in an interview; a second time changes nothing."""
    query = select(col(Assignment.id)).where(
        col(Assignment.interview_id) == interview_id, col(Assignment.person_id) == person_id
    )
    if (await uow.db.execute(query)).first() is None:
        uow.db.add(Assignment(interview_id=interview_id, person_id=person_id))
        await audit.note(uow, "person.assign", f"interview:{interview_id}", person=person_id)


async def _own_part(uow: UnitOfWork, interview: Interview) -> Respondent:
    """The part of the clerk's body in this interview."""
    query = select(Respondent).where(
        col(Respondent.interview_id) == interview.id, col(Respondent.body_id) == uow.actor.body_id
    )
    return (await uow.db.scalars(query)).one()


async def tell_content(uow: UnitOfWork, interview_id: int, theme: str, text: str) -> Interview:
    """The body tells what the interview will be about (第十一条); its own content is no change of plan.

    The theme of an announced interview stays: changing it is the supervisor's act (第十三条).

    Raises:
        Refusal: not the body's interview, begun already, or an unusable text.
    """
    interview = await access.acting_interview(uow, interview_id)
    move_interview("content.tell", interview.status)
    part = await _own_part(uow, interview)
    part.content = texts.clean(text, CONTENT_LIMIT, "访谈内容")
    told_theme = texts.clean(theme, THEME_LIMIT, "主题")
    if interview.status == InterviewStatus.PLANNED and part.lead:
        interview.theme = told_theme
    await uow.db.flush()
    parts = await uow.db.scalars(
        select(col(Respondent.content))
        .where(col(Respondent.interview_id) == interview_id, col(Respondent.content).is_not(None))
        .order_by(col(Respondent.lead).desc(), col(Respondent.id))
    )
    interview.content = "\n".join(content for content in parts if content)
    await duties.discharge(uow, interview, "content", "访谈内容已报信息办", uow.actor.body_id)
    await audit.note(uow, "content.tell", f"interview:{interview_id}", text=audit.text_digest(part.content))
    await facts.tell(uow, interview, "interview.changed")
    return interview


async def announce(uow: UnitOfWork, interview_id: int) -> Interview:
    """Announce an interview and open the collection of questions (第十二条).

    Raises:
        Refusal: not planned any more, without theme or bodies, or later than the 15th working day before; this
            gate has no way past, the refusal names the earliest lawful start.
    """
    interview = await access.acting_interview(uow, interview_id)
    after = move_interview("interview.announce", interview.status)
    regulation = law.load(interview.regulation)
    today = acted_on(uow.now, regulation.closing_time)
    calendar = await workdays.present(uow)
    rules.check_announce(await duties.legal_facts(uow, interview), regulation, calendar, today)
    interview.status = after
    interview.announced_at = uow.now
    await duties.discharge(uow, interview, "announce", "预告已在本站发布，提问征集同时开始")
    await audit.note(uow, "interview.announce", f"interview:{interview_id}")
    await facts.tell(uow, interview, "interview.announced")
    return interview


async def forward(uow: UnitOfWork, interview_id: int) -> int:
    """Hand the collected questions to the bodies that answer (第十二条); an empty pack says 「无」.

    Returns:
        How many public questions the pack holds.

    Raises:
        Refusal: not announced, or begun already.
    """
    interview = await access.acting_interview(uow, interview_id)
    move_interview("questions.forward", interview.status)
    query = select(func.count(col(Question.id))).where(
        col(Question.interview_id) == interview_id, col(Question.status).in_(list(PUBLIC))
    )
    collected = int(await uow.db.scalar(query) or 0)
    evidence = f"已转{collected}个问题" if collected else "已转，征集到的问题：无"
    await duties.discharge(uow, interview, "forward", evidence)
    await audit.note(uow, "questions.forward", f"interview:{interview_id}", questions=collected)
    await messages.handed_over(uow, interview, collected)
    return collected


async def tell_venue(uow: UnitOfWork, interview_id: int, venue: str) -> Interview:
    """Tell the bodies where it takes place (第十四条).

    Raises:
        Refusal: begun already, or an unusable text.
    """
    interview = await access.acting_interview(uow, interview_id)
    move_interview("venue.tell", interview.status)
    before = interview.venue
    interview.venue = texts.clean(venue, VENUE_LIMIT, "地点")
    await duties.discharge(uow, interview, "venue", f"地点：{interview.venue}")
    await audit.note(uow, "venue.tell", f"interview:{interview_id}", venue=audit.text_digest(interview.venue))
    if interview.venue != before:
        await messages.tell(uow, interview, "地点", f"地点定在{interview.venue}。")
    await facts.tell(uow, interview, "interview.changed")
    return interview


async def tell_guests(uow: UnitOfWork, interview_id: int, people: Sequence[tuple[str, str]]) -> Interview:
    """The body tells who comes, with their posts (第十四条); a later list replaces it until the close.

    Raises:
        Refusal: not the body's interview, over already, or an unusable name or post.
    """
    interview = await access.acting_interview(uow, interview_id)
    move_interview("guests.tell", interview.status)
    old = await uow.db.scalars(
        select(Guest).where(col(Guest.interview_id) == interview_id, col(Guest.body_id) == uow.actor.body_id)
    )
    for guest in old:
        await uow.db.delete(guest)
    for name, post in people:
        uow.db.add(
            Guest(
                interview_id=interview_id,
                body_id=uow.actor.body_id or 0,
                name=texts.clean(name, 40, "姓名"),
                post=texts.clean(post, 80, "职务"),
            )
        )
    await uow.db.flush()
    await duties.discharge(uow, interview, "guests", f"共{len(people)}人，职务已报", uow.actor.body_id)
    await audit.note(uow, "guests.tell", f"interview:{interview_id}", guests=len(people))
    await facts.tell(uow, interview, "interview.changed")
    return interview


async def open_interview(uow: UnitOfWork, interview_id: int) -> Interview:
    """Open an interview; the rule's limit (第十三条) runs from now.

    Raises:
        Refusal: not announced, or not in time; before its start; without content, host or a guest.
    """
    interview = await access.acting_interview(uow, interview_id, rehearsal=True)
    after = move_interview("interview.open", interview.status)
    regulation = law.load(interview.regulation)
    if not interview.rehearsal:
        legal = await duties.legal_facts(uow, interview)
        granted = await plans.granted(uow, interview)
        rules.check_open(legal, regulation, await workdays.present(uow), uow.now, granted)
    interview.status = after
    interview.opened_at = uow.now
    interview.limit_at = uow.now + timedelta(minutes=regulation.length.max_minutes)
    await audit.note(uow, "interview.open", f"interview:{interview_id}")
    await messages.over(uow, interview_id)
    await facts.tell(uow, interview, "interview.opened")
    return interview


async def extend(uow: UnitOfWork, interview_id: int, minutes: int, reason: str) -> Interview:
    """Go on past the limit for a special reason, which becomes public (第十三条).

    Raises:
        Refusal: not live any more (an extension wins only if committed before the close), or no reason.
    """
    interview = await access.acting_interview(uow, interview_id, rehearsal=True)
    move_interview("interview.extend", interview.status)
    granted = await plans.granted(uow, interview)
    rules.check_extend(minutes, reason, law.load(interview.regulation), granted)
    told = _reason_words(reason, "延长的原因") or "见主管部门的登记"
    interview.limit_at = (interview.limit_at or uow.now) + timedelta(minutes=minutes)
    _deviate(uow, interview, f"延长{minutes}分钟。原因：{told}")
    await audit.note(uow, "interview.extend", f"interview:{interview_id}", minutes=minutes)
    await facts.tell(uow, interview, "interview.extended")
    return interview


def _reason_words(reason: str | None, what: str) -> str | None:
    """A special reason as it is made public; programs may write the one word ``technical``."""
    if reason is None or not reason.strip():
        return None
    return "技术故障" if reason.strip() == "technical" else texts.clean(reason, texts.REASON_LIMIT, what)


def _deviate(uow: UnitOfWork, interview: Interview, text: str) -> None:
    article = law.load(interview.regulation).length.article
    uow.db.add(Deviation(interview_id=interview.id or 0, article=article, text=text, at=uow.now))


async def close(uow: UnitOfWork, interview_id: int, reason: str | None = None) -> Interview:
    """Close an interview; before its time only with a public reason (第十三条).

    Whatever is published or staged becomes deferred, reason ``time``; the summary's date is counted from now.

    Raises:
        Refusal: not live, or early without a reason.
    """
    interview = await access.acting_interview(uow, interview_id, rehearsal=True)
    move_interview("interview.close", interview.status)
    due_end = min(interview.limit_at or interview.ends_at, interview.ends_at)
    granted = await plans.granted(uow, interview)
    rules.check_close(uow.now, due_end, reason, law.load(interview.regulation), granted)
    told = _reason_words(reason, "提前结束的原因")
    if uow.now < due_end and told:
        _deviate(uow, interview, f"提前结束。原因：{told}")
    return await _closed(uow, interview, told)


async def close_by_clock(uow: UnitOfWork, interview_id: int) -> bool:
    """Close an interview whose limit has come; ``False`` where it was closed or extended a moment ago."""
    interview = await access.acting_interview(uow, interview_id, rehearsal=True)
    due = interview.limit_at is not None and interview.limit_at <= uow.now
    if interview.status != InterviewStatus.LIVE or not due:
        return False
    await _closed(uow, interview, None)
    return True


async def _closed(uow: UnitOfWork, interview: Interview, reason: str | None) -> Interview:
    interview.status = InterviewStatus.ENDED
    interview.closed_at = uow.now
    interview.close_reason = reason
    deferred = await deferrals.defer_open(uow, interview)
    await uow.db.flush()
    await duties.assign(uow, interview)
    by_clock = uow.actor.role is Role.CLOCK
    await audit.note(
        uow, "interview.close", f"interview:{interview.id}", by_clock=by_clock, deferred=deferred
    )
    await facts.tell(uow, interview, "interview.closed")
    return interview


async def past_limit(uow: UnitOfWork) -> list[int]:
    """The live interviews whose limit has come."""
    query = select(col(Interview.id)).where(
        col(Interview.status) == InterviewStatus.LIVE, col(Interview.limit_at) <= uow.now
    )
    found = await uow.db.scalars(query.execution_options(rehearsals=True))
    return [interview_id for interview_id in found if interview_id]


async def under_way(uow: UnitOfWork) -> list[tuple[int, datetime]]:
    """Every live interview, rehearsals too, with the instant at which the clock closes it."""
    query = select(col(Interview.id), col(Interview.limit_at)).where(
        col(Interview.status) == InterviewStatus.LIVE, col(Interview.limit_at).is_not(None)
    )
    found = await uow.db.execute(query.execution_options(rehearsals=True))
    return [(number, as_utc(limit)) for number, limit in found if number is not None and limit is not None]


async def note_peak(uow: UnitOfWork, interview_id: int, watching: int) -> None:
    """Keep the most people who watched a live interview at once, counted by person."""
    more = update(Interview).where(
        col(Interview.id) == interview_id,
        col(Interview.status) == InterviewStatus.LIVE,
        col(Interview.peak) < watching,
    )
    await uow.db.execute(more.values(peak=watching).execution_options(synchronize_session=False))


def limit_text(interview: Interview) -> str:
    """When the clock closes the interview, as interfaces write it; empty before the opening."""
    return shanghai_iso(interview.limit_at) if interview.limit_at else ""


async def counts(uow: UnitOfWork, interview_id: int) -> dict[str, int]:
    """How many questions there are, by what became of them, and how many answers were given live and after."""
    by_status = {status.value: 0 for status in QuestionStatus}
    query = select(col(Question.status), func.count(col(Question.id))).where(
        col(Question.interview_id) == interview_id
    )
    for status, count in await uow.db.execute(query.group_by(col(Question.status))):
        by_status[status] = count
    origins = dict.fromkeys(("live", "after"), 0)
    answered = (
        select(col(Item.origin), func.count(func.distinct(col(Item.question_id))))
        .where(col(Item.interview_id) == interview_id, col(Item.kind) == ItemKind.ANSWER)
        .group_by(col(Item.origin))
    )
    for origin, count in await uow.db.execute(answered):
        origins[origin or "live"] = count
    public = select(func.count(col(Question.id))).where(
        col(Question.interview_id) == interview_id, col(Question.number).is_not(None)
    )
    supports = select(func.coalesce(func.sum(col(Question.supports)), 0)).where(
        col(Question.interview_id) == interview_id
    )
    return by_status | {
        "received": sum(by_status.values()),
        "public": int(await uow.db.scalar(public) or 0),
        "supports": int(await uow.db.scalar(supports) or 0),
        "live": origins["live"],
        "after": origins["after"],
        "waiting": by_status["published"] + by_status["staged"] + by_status["deferred"],
    }
