"""What the office and the supervisor see of one report: its versions, its way step by step, what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from base.db import UnitOfWork
from base.people import Actor, Body, Person, Role
from interviews import deliveries, duties, law, report_content, workdays
from interviews.deliveries import Way
from interviews.models import Delivery, Interview, Report
from web import ledger
from web.filters import cntime

BY_THE_CLOCK = "系统照记录自动拟的"


@dataclass(frozen=True)
class Version:
    """A version without its content: a long interview's is megabytes."""

    interview: int
    number: int
    drafted_at: datetime
    author: int | None
    by: str
    signed_at: datetime | None
    signed_by: str | None
    sent_at: datetime | None


async def versions(uow: UnitOfWork, interview_id: int | None = None) -> list[Version]:
    """Every version of an interview's report, or of all of them, the newest first."""
    author, signer = aliased(Person), aliased(Person)
    gone = (
        select(col(Delivery.report_id), func.min(col(Delivery.queued_at)).label("at"))
        .group_by(col(Delivery.report_id))
        .subquery()
    )
    query = (
        select(
            col(Report.interview_id),
            col(Report.version),
            col(Report.drafted_at),
            col(Report.drafted_by),
            col(author.display_name),
            col(Report.signed_at),
            col(signer.display_name),
            gone.c.at,
        )
        .outerjoin(author, col(author.id) == col(Report.drafted_by))
        .outerjoin(signer, col(signer.id) == col(Report.signed_by))
        .outerjoin(gone, gone.c.report_id == col(Report.id))
        .order_by(col(Report.interview_id), col(Report.version).desc())
    )
    if interview_id is not None:
        query = query.where(col(Report.interview_id) == interview_id)
    found = await uow.db.execute(query)
    return [
        Version(number, version, at, by, name or BY_THE_CLOCK, signed_at, signed, sent)
        for number, version, at, by, name, signed_at, signed, sent in found
    ]


# The way, step by step


def steps(version: Version | None, ways: Sequence[Way]) -> list[dict[str, Any]]:
    """拟好、核签、报送、送到、看过、回执 of one version, as ``question.html`` draws steps.

    Args:
        version: the one at hand; ``None`` while there is none.
        ways: how far it has come to each recipient.
    """
    drafted = (version.drafted_at, f"第{version.number}版，{version.by}") if version else (None, "")
    signed = (version.signed_at, version.signed_by or "") if version else (None, "")
    sent_at = version.sent_at if version else None
    rows = [
        ("拟好", *drafted),
        ("核签", *signed),
        ("报送", sent_at, f"{len(ways)}家" if sent_at else ""),
        ("送到", *_all_of(ways, "sent_at")),
        ("看过", *_all_of(ways, "opened_at")),
        ("回执", *_all_of(ways, "acknowledged_at")),
    ]
    last = max((place for place, row in enumerate(rows) if row[1]), default=-1)
    waits = next((place for place, row in enumerate(rows) if not row[1] and place > last), None)
    found = []
    for place, (title, at, text) in enumerate(rows):
        skipped = at is None and place < last
        state = "done" if at else "current" if place == waits else "todo"
        words = text or ("没有核签" if title == "核签" and skipped else "")
        found.append({"title": title, "at": at, "text": words, "state": state})
    return found


def _all_of(ways: Sequence[Way], what: str) -> tuple[datetime | None, str]:
    """When the last of the recipients had it, once all have; and how many have so far."""
    done = [getattr(way, what) for way in ways if getattr(way, what)]
    at = max(done) if ways and len(done) == len(ways) else None
    return at, f"{len(done)}/{len(ways)}家" if ways else ""


@dataclass(frozen=True)
class Standing:
    """Where a report stands for one reader.

    Attributes:
        actor: who looks.
        version: the last one kept.
        moved: whether the record has changed since.
        left: recipients that do not have this version yet.
        ways: how far this version has come.
        required: whether it must be signed before it goes.
    """

    actor: Actor
    version: Version | None
    moved: bool
    left: int
    ways: Sequence[Way]
    required: bool

    @property
    def office(self) -> bool:
        """Whether the reader is of the office, who drafts and sends."""
        return self.actor.role is Role.OFFICE

    @property
    def own(self) -> bool:
        """Whether the reader wrote this version, so that somebody else must sign it."""
        return self.version is not None and self.version.author == self.actor.person_id

    @property
    def can(self) -> dict[str, bool]:
        """What may be pressed."""
        there = self.version is not None and not self.moved
        signed = self.version is not None and self.version.signed_at is not None
        return {
            "draft": self.office and not there,
            "edit": self.office and self.version is not None,
            "sign": there and not signed and not self.own and not self.ways,
            "send": self.office and there and self.left > 0 and (signed or not self.required),
            "resend": self.office,
        }

    def next(self) -> str:
        """What has to be done now, and by whom."""
        version = self.version
        if version is None:
            return "还没有拟。先照记录拟好第1版，再看、再改、再核签。"
        if self.moved:
            who = "" if self.office else "请信息办"
            return f"第{version.number}版拟好以后，记录又有了变化。{who}先照新的记录再拟一版，写好的三段话会带过去。"
        if version.signed_at is None and not self.ways:
            return self._to_sign(version)
        if self.left and not self.ways:
            return f"第{version.number}版核签好了。下一步：{'' if self.office else '由信息办'}报送{self.left}家。"
        return self._underway(version)

    def _to_sign(self, version: Version) -> str:
        if self.own:
            return f"第{version.number}版是您写的，要由另一个人核签：信息办的同事，或者主管部门。请他打开这一页来办。"
        loose = "" if self.required or not self.office else "没有核签也能送，但会记明“未经第二人核签”。"
        return f"第{version.number}版等核签。看过没有问题，就核签；核签的人不能是写它的人（{version.by}）。{loose}"

    def _underway(self, version: Version) -> str:
        lost = [way.body for way in self.ways if way.trouble]
        if lost:
            return f"第{version.number}版发给{'、'.join(lost)}的邮件没有送到。请核对邮箱，再发一次。"
        if self.left:
            return f"第{version.number}版还有{self.left}家没有送，请再报送一次，送过的不会重复。"
        for what, words in (("sent_at", "送到"), ("opened_at", "看"), ("acknowledged_at", "回执")):
            late = [way.body for way in self.ways if not getattr(way, what)]
            if late:
                return f"第{version.number}版送出了。还没有{words}的：{'、'.join(late)}。现在不用做什么。"
        return f"第{version.number}版每一家都回执了，这件事办完了。"


