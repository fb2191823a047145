"""What the pages of the assessment (考评) show: the year's table, a body's sheet, the published result."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from base.clock import office_date
from base.db import UnitOfWork
from interviews import assessment, assessment_result, schemes, scoring
from interviews.assessment import Sheet
from interviews.assessment_models import Assessment, SelfAssessment
from interviews.schemes import Part, PartKind, Scheme
from interviews.standing import HALF_WORDS
from web.working_list import Column, Filter, Line


def columns(scheme: Scheme) -> list[Column]:
    """The columns of a year's table: the body, each part with its weight, problems, total and grade."""
    parts = [
        Column(part.id, f"{part.title}（{int(part.weight * 100)}%）", number=True) for part in scheme.parts
    ]
    grade = [Column("grade", "等次")] if scheme.grades else []
    return [
        Column("name", "单位"),
        *parts,
        Column("problems", "问题", number=True),
        Column("total", "总分", number=True),
        *grade,
        Column("lacking", "还差什么"),
    ]


def filters(scheme: Scheme) -> list[Filter]:
    """By grade, and by whether anything lacks."""
    grades = [(one.title, one.title) for one in scheme.grades]
    by_grade = [Filter("grade", "等次", grades)] if grades else []
    return [*by_grade, Filter("state", "进度", [("whole", "分齐了"), ("lacking", "还差")])]


def line(one: Sheet) -> Line:
    """A body of the table while the year is being filled."""
    lacking = "；".join(scored.lacking for scored in one.result.parts if scored.lacking)
    cells = {scored.part.id: scored.score for scored in one.result.parts} | {
        "problems": Decimal(_counted(one)),
        "total": one.result.total,
    }
    words = {"name": one.name, "grade": one.result.grade, "lacking": lacking}
    tags = {"grade": one.result.grade or "", "state": "lacking" if lacking else "whole"}
    return Line({**cells, **words}, tags, f"/supervise/assessment/{one.assessment.year}/{one.body.id}")


def fixed_line(found: dict[str, Any], url: str | None) -> Line:
    """A body of the table once the result is fixed, as it was kept."""
    cells: dict[str, Any] = {part: Decimal(points) for part, points in found["parts"].items()}
    cells |= {"name": found["name"], "problems": found["problems"], "total": Decimal(found["total"])}
    before = f"异议以前{found['before']}" if "before" in found else ""
    cells |= {"grade": found["grade"], "lacking": before}
    return Line(cells, {"grade": found["grade"] or "", "state": "whole"}, url)


async def lines(uow: UnitOfWork, found: Assessment, at: str | None) -> list[Line]:
    """The lines of a year's table as they stand, or as they were fixed.

    Args:
        uow: the supervisor's.
        found: the year.
        at: where a body's sheet is, before its number; None where the lines lead nowhere.
    """
    if found.result is not None:
        return [fixed_line(one, f"{at}/{one['body']}" if at else None) for one in found.result]
    return [line(one) for one in await assessment.sheets(uow, found.year)]


def _counted(one: Sheet) -> int:
    return sum(problem.times for problem in one.problems if problem.set_aside is None)


async def standing(uow: UnitOfWork, found: Assessment) -> dict[str, Any]:
    """Where a year's assessment stands, in words for the head of its pages."""
    scheme = schemes.load(found.scheme)
    until = await assessment_result.objection_until(uow, found, scheme)
    today = office_date(uow.now)
    return {
        "year": found.year,
        "scheme": scheme,
        "fixed_at": found.fixed_at,
        "published_at": found.published_at,
        "until": until,
        "open_to_objection": until is not None and today <= until,
        "over": today > date(found.year, 12, 31),
    }


