"""What this platform knows of the yearly reports that a city files, part by part, each number with its source.

The seven parts are those of a yearly disclosure report in one of the city's documents; the lines on interviews are those
of the yearly report of a government website (政府网站工作年度报表: 在线访谈, 留言办理, 智能问答). What the platform does
not know is left to be written by whoever does, and says so: an invented nought would be a false report.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from base.clock import office_date, shanghai_iso
from base.db import UnitOfWork
from faq.judgement import Outcome
from faq.models import Ask, CatalogEntry, EntryStatus
from interviews import period_figures, plots
from interviews.paper import Paper
from interviews.period_figures import Counted, Stretch

QUARTERS = {1: "第一季度", 2: "第二季度", 3: "第三季度", 4: "第四季度"}
WIDTH_MM = 150.0
DISCLOSURE, PETITION, COMPLAINT = "disclosure_request", "petition", "complaint"
"""The bot's doors for what is asked at the wrong one; see ``faq.doors``."""


@dataclass(frozen=True)
class Figure:
    """A number with where it comes from; ``value`` is None where there is nothing to reckon it from."""

    key: str
    label: str
    value: int | float | None
    unit: str
    source: str
    url: str | None = None


@dataclass(frozen=True)
class Part:
    """One part of the report: the figures the platform knows, and what is left for people to write."""

    no: str
    title: str
    figures: tuple[Figure, ...]
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuarterOf:
    """A quarter of a year in a row of the table that the picture is drawn from."""

    name: str
    held: int
    received: int
    answered: int