async def duty_of(uow: UnitOfWork, interview: Interview) -> ledger.DutyRow | None:
    """The duty to send the report (第十五条), with its date and its sum."""
    acts = {rule.id for rule in law.load(interview.regulation).duties if rule.done_by == "summary"}
    owed = [(one, interview) for one in await duties.of_interview(uow, interview.id or 0) if one.rule in acts]
    calendar = await workdays.present(uow)
    rows = ledger.duty_rows(owed, await ledger.body_names(uow), uow.now, calendar)
    return rows[0] if rows else None


async def left_over(uow: UnitOfWork, version: Version | None) -> list[str]:
    """The recipients of the rule to whom a version has not been sent."""
    query = select(col(Delivery.body_id)).join(Report, col(Report.id) == col(Delivery.report_id))
    if version is not None:
        query = query.where(
            col(Report.interview_id) == version.interview, col(Report.version) == version.number
        )
    there = set(await uow.db.scalars(query)) if version else set()
    return [body.name for body in await report_content.recipients(uow) if body.id not in there]


# The recipients


async def way_groups(uow: UnitOfWork, interview_id: int) -> tuple[list[Way], list[dict[str, Any]]]:
    """How far each version has come to each recipient: the ways, and the same as the page lists them."""
    ways = await deliveries.ways(uow, interview_id)
    query = (
        select(col(Delivery.id), col(Body.email))
        .join(Body, col(Body.id) == col(Delivery.body_id))
        .join(Report, col(Report.id) == col(Delivery.report_id))
        .where(col(Report.interview_id) == interview_id)
    )
    emails: Mapping[int, str | None] = {number or 0: email for number, email in await uow.db.execute(query)}
    groups: dict[int, list[dict[str, Any]]] = {}
    for way in ways:
        groups.setdefault(way.version, []).append(way_row(way, emails.get(way.delivery_id)))
    return ways, [{"version": version, "ways": rows} for version, rows in groups.items()]


def way_row(way: Way, email: str | None) -> dict[str, Any]:
    """One recipient's row.

    Args:
        way: how far it has come.
        email: where the body receives mail now.
    """
    waits = way.mails > 0 and not way.trouble and (way.next_try_at is not None or not way.tries)
    on_its_way_there = waits and way.mailed_to == email
    return {
        "delivery": way.delivery_id,
        "body": way.body,
        "queued_at": way.queued_at,
        "sent_at": way.sent_at,
        "came": "邮件送到" if way.by_mail else "进了收件箱",
        "missed": bool(way.trouble) and not way.sent_at,
        "trouble": way.trouble,
        "opened_at": way.opened_at,
        "acknowledged_at": way.acknowledged_at,
        "acknowledged_by": way.acknowledged_by,
        "comment": way.comment,
        "mail": _mail_words(way, email),
        "can_resend": bool(email) and not on_its_way_there,
    }


def _mail_words(way: Way, email: str | None) -> str:
    """What became of the mails, in words."""
    if not way.mails:
        return way.trouble or ("有邮箱，这一版没有寄" if email else "没有登记邮箱，在平台上看")
    which = f"第{way.mails}封，寄{way.mailed_to}：" if way.mailed_to else f"第{way.mails}封："
    if way.trouble:
        return f"{which}没有送到，{way.trouble}"
    if not way.tries:
        return f"{which}在排队"
    if way.next_try_at is not None:
        again = f"试了{way.tries}次，{cntime(way.next_try_at)}再试" if way.remark else "正在寄"
        return f"{which}{again}" + (f"（{way.remark}）" if way.remark else "")
    return f"{which}寄出了" + (f"，{way.remark}" if way.remark else "")