def sheet_of(one: Sheet, today: date) -> dict[str, Any]:
    """A body's sheet for its page."""
    by_item: dict[str, list[scoring.Problem]] = {}
    for problem in one.problems:
        by_item.setdefault(problem.item, []).append(problem)
    files = {f"finding:{row.id}": (row.id, row.file_name) for row in one.findings if row.file_id}
    return {
        "body": one.body,
        "name": one.name,
        "total": _total(one),
        "grade": _grade(one),
        "parts": [
            {
                "id": scored.part.id,
                "title": scored.part.title,
                "weight": int(scored.part.weight * 100),
                "kind": scored.part.kind.value,
                "score": None if scored.score is None else f"{scored.score.normalize():f}",
                "lacking": scored.lacking,
                "items": [
                    {
                        "item": item,
                        "taken": (scored.taken_off or {}).get(item.id, Decimal(0)),
                        "problems": by_item.get(item.id, []),
                    }
                    for item in scored.part.items
                ],
            }
            for scored in one.result.parts
        ],
        "files": files,
        "items": [(item.id, item.text) for part in one.scheme.parts for item in part.items],
        "halves": _halves(one, today),
        "third": one.third,
        "third_drawn": drawn(one, "third"),
        "third_points": Decimal(one.third.hundredths) / 100 if one.third else None,
        "has_third": one.scheme.part(PartKind.ENTERED) is not None,
        "objection": one.objection,
    }


def kept_words(one: Sheet, act: str, half: int = 0) -> dict[str, tuple[str, str]]:
    """What a form of a sheet changes: field to its label and what stands there now.

    Args:
        one: the sheet.
        act: ``third``, ``check`` or ``self``; nothing for any other, which only adds.
        half: of the year, for the last two.
    """
    if act == "third":
        found = one.third
        return {
            "by": ("评估机构", found.by if found else ""),
            "points": ("分数", _points(found.hundredths if found else None)),
        }
    row = one.halves[half - 1] if act in ("check", "self") and 1 <= half <= len(one.halves) else None
    own = {
        "points": ("自己评的分", _points(row.hundredths if row else None)),
        "text": ("情况", row.text if row else ""),
    }
    if act == "self":
        return own
    if act != "check" or row is None:
        return {}
    # What is checked is what was read: a body that hands in again meanwhile is read again.
    return {
        "points": ("核定的分", _points(row.checked)),
        "why": ("理由", row.checked_why or ""),
        "handed": ("单位报的", f"{own['points'][1]}分，{row.text}"),
    }


def drawn(one: Sheet, act: str, half: int = 0) -> dict[str, str]:
    """What such a form is drawn with."""
    return {name: value for name, (_, value) in kept_words(one, act, half).items()}


def _points(hundredths: int | None) -> str:
    return "" if hundredths is None else f"{Decimal(hundredths) / 100:f}"


def _kept(one: Sheet) -> dict[str, Any] | None:
    kept: Sequence[dict[str, Any]] = one.assessment.result or ()
    return next((entry for entry in kept if entry["body"] == one.body.id), None)


def _total(one: Sheet) -> str | None:
    """The total that holds: the fixed one where there is one."""
    kept = _kept(one)
    if kept is not None:
        return str(kept["total"])
    return None if one.result.total is None else str(one.result.total)


def _grade(one: Sheet) -> str | None:
    kept = _kept(one)
    return kept["grade"] if kept is not None else one.result.grade


def _halves(one: Sheet, today: date) -> list[dict[str, Any]]:
    part = one.scheme.part(PartKind.HALVES)
    if part is None:
        return []
    return [_half(one, n, row, part, today) for n, row in enumerate(one.halves, 1)]


def _half(one: Sheet, half: int, row: SelfAssessment | None, part: Part, today: date) -> dict[str, Any]:
    year, opened_on = one.assessment.year, office_date(one.assessment.opened_at)
    due, ended = scoring.half_due(part, year, half), today >= scoring.half_over(year, half)
    return {
        "half": half,
        "words": HALF_WORDS[half],
        "row": row,
        "own_drawn": drawn(one, "self", half),
        "checked_drawn": drawn(one, "check", half),
        "points": Decimal(row.hundredths) / 100 if row else None,
        "checked": Decimal(row.checked) / 100 if row and row.checked is not None else None,
        "due": due,
        "left": (due - today).days,
        "can": ended and one.assessment.fixed_at is None and (row is None or row.checked is None),
        "ended": ended,
        "excused": scoring.asked_too_late(part, year, half, opened_on),
    }
