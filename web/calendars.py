"""Interviews and duties as iCalendar (RFC 5545), made by the ``icalendar`` library. Pure: facts in, bytes out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event

from base.clock import SHANGHAI, as_utc, office_date
from interviews.changes import InterviewFacts
from interviews.lifecycle import DutyStatus, InterviewStatus
from interviews.models import Duty, Interview
from interviews.standing import StandingDuty

MORNING = time(9)
"""When the day of a duty rings: the beginning of office hours."""

_STATUS = {InterviewStatus.PLANNED: "TENTATIVE", InterviewStatus.CANCELLED: "CANCELLED"}


def plain(text: str) -> str:
    """A text without the characters that neither XML 1.0 nor a calendar has a way to write."""
    return "".join(char for char in text if char in "\n\t" or (char >= " " and char not in "\ufffe\uffff"))


def _calendar(name: str, private: bool) -> Calendar:
    made = Calendar()
    made.add("prodid", "-//fangtan//interviews//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", plain(name))
    made.add("x-wr-timezone", "Asia/Shanghai")
    if private:
        made.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    return made


@dataclass(frozen=True)
class Due:
    """The last day for a written answer to one question.

    Attributes:
        uid: lasting and unique in the site, such as ``question-12``.
        day: that day.
        settled_at: since when it is owed.
        title: what is due.
        text: whose answer it is.
        url: the question's page.
    """

    uid: str
    day: date
    settled_at: datetime
    title: str
    text: str
    url: str


def of_interviews(
    told: Iterable[InterviewFacts],
    *,
    name: str,
    base: str,
    domain: str,
    changed: Mapping[int, datetime],
    due: Due | None = None,
) -> bytes:
    """The public programme: planned interviews tentative, cancelled ones cancelled.

    The same programme is the same bytes: an entry's stamp is when the interview last changed, and its sequence
    number how often its date, its theme or its standing did (RFC 5545, 3.8.7.2 and 3.8.7.4).

    Args:
        told: the interviews.
        name: what the calendar is called.
        base: the site's address.
        domain: the site's domain, for lasting identifiers.
        changed: when each interview last changed, by number; its start where nothing was told yet.
        due: the day by which a question of theirs has its written answer.
    """
    made = _calendar(name, private=False)
    for one in told:
        event = Event()
        address = f"{base}/interviews/{one.id}"
        bodies = "、".join(body.name for body in one.respondents)
        event.add("uid", f"interview-{one.id}@{domain}")
        event.add("dtstamp", as_utc(changed.get(one.id, one.starts_at)))
        event.add("last-modified", as_utc(changed.get(one.id, one.starts_at)))
        event.add("sequence", _sequence(one))
        event.add("dtstart", as_utc(one.starts_at))
        event.add("dtend", as_utc(one.ends_at))
        event.add("summary", plain(one.theme))
        event.add("description", plain(f"{bodies}在线答复。{address}"))
        event.add("url", address)
        event.add("status", _STATUS.get(InterviewStatus(one.status), "CONFIRMED"))
        if one.venue:
            event.add("location", plain(one.venue))
        made.add_component(event)
    if due is not None:
        made.add_component(_due(due, domain))
    return bytes(made.to_ical())


def _sequence(one: InterviewFacts) -> int:
    cancelled = one.status == InterviewStatus.CANCELLED
    logged = [change.kind for change in one.changes if change.kind != "added"]
    return len(logged) + (cancelled and "cancelled" not in logged)


def _due(due: Due, domain: str) -> Event:
    event = Event()
    event.add("uid", f"{due.uid}@{domain}")
    event.add("dtstamp", as_utc(due.settled_at))
    event.add("dtstart", due.day)
    event.add("dtend", due.day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", plain(due.title))
    event.add("description", plain(f"{due.text}{due.url}"))
    event.add("url", due.url)
    return event


def of_duties(
    owed: Sequence[tuple[Duty, Interview, str]],
    standing: Sequence[tuple[StandingDuty, str]] = (),
    *,
    name: str,
    domain: str,
    stamp: datetime,
) -> bytes:
    """One person's duties, each on the last working day for it, with an alarm in its morning.

    A duty that is late rings this morning, until it is done.

    Args:
        owed: open duties, each with its interview and the page where it is done.
        standing: reports and self-assessments, each with the page where it is done.
        name: what the calendar is called.
        domain: the site's domain, for lasting identifiers.
        stamp: now.
    """
    made, today = _calendar(name, private=True), office_date(stamp)
    for duty, interview, page in owed:
        if duty.status == DutyStatus.OPEN:
            entry = _Entry(f"duty-{duty.id}", f"{duty.title}：{interview.theme}", page)
            made.add_component(_duty(duty, entry, domain, stamp, today))
    for one, page in standing:
        entry = _Entry(f"duty-{one.key.replace(':', '-')}", one.title, page)
        made.add_component(_duty(one, entry, domain, stamp, today))
    return bytes(made.to_ical())


@dataclass(frozen=True)
class _Entry:
    """What a duty is called in a calendar, and where it is done."""

    uid: str
    title: str
    page: str


def _duty(duty: Duty | StandingDuty, entry: _Entry, domain: str, stamp: datetime, today: date) -> Event:
    late, page = today > duty.due, entry.page
    mark = ("逾期：" if late and not duty.moved_by_notice else "") + ("（暂定）" if duty.provisional else "")
    event = Event()
    event.add("uid", f"{entry.uid}@{domain}")
    event.add("dtstamp", as_utc(stamp))
    event.add("dtstart", duty.act_by)
    event.add("dtend", duty.act_by + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", plain(f"{mark}{entry.title}"))
    last = f"最后一天：{duty.due.year}年{duty.due.month}月{duty.due.day}日，依据{duty.article}。"
    event.add("description", plain(f"{last}{page}"))
    event.add("url", page)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", plain(entry.title))
    rings_on = today if late else duty.act_by
    rings_at = datetime.combine(rings_on, MORNING, SHANGHAI).astimezone(UTC)
    alarm.add("trigger", rings_at, parameters={"VALUE": "DATE-TIME"})
    event.add_component(alarm)
    return event
