"""A year's or a month's plan in and out as a file: a preview that names every row's problem, then all or nothing.

Import has two steps. ``preview`` reads and judges and changes nothing; ``apply`` judges again what was shown and
schedules every row in one transaction, or none. What is exported can be imported into another installation as it is,
and into its own with rows added: those that are in the plan already are passed over.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from base.clock import SHANGHAI, as_utc, office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Body, Person, Role
from interviews import body_names, bookings, facts, law, programme, rules, texts, workdays
from interviews.bookings import Booking
from interviews.calendar import Calendar
from interviews.changes import InterviewFacts
from interviews.deadlines import in_words
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview, IssuedPlan
from interviews.plan_tables import TITLES, Line, read_table, to_csv, to_xlsx
from interviews.yearly_notice import FIRST_YEAR, LAST_YEAR

_BETWEEN = re.compile(r"[、;；，,/／\n]+")
_INSTANT = re.compile(
    r"(?P<y>[0-9]{4})[-/.年](?P<m>[0-9]{1,2})[-/.月](?P<d>[0-9]{1,2})日?"
    r"(?:[ T]*(?P<h>[0-9]{1,2})[:：](?P<n>[0-9]{2})(?:[:：](?P<s>[0-9]{2}))?)?\s*(?P<zone>.*)"
)
_ZONE = re.compile(r"Z|[+-][0-9]{2}:?[0-9]{2}")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell, or what to look at; ``blocks`` says which.

    Attributes:
        row: the row as a spreadsheet counts it.
        column: the column's name.
        message: a Chinese sentence without the place.
        blocks: whether nothing is imported while it stands.
        article: the article that forbids it, where one does.
        heading: what the file calls the column.
    """

    row: int
    column: str
    message: str
    blocks: bool = True
    article: str | None = None
    heading: str = ""

    @property
    def sentence(self) -> str:
        """The whole sentence: where, what, by which article."""
        cited = f"（{self.article}）" if self.article else ""
        return f"第{self.row}行{self.heading or TITLES[self.column]}列：{self.message.rstrip('。')}{cited}。"


