"""The yearly and quarterly reports: their last days, their filing, and the figures of a stretch of days."""

from datetime import date, datetime

import pytest

from base.audit import verify
from base.errors import Refusal
from base.people import SYSTEM
from interviews import period_figures, yearly_duties
from interviews.judging import Verdict, rate
from interviews.period_figures import Stretch
from tests.cast import DURING, City, at


@pytest.mark.parametrize(
    ("year", "quarter", "first", "last"),
    [
        (2026, None, date(2026, 1, 1), date(2026, 12, 31)),
        (2026, 1, date(2026, 1, 1), date(2026, 3, 31)),
        (2028, 1, date(2028, 1, 1), date(2028, 3, 31)),
        (2026, 2, date(2026, 4, 1), date(2026, 6, 30)),
        (2026, 3, date(2026, 7, 1), date(2026, 9, 30)),
        (2026, 4, date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_stretch_has_its_first_and_last_day(
    year: int, quarter: int | None, first: date, last: date
) -> None:
    assert Stretch.of(year, quarter) == Stretch(first, last)


def test_each_report_has_its_day() -> None:
    days = {one.kind: one.due(2026) for one in yearly_duties.DUTIES}
    assert days["disclosure"] == days["website"] == date(2027, 1, 31)
    assert days["government"] == date(2027, 3, 31)
    assert [days[f"quarter-{n}"] for n in (1, 2, 3, 4)] == [
        date(2026, 4, 15),
        date(2026, 7, 15),
        date(2026, 10, 15),
        date(2027, 1, 15),
    ]


async def _files(city: City, who: str, when: datetime, kind: str, evidence: str = "示政办〔2027〕3号") -> int:
    async with city.act(who, when) as uow:
        row = await yearly_duties.file_report(uow, kind, 2026, evidence)
        return (row.filed_on - yearly_duties.KINDS[kind].due(2026)).days


async def test_a_report_is_filed_once_and_in_time_on_its_last_day(city: City) -> None:
    assert await _files(city, "周科长", at("2027-01-31 23:59"), "disclosure") == 0
    with pytest.raises(Refusal) as refused:
        await _files(city, "周科长", at("2027-02-01 09:00"), "disclosure")
    assert refused.value.code == "yearly.filed"
    assert await _files(city, "周科长", at("2027-02-01 00:01"), "website") == 1
    async with city.units.read(SYSTEM) as uow:
        assert (await verify(uow)).ok


@pytest.mark.parametrize(
    ("who", "when", "kind", "code"),
    [
        ("周科长", "2026-12-31 10:00", "disclosure", "yearly.early"),
        ("周科长", "2026-03-31 10:00", "quarter-1", "yearly.early"),
        ("周科长", "2027-01-10 10:00", "nonsense", "yearly.kind"),
        ("何主任", "2027-01-10 10:00", "disclosure", "forbidden"),
    ],
)
async def test_what_cannot_be_filed(small_city: City, who: str, when: str, kind: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await _files(small_city, who, at(when), kind)
    assert refused.value.code == code


async def test_the_figures_are_those_of_the_record(city: City) -> None:
    await city.open()
    answered = await city.staged("网友甲", "断缴几年不能报？")
    item = await city.does("王处长", "question.answer", question=answered, text="两年。")
    await city.published("网友乙", "在哪里办？")
    await city.asks("网友丙", "随便说说")
    async with city.act("网友丙", DURING) as uow:
        await rate(uow, int(item["item"]), Verdict(False))
    await city.does("李主持", "interview.close", at("2026-03-06 16:30"), interview=city.interview)
    async with city.units.read(SYSTEM) as uow:
        first = await period_figures.of_stretch(uow, Stretch.of(2026, 1))
        second = await period_figures.of_stretch(uow, Stretch.of(2026, 2))
    assert (first.held, first.bodies, first.received, first.answered, first.unsolved) == (1, 1, 3, 1, 1)
    assert (first.mean_days, first.answered_after) == (0, 0)
    assert first.reply_rate == pytest.approx(100 / first.public)
    assert (second.held, second.received, second.mean_days, second.reply_rate) == (0, 0, None, None)
