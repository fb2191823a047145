"""What was reviewed in a month, as the rules ask for it month by month (「按月度汇总报……备案」): a list and a table."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from base.clock import SHANGHAI, as_utc
from base.db import UnitOfWork
from faq import drafts
from faq.models import EntryRevision, ReviewSignature, RevisionAction, RevisionStatus
from faq.review_steps import signatures
from faq.revisions import ACTIONS

RESULTS = {
    RevisionStatus.DONE: "通过",
    RevisionStatus.RETURNED: "退回",
    RevisionStatus.REVIEW: "还在审",
    RevisionStatus.WITHDRAWN: "撤回",
    RevisionStatus.DRAFT: "起草",
}


@dataclass(frozen=True)
class Reviewed:
    """A revision that somebody signed or returned in the month.

    ``signed`` are its signatures up to the month's end, in order; ``result`` what came of it until now, ``done_at``
    when.
    """

    entry_id: int
    index_no: str
    title: str
    action: str
    author: str
    reason: str | None
    signed: tuple[ReviewSignature, ...]
    result: str
    done_at: datetime | None


def month_of(year: int, month: int) -> tuple[datetime, datetime]:
    """The instants between which a month of Shanghai lies, the second one outside it."""
    begins = datetime(year, month, 1, tzinfo=SHANGHAI)
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return as_utc(begins), as_utc(datetime(*following, 1, tzinfo=SHANGHAI))


async def reviewed(uow: UnitOfWork, year: int, month: int) -> list[Reviewed]:
    """What was reviewed in a month of Shanghai, in the order in which it was first signed there."""
    begins, ends = month_of(year, month)
    query = select(col(ReviewSignature.revision_id)).where(
        col(ReviewSignature.at) >= begins, col(ReviewSignature.at) < ends
    )
    ordered = query.order_by(col(ReviewSignature.at), col(ReviewSignature.id))
    ids = list(dict.fromkeys(await uow.db.scalars(ordered)))
    rows = {
        one.id: one
        for one in await uow.db.scalars(select(EntryRevision).where(col(EntryRevision.id).in_(ids)))
    }
    every = await signatures(uow.db, ids)
    return [_line(rows[number], [one for one in every[number] if as_utc(one.at) < ends]) for number in ids]


def _line(revision: EntryRevision, signed: list[ReviewSignature]) -> Reviewed:
    row = drafts.of_revision(revision).row
    return Reviewed(
        entry_id=revision.entry_id,
        index_no=row.index_no,
        title=row.title,
        action=ACTIONS[RevisionAction(revision.action)],
        author=revision.author_name,
        reason=revision.reason,
        signed=tuple(signed),
        result=RESULTS[RevisionStatus(revision.status)],
        done_at=revision.done_at,
    )


HEADINGS = ("索引号", "标题", "办理", "起草人", "说明", "审核过程", "结果", "办结时间")


def table(lines: list[Reviewed]) -> list[tuple[str, ...]]:
    """The list as rows of text below :data:`HEADINGS`, for CSV and Excel."""
    return [
        (
            one.index_no,
            one.title,
            one.action,
            one.author,
            one.reason or "",
            "\n".join(_in_words(signature) for signature in one.signed),
            one.result,
            _minute(one.done_at) if one.done_at else "",
        )
        for one in lines
    ]


def _in_words(signature: ReviewSignature) -> str:
    decided = "同意" if signature.passed else "退回"
    said = f"：{signature.comment}" if signature.comment else ""
    return f"{signature.step_name} {signature.person_name} {_minute(signature.at)} {decided}{said}"


def _minute(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