@dataclass
class PlanRow:
    """One row as it was understood, with what is wrong with it; ``known``: it is in the plan, nothing becomes of it."""

    number: int
    cells: Mapping[str, str]
    theme: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    respondents: tuple[int, ...] = ()
    host_id: int | None = None
    venue: str | None = None
    headings: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    known: bool = False

    @property
    def ready(self) -> bool:
        """Whether nothing stands against scheduling it."""
        return not any(problem.blocks for problem in self.problems)

    def wrong(self, column: str, message: str, *, blocks: bool = True, article: str | None = None) -> None:
        """Note what is wrong with a cell."""
        heading = self.headings.get(column, "")
        self.problems.append(Problem(self.number, column, message, blocks, article, heading))

    def booking(self) -> Booking | None:
        """The row as a booking, once its times are known."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return Booking(
            f"第{self.number}行",
            self.theme,
            self.starts_at,
            self.ends_at,
            frozenset(self.respondents),
            self.host_id,
            self.venue,
        )


async def preview(uow: UnitOfWork, content: bytes, name: str, regulation: str = law.DEFAULT) -> list[PlanRow]:
    """A plan's file as rows, each with its problems; changes nothing.

    Args:
        uow: what is known already is read through it.
        content: the file's bytes.
        name: the file's name, for its ending.
        regulation: the rule under which the interviews are planned.

    Raises:
        Refusal: ``plan.file``: the file as a whole cannot be taken (see ``plan_tables.read_table``).
    """
    return await judged(uow, read_table(content, name), regulation)


async def apply(uow: UnitOfWork, rows: Sequence[PlanRow], regulation: str = law.DEFAULT) -> list[int]:
    """Schedule every row that is not in the plan already, in the order of their starts.

    Returns:
        The numbers of the new interviews.

    Raises:
        Refusal: ``plan.rows`` while any row has a problem that blocks, or what ``programme.schedule`` refuses, with
            the row named; the caller's transaction is then not to be committed.
    """
    against = [problem for row in rows for problem in row.problems if problem.blocks]
    if against:
        more = f"另外还有{len(against) - 1}处。" if len(against) > 1 else ""
        raise Refusal("plan.rows", f"{against[0].sentence}{more}一行也没有导入，请改好再来。", status=400)
    if not rows:
        raise Refusal("plan.rows", "文件里没有要导入的行。请从第二行起一行写一场。", status=400)
    new = [row for row in rows if not row.known]
    if not new:
        raise Refusal("plan.rows", f"这{len(rows)}场都已经在计划里，没有要导入的。", status=400)
    made = []
    for row in sorted(new, key=lambda one: (one.starts_at or uow.now, one.number)):
        if row.starts_at is None or row.ends_at is None:
            raise AssertionError("a row without times has a problem that blocks")
        planned = programme.Plan(
            row.theme, row.starts_at, row.ends_at, row.respondents, row.host_id, row.venue, regulation
        )
        try:
            interview = await programme.schedule(uow, planned)
        except Refusal as refusal:
            sentence = f"第{row.number}行：{refusal.message}一行也没有导入。"
            raise Refusal(refusal.code, sentence, status=refusal.status, article=refusal.article) from refusal
        made.append(interview.id or 0)
    return made


# What a row says


async def judged(uow: UnitOfWork, lines: Iterable[Line], regulation: str = law.DEFAULT) -> list[PlanRow]:
    """Rows from their cells, each with its problems; see ``preview``."""
    known = await _Known.read(uow, regulation)
    rows = [_read(line, known) for line in lines]
    wanted = [booking for row in rows if (booking := row.booking())]
    if wanted:
        days = [booking.day for booking in wanted]
        taken = await bookings.between(uow, min(days), max(days), held=True)
        await _pass_over(uow, rows, taken)
        _judge_together([row for row in rows if not row.known], taken)
    return rows


# What is in the plan already


async def _pass_over(uow: UnitOfWork, rows: Sequence[PlanRow], taken: Sequence[Booking]) -> None:
    """Mark the rows whose interview is in the plan; what was judged of them is no matter, what differs is said."""
    by_start: dict[datetime, list[Booking]] = {}
    for one in taken:
        by_start.setdefault(one.starts_at, []).append(one)
    pairs = []
    for row in rows:
        own = row.booking()
        same = (
            next((one for one in by_start.get(own.starts_at, ()) if bookings.is_copy(own, one)), None)
            if own
            else None
        )
        if own is not None and same is not None:
            pairs.append((row, own, same))
    told = await _told_of(uow, [same.interview_id or 0 for _, _, same in pairs])
    for row, own, same in pairs:
        row.known, row.problems = True, []
        for column in _differing(row, own, same, told[same.interview_id or 0]):
            said = f"这一场已经在计划里，{TITLES[column]}和计划里的不一样，没有改。要改，请到那一场的页上"
            row.wrong(column, said, blocks=False)


async def _told_of(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Interviews in the columns of a file, by their numbers."""
    found = list(await uow.db.scalars(select(Interview).where(col(Interview.id).in_(ids))))
    return {told.id: _columns(told) for told in await facts.interviews_facts(uow, found)}


def _differing(row: PlanRow, own: Booking, same: Booking, told: Mapping[str, str]) -> Iterator[str]:
    """The columns in which a row says something else than its interview, by what it means or by its words."""
    if own.ends_at != same.ends_at:
        yield "ends_at"
    if own.respondents != same.respondents and _words(row, "respondents") != set(
        _BETWEEN.split(told["respondents"])
    ):
        yield "respondents"
    if own.host_id != same.host_id and row.cells.get("host", "").strip() != told["host"]:
        yield "host"
    if (own.venue or "").split() != (same.venue or "").split():
        yield "venue"


def _words(row: PlanRow, column: str) -> set[str]:
    return {word.strip() for word in _BETWEEN.split(row.cells.get(column, "")) if word.strip()}


