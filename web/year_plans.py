"""This year's and next year's plan as the office and the supervisor see them: issued when, or due when."""

from datetime import date
from typing import Any

from base.db import UnitOfWork
from interviews import law, plans


async def panel(uow: UnitOfWork, today: date, regulation: law.Regulation) -> list[dict[str, Any]]:
    """One line for each of the two years: the duty to issue its plan (第十条) with its date, done or late.

    A rule that asks for no yearly plan gives no lines.
    """
    owed = await plans.year_duties(uow, (today.year, today.year + 1), regulation)
    return [_line(one, today) for one in owed]


def _line(one: plans.YearDuty, today: date) -> dict[str, Any]:
    return {
        "year": one.year,
        "title": one.owed.title,
        "article": one.owed.article,
        "due": one.owed.due,
        "issued_at": one.issued.issued_at if one.issued else None,
        "version": one.version,
        "late_days": one.late_days,
        "late": one.issued is None and one.owed.due < today,
    }