@dataclass(frozen=True)
class Report:
    """The figures of a year or a quarter as they stand at an instant; a year's have its quarters beside them."""

    title: str
    year: int
    quarter: int | None
    first: date
    last: date
    made_at: datetime
    whole: bool
    parts: tuple[Part, ...]
    quarters: tuple[QuarterOf, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        plain = asdict(self)
        return plain | {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "made_at": shanghai_iso(self.made_at),
        }


@dataclass(frozen=True)
class _Desk:
    """What the catalogue and the bot's record say of a stretch."""

    published: int
    standing: int
    asks: dict[str, int]
    doors: dict[str, int]


async def report(uow: UnitOfWork, year: int, quarter: int | None = None) -> Report:
    """The report of a year or a quarter; ``whole`` says whether the stretch is over."""
    over = Stretch.of(year, quarter)
    counted = await period_figures.of_stretch(uow, over)
    desk = await _desk(uow, over)
    name = f"{year}年{QUARTERS[quarter] if quarter else ''}"
    return Report(
        f"{name}网上访谈和政府信息公开数据",
        year,
        quarter,
        over.first,
        over.last,
        uow.now,
        office_date(uow.now) > over.last,
        _parts(counted, desk, year),
        await _quarters(uow, year) if quarter is None else (),
    )


async def _quarters(uow: UnitOfWork, year: int) -> tuple[QuarterOf, ...]:
    counted = [
        (name, await period_figures.of_stretch(uow, Stretch.of(year, q))) for q, name in QUARTERS.items()
    ]
    return tuple(QuarterOf(name, one.held, one.received, one.answered) for name, one in counted)


def plot(one: Report) -> dict[str, Any] | None:
    """The questions of a year's quarters for ``interviews.plots``; None for a quarter, and where there are none."""
    rows = [[quarter.name, quarter.received, quarter.answered] for quarter in one.quarters]
    if not any(received for _, received, _ in rows):
        return None
    return {
        "id": "quarters",
        "title": f"{one.year}年各季度的提问",
        "heads": ["季度", "收到的提问", "答复的"],
        "rows": rows,
        "across": False,
    }


def told(found: dict[str, Any]) -> str:
    """The plot in words, for whoever does not see it."""
    parts = (f"{name}收到{received}个，答复{answered}个" for name, received, answered in found["rows"])
    return f"{found['title']}：{'；'.join(parts)}"


QUARTER_HEADS = ("季度", "访谈（期）", "收到的提问", "答复的提问")


def quarter_rows(one: Report) -> list[list[str]]:
    """The table beside the plot."""
    return [[q.name, str(q.held), str(q.received), str(q.answered)] for q in one.quarters]


async def _desk(uow: UnitOfWork, over: Stretch) -> _Desk:
    inside = (col(Ask.at) >= over.begins) & (col(Ask.at) < over.ends)
    outcomes = select(col(Ask.outcome), func.count(col(Ask.id))).where(inside).group_by(col(Ask.outcome))
    asks = {outcome: int(count) for outcome, count in await uow.db.execute(outcomes)}
    doors = select(col(Ask.reason), func.count(col(Ask.id))).where(
        inside, col(Ask.reason).in_((DISCLOSURE, PETITION, COMPLAINT))
    )
    public = col(CatalogEntry.status) == EntryStatus.PUBLISHED
    days = (col(CatalogEntry.published_on) >= over.first) & (col(CatalogEntry.published_on) <= over.last)
    entries = select(func.count(col(CatalogEntry.id)))
    return _Desk(
        published=int(await uow.db.scalar(entries.where(public, days)) or 0),
        standing=int(await uow.db.scalar(entries.where(public, col(CatalogEntry.in_force).is_(True))) or 0),
        asks=asks,
        doors={
            str(reason): int(count) for reason, count in await uow.db.execute(doors.group_by(col(Ask.reason)))
        },
    )


_HELD = "按开始的日子在这一段里、已经结束的访谈数，演练和取消的不算"
_ASKED = "这些访谈收到的提问"


def _parts(one: Counted, desk: _Desk, year: int) -> tuple[Part, ...]:
    statistics = f"/statistics?year={year}"
    return (
        Part(
            "一",
            "基本情况",
            (
                Figure("held", "访谈期数", one.held, "期", _HELD, statistics),
                Figure("bodies", "参加答复的单位", one.bodies, "个", "这些访谈的答复单位，同一个单位算一次"),
            ),
            ("组织领导、工作机构和人员", "工作计划和经费", "宣传和培训"),
        ),
        Part(
            "二",
            "主动公开政府信息",
            (
                Figure(
                    "published",
                    "本期公开的目录条目",
                    desk.published,
                    "条",
                    "公开日期在这一段里、现在仍公开的条目",
                    "/catalog",
                ),
                Figure(
                    "standing",
                    "现在公开并有效的目录条目",
                    desk.standing,
                    "条",
                    "目录里公开、没有废止的条目",
                    "/catalog",
                ),
                Figure(
                    "transcripts", "公开的访谈实录", one.held, "份", "每场结束的访谈有一份实录", "/interviews"
                ),
            ),
            ("其他渠道公开的信息", "保密审查的情况"),
        ),
        Part(
            "三",
            "依申请公开",
            (
                Figure(
                    "disclosure",
                    "机器人指到依申请公开的提问",
                    desk.doors.get(DISCLOSURE, 0),
                    "次",
                    "机器人认出是要申请公开、告诉了去处的",
                ),
            ),
            ("收到和办理的申请数：平台不受理申请，请按受理机构的登记填写",),
        ),
        Part(
            "四",
            "咨询和访谈",
            (
                Figure("received", "网民留言数量", one.received, "条", _ASKED, statistics),
                Figure("public", "公开的提问", one.public, "条", "有编号的提问", statistics),
                Figure("answered", "答复网民提问数量", one.answered, "条", "有答复的提问", statistics),
                Figure(
                    "answered_after", "其中会后答复", one.answered_after, "条", "第一次答复在访谈结束以后"
                ),
                Figure("reply_rate", "答复率", _rounded(one.reply_rate), "%", "有答复的除以公开的"),
                Figure(
                    "mean_days",
                    "平均办理时间",
                    _rounded(one.mean_days),
                    "天",
                    "从提交那天到第一次答复那天，按日历天平均",
                ),
                Figure(
                    "refused", "依法不予公开", one.refused, "条", "按国家秘密、商业秘密、个人隐私三种依据"
                ),
                Figure("declined", "没有公开的提问", one.declined, "条", "审核没有公开的", "/moderation"),
                Figure("asks", "机器人被问", sum(desk.asks.values()), "次", "机器人的记录"),
                Figure(
                    "asks_answered",
                    "机器人答了",
                    desk.asks.get(Outcome.ANSWER, 0),
                    "次",
                    "从目录里找到原文的",
                ),
                Figure(
                    "asks_choices",
                    "机器人给出几条请人选",
                    desk.asks.get(Outcome.CHOICES, 0),
                    "次",
                    "机器人的记录",
                ),
                Figure(
                    "asks_handed", "机器人请人来办", desk.asks.get(Outcome.HANDOFF, 0), "次", "机器人的记录"
                ),
            ),
        ),
        Part(
            "五",
            "行政复议、行政诉讼和申诉",
            (
                Figure(
                    "petitions",
                    "机器人指到信访的",
                    desk.doors.get(PETITION, 0),
                    "次",
                    "机器人认出是信访、告诉了去处的",
                ),
                Figure(
                    "complaints",
                    "机器人指到投诉举报的",
                    desk.doors.get(COMPLAINT, 0),
                    "次",
                    "机器人认出是投诉、告诉了去处的",
                ),
                Figure(
                    "appeals", "提问人对没有公开提出的申诉", one.appeals, "件", "平台上的申诉", "/moderation"
                ),
            ),
            ("行政复议、行政诉讼和举报：请按受理机构的登记填写",),
        ),
        Part("六", "收费和减免", (), ("平台不收费。其他收费和减免请按财务的记录填写",)),
        Part(
            "七",
            "存在的问题和改进",
            (
                Figure(
                    "late",
                    "办晚和逾期的事项",
                    one.late,
                    "件",
                    "这些访谈的办理事项，办晚了的和过了日子没有办的",
                ),
                Figure(
                    "deviations",
                    "提前结束、延长等偏离规定的",
                    one.deviations,
                    "件",
                    "每一件的理由都公开在那一场的页上",
                ),
                Figure("unsolved", "说“没解决”的多过“解决了”的答复", one.unsolved, "条", "公众评价"),
            ),
            ("原因和改进措施",),
        ),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def written(value: float | None) -> str:
    """A figure as it stands on a page and on paper."""
    return "没有数" if value is None else f"{value:g}"


def to_docx(one: Report, office: str) -> bytes:
    """The report in Word: a table for each part, and what is left to be written in brackets."""
    paper = Paper(one.title, office, one.made_at)
    paper.line("title", one.title)
    state = "" if one.whole else "这一段还没有过完，数会变。"
    paper.line(
        "text",
        f"从{_day(one.first)}到{_day(one.last)}，按平台{_day(office_date(one.made_at))}的记录。{state}",
    )
    for part in one.parts:
        paper.line("heading", f"{part.no}、{part.title}")
        if part.figures:
            rows = [
                [
                    line.label,
                    f"{written(line.value)}{line.unit if line.value is not None else ''}",
                    line.source,
                ]
                for line in part.figures
            ]
            paper.table(["项目", "数", "怎么来的"], rows, (5, 2, 6), frozenset({1}))
        for words in part.left:
            paper.line("text", f"（请填写：{words}）")
    if one.quarters:
        paper.line("heading", "各季度")
        drawn = plot(one)
        if drawn is not None:
            wide, high = plots.inches(drawn)
            paper.picture(plots.draw(drawn, "png"), WIDTH_MM, WIDTH_MM * high / wide, told(drawn))
            paper.line("picture-caption", drawn["title"])
        paper.table(QUARTER_HEADS, quarter_rows(one), (3, 2, 2, 2), frozenset({1, 2, 3}))
    paper.signed(office, _day(office_date(one.made_at)))
    return paper.to_bytes()


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