@dataclass(frozen=True)
class _Known:
    """What the city has: its bodies, hosts, calendar and rule, and for which years the plan is issued."""

    bodies: Mapping[str, frozenset[int]]
    hosts: Mapping[str, frozenset[int]]
    calendar: Calendar
    regulation: law.Regulation
    issued: frozenset[int]
    today: date

    @classmethod
    async def read(cls, uow: UnitOfWork, name: str) -> "_Known":
        regulation = law.load(name)
        bodies: dict[str, set[int]] = {}
        answering = select(Body).where(*body_names.ANSWERING)
        for body in await uow.db.scalars(answering):
            for word in (body.name, body.short_name):
                bodies.setdefault(word, set()).add(body.id or 0)
        hosts: dict[str, set[int]] = {}
        hosting = select(Person).where(col(Person.role) == Role.HOST, col(Person.disabled_at).is_(None))
        for person in await uow.db.scalars(hosting):
            for word in filter(None, (person.display_name, person.login)):
                hosts.setdefault(word, set()).add(person.id or 0)
        calendar = await workdays.present(uow)
        issued = frozenset(await uow.db.scalars(select(col(IssuedPlan.year)).distinct()))
        return cls(
            {word: frozenset(ids) for word, ids in bodies.items()},
            {word: frozenset(ids) for word, ids in hosts.items()},
            calendar.with_days_off(regulation.days_off),
            regulation,
            issued,
            office_date(uow.now),
        )


def _read(line: Line, known: _Known) -> PlanRow:
    row = PlanRow(line.number, line.cells, headings=line.headings)
    row.theme = _line(row, "theme", programme.THEME_LIMIT, "主题") or ""
    row.starts_at = _instant(row, "starts_at", "开始")
    row.ends_at = _instant(row, "ends_at", "结束")
    row.respondents = _respondents(row, known)
    row.host_id = _host(row, known)
    row.venue = _line(row, "venue", programme.VENUE_LIMIT, "地点", needed=False)
    if row.starts_at is not None and row.ends_at is not None:
        _judge_times(row, row.starts_at, row.ends_at, known)
    return row


def _line(row: PlanRow, column: str, limit: int, what: str, *, needed: bool = True) -> str | None:
    text = row.cells.get(column, "")
    if not text and not needed:
        return None
    try:
        return texts.clean(text, limit, what)
    except Refusal as refusal:
        row.wrong(column, refusal.message.replace("再交", "再导入"))
        return None


def _instant(row: PlanRow, column: str, what: str) -> datetime | None:
    text = row.cells.get(column, "").strip()
    found = _INSTANT.fullmatch(text)
    if not text:
        row.wrong(column, f"没有写{what}的时间。请写成2026-03-06 14:30这样")
    elif found is None:
        row.wrong(column, f"看不懂“{text[:30]}”。请写成2026-03-06 14:30这样")
    elif found["h"] is None:
        row.wrong(column, f"“{text[:30]}”没有写几点。请写成2026-03-06 14:30这样")
    elif found["zone"] and not _ZONE.fullmatch(found["zone"]):
        row.wrong(column, f"不认识时区“{found['zone'][:20]}”。请写北京时间，不带时区")
    else:
        return _moment(row, column, found)
    return None


def _moment(row: PlanRow, column: str, found: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second = (int(found[part] or 0) for part in "ymdhns")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        row.wrong(column, f"{year}年太远，算不出日子。请核对年份")
        return None
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
        if not found["zone"]:
            return as_utc(local)
        return as_utc(datetime.fromisoformat(f"{local:%Y-%m-%dT%H:%M:%S}{found['zone']}"))
    except (ValueError, OverflowError):
        row.wrong(column, f"“{found[0][:30]}”不存在。请核对日期和时间")
        return None


def _respondents(row: PlanRow, known: _Known) -> tuple[int, ...]:
    words = [word.strip() for word in _BETWEEN.split(row.cells.get("respondents", "")) if word.strip()]
    if not words:
        row.wrong("respondents", "没有写答复单位。请写单位的全称或者简称，几个单位用顿号隔开")
    found: list[int] = []
    for word in words:
        ids = known.bodies.get(word, frozenset())
        if len(ids) != 1:
            why = "没有登记" if not ids else "有几个单位都叫这个"
            row.wrong("respondents", f"答复单位“{word[:40]}”{why}。请核对名称")
        elif next(iter(ids)) in found:
            row.wrong("respondents", f"“{word[:40]}”写了两次。请删去一个")
        else:
            found += ids
    return tuple(found)


def _host(row: PlanRow, known: _Known) -> int | None:
    word = row.cells.get("host", "").strip()
    if not word:
        return None
    ids = known.hosts.get(word, frozenset())
    if len(ids) == 1:
        return next(iter(ids))
    why = "不在主持人名单里" if not ids else "有几位同名"
    row.wrong("host", f"“{word[:40]}”{why}。请写姓名或者账号，也可以先空着")
    return None


def _judge_times(row: PlanRow, starts_at: datetime, ends_at: datetime, known: _Known) -> None:
    day, year = office_date(starts_at), office_date(starts_at).year
    legal = rules.LegalFacts(starts_at, ends_at, row.respondents or (0,))
    try:
        rules.check_length(legal, known.regulation)
    except Refusal as refusal:
        row.wrong("ends_at", refusal.message, article=refusal.article)
    try:
        if not known.calendar.is_workday(day):
            row.wrong(
                "starts_at", f"{in_words(day)}是休息日（{known.calendar.why(day)}）。请核对", blocks=False
            )
        if year in known.issued:
            rules.check_schedule_in_issued_plan(legal, known.regulation, known.calendar, known.today)
    except Refusal as refusal:
        row.wrong("starts_at", refusal.message, article=refusal.article)
        return
    try:
        rules.check_announce(legal, known.regulation, known.calendar, known.today)
    except Refusal as refusal:
        row.wrong("starts_at", refusal.message, blocks=False, article=refusal.article)


def _judge_together(rows: Sequence[PlanRow], taken: Sequence[Booking]) -> None:
    """Copies and collisions, among the rows and with what is planned already."""
    by_day: dict[date, list[Booking]] = {}
    for other in taken:
        by_day.setdefault(other.day, []).append(other)
    for row in rows:
        own = row.booking()
        if own is None:
            continue
        near = [one for gap in (-1, 0, 1) for one in by_day.get(own.day + timedelta(days=gap), ())]
        for other in near:
            _judge_pair(row, own, other)
        by_day.setdefault(own.day, []).append(own)


def _judge_pair(row: PlanRow, own: Booking, other: Booking) -> None:
    if bookings.is_copy(own, other):
        row.wrong("theme", f"和{other.label}重复，主题和开始时间都一样。请删去一个")
        return
    for kind in bookings.collisions(own, other):
        row.wrong(
            kind,
            f"和{other.label}时间重叠，{bookings.KINDS[kind]}相同。请改时间，或者换{bookings.KINDS[kind]}",
        )


# Out


async def planned(uow: UnitOfWork, year: int, month: int | None = None) -> list[dict[str, str]]:
    """The plan of a year, or of one month of it, in the columns of a file; cancelled interviews are left out."""
    query = select(Interview).where(
        col(Interview.year) == year, col(Interview.status) != InterviewStatus.CANCELLED
    )
    listed = list(await uow.db.scalars(query.order_by(col(Interview.starts_at), col(Interview.id))))
    chosen = [one for one in listed if month is None or office_date(one.starts_at).month == month]
    return [_columns(told) for told in await facts.interviews_facts(uow, chosen)]


def _columns(told: InterviewFacts) -> dict[str, str]:
    return {
        "theme": told.theme,
        "starts_at": _written(told.starts_at),
        "ends_at": _written(told.ends_at),
        "respondents": "、".join(body.name for body in told.respondents),
        "host": told.host or "",
        "venue": told.venue or "",
    }


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


async def export(uow: UnitOfWork, kind: str, year: int, month: int | None = None) -> bytes:
    """The plan of a year or a month as a file.

    Args:
        uow: a reading unit of work.
        kind: ``xlsx`` or ``csv``.
        year: which year.
        month: 1 to 12, or ``None`` for the whole year.
    """
    rows = await planned(uow, year, month)
    if kind == "csv":
        return to_csv(rows)
    return to_xlsx(rows, f"{year}年{month}月计划" if month else f"{year}年计划")


def problems_of(rows: Iterable[PlanRow]) -> Iterator[Problem]:
    """Every problem of every row, in the order of the file."""
    for row in rows:
        yield from row.problems
