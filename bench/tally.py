"""What a replay brought about, compared with what every part of the product says of it.

The book is what the players did and were told. Against it stand the database, the report (JSON and Word), the
transcript, the streams over HTTP, and what every socket heard.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import aiohttp
from docx import Document
from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.db import Database, Units
from base.people import SYSTEM
from bench.house import House
from bench.sockets import Ear, Event, Stretch
from chat import replay
from interviews import duties, transcript
from interviews.models import Duty, Item, Question, Support
from interviews.report_layout import LISTED_TEXT
from interviews.report_words import short

State = dict[str, Any]
EMPTY: State = {
    "interview": {},
    "questions": {},
    "stage": [],
    "items": [],
    "drafting": {},
    "approving": {},
    "handling": {},
    "order": [],
    "delay": 0,
}
EMPTY_ME: State = {"questions": {}, "supported": []}
OPEN = frozenset({"pending", "published", "staged"})
PAGE = 500


@dataclass
class Book:
    """What this side knows.

    Attributes:
        answers: what is answered to a text.
        texts: the text sent for each question's id.
        fates: what became of each question, entered as it was brought about.
        published: the ids of those made public, in that order.
        undecided: those the moderator left until after the close.
        deferred_with_reason: those deferred by the guest.
        resends: how many second submissions there were.
        other_resends: those answered with another question or receipt than the first.
        seconds: how long each part took.
    """

    answers: dict[str, str]
    texts: dict[int, str] = field(default_factory=dict)
    fates: dict[int, str] = field(default_factory=dict)
    published: list[int] = field(default_factory=list)
    undecided: list[int] = field(default_factory=list)
    deferred_with_reason: list[int] = field(default_factory=list)
    resends: int = 0
    other_resends: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def asked(self, question: int, text: str) -> None:
        """A question was taken under this id."""
        self.texts[question] = text

    def resent(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
        """A question was sent twice; both answers."""
        self.resends += 1
        if any(first[key] != second[key] for key in ("question", "receipt")):
            self.other_resends.append(f"{first['question']} {second['question']}")


@dataclass(frozen=True)
class Listener:
    """Somebody who listened to a stream, and the header by which it is read over HTTP."""

    name: str
    stream: str
    ear: Ear
    header: dict[str, str]


@dataclass(frozen=True)
class Kept:
    """What the database holds."""

    questions: list[Question]
    items: list[Item]
    duties: list[Duty]
    supports: int
    chain: audit.Verdict


@dataclass(frozen=True)
class Written:
    """The report as JSON, and the first two cells of every row of the one in Word."""

    content: dict[str, Any]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class Told:
    """The streams over HTTP from their first event, and the present snapshots."""

    events: dict[str, list[Event]]
    states: dict[str, State]


def check(name: str, faults: Iterable[object], good: str = "一致") -> dict[str, Any]:
    """One line of the result: right where there is no fault, otherwise the first three."""
    found = [str(fault) for fault in faults]
    return {"name": name, "ok": not found, "detail": "；".join(found[:3]) or good}


async def _get(http: aiohttp.ClientSession, path: str, header: Mapping[str, str]) -> dict[str, Any]:
    async with http.get(path, headers=dict(header)) as answer:
        answer.raise_for_status()
        found: dict[str, Any] = await answer.json()
        return found


async def head(http: aiohttp.ClientSession, stream: str) -> int:
    """The last number of a public stream."""
    return int((await _get(http, f"/api/streams/{stream}?after=0&limit=1", {}))["head"])


async def snapshot(
    http: aiohttp.ClientSession, stream: str, header: Mapping[str, str] | None = None
) -> State:
    """A stream's present state over HTTP."""
    state: State = (await _get(http, f"/api/streams/{stream}", header or {}))["snapshot"]
    return state


async def told(http: aiohttp.ClientSession, stream: str, header: Mapping[str, str]) -> list[Event]:
    """A whole stream over HTTP, page by page from its first event."""
    events: list[Event] = []
    while True:
        found = await _get(http, f"/api/streams/{stream}?after={len(events)}&limit={PAGE}", header)
        events += found["events"]
        if len(events) >= found["head"] or not found["events"]:
            return events


def follow(state: State, events: Iterable[Event]) -> State:
    """The state after events, as a client follows them."""
    return reduce(replay.apply, events, state)


def density(events: Sequence[Event]) -> list[str]:
    """Where a stream is not dense from 1."""
    return [
        f"第{place}条的编号是{event['seq']}" for place, event in enumerate(events, 1) if event["seq"] != place
    ]


def _given_back(heard: Event, kept: Event) -> Event:
    """What was heard, without the words that its stream has lost since because their asker took them back."""
    gone = "text" in kept["body"] and kept["body"]["text"] is None and heard["kind"].startswith("question.")
    return heard | {"body": heard["body"] | {"text": None, "nickname": None}} if gone else heard


def heard_faults(stretches: Sequence[Stretch], events: Sequence[Event]) -> list[str]:
    """Where what a listener heard is not the stream, number by number and word by word.

    Args:
        stretches: one for each connection; the last one must reach the stream's end.
        events: the stream from its first event.
    """
    faults = []
    for place, stretch in enumerate(stretches):
        heard = stretch.events()
        expected = events[stretch.start : stretch.start + len(heard)]
        if place == len(stretches) - 1:
            expected = events[stretch.start :]
        heard = [_given_back(a, b) for a, b in zip(heard, expected, strict=False)] + heard[len(expected) :]
        if heard != expected:
            where = next(
                (one for one, (a, b) in enumerate(zip(heard, expected, strict=False)) if a != b),
                min(len(heard), len(expected)),
            )
            faults.append(
                f"从第{stretch.start + where + 1}条起不同：听到{len(heard)}条，应有{len(expected)}条"
            )
    return faults


async def compare(
    home: House, http: aiohttp.ClientSession, book: Book, listeners: Sequence[Listener]
) -> dict[str, Any]:
    """Wait until everybody has heard everything, then compare.

    Returns:
        The counts by where they stand, how many events there were, and the checks.
    """
    found, written = await asyncio.gather(_told(http, listeners), _written(home))
    heard = await _heard(listeners, found)
    stream, internal = _key(listeners, ":public"), _key(listeners, ":staff")
    states = {name: follow(EMPTY, found.events[name]) for name in (stream, internal)}
    kept = await _kept(home)
    counts = _counts(kept, written, states[stream], states[internal], found)
    checks = [
        check("没有没结果的问题", [f"{q.id} {q.status}" for q in kept.questions if q.status in OPEN]),
        check("每个问题的结果和做过的一样", _fate_faults(book, kept, written)),
        check("问题没丢、没改、没重", _text_faults(book, kept)),
        check("重交一次还是同一个问题", book.other_resends, f"重交{book.resends}次"),
        *(check(f"{name}到处一样多", differing(places)) for name, places in counts.items()),
        check("实录编号连续", _gaps([item.no for item in kept.items])),
        check("公开编号连续", _gaps(sorted(q.number for q in kept.questions if q.number))),
        check("每个人听到的和回放的一样", heard, f"{len(listeners)}路"),
        check("照着事件走到的样子和快照一样", _state_faults(listeners, found, states)),
        check("Word 报告里每个公开的问题都在", _word_faults(written)),
        check(
            "每件事都按时办了",
            [f"{duty.rule}晚了{duty.late_days}天" for duty in kept.duties if duty.late_days],
        ),
        check("审计链完好", [] if kept.chain.ok else [f"断在第{kept.chain.broken_at}条"]),
    ]
    return {
        "ok": all(one["ok"] for one in checks),
        "questions": len(kept.questions),
        "supports": kept.supports,
        "resends": book.resends,
        "readers": len(listeners),
        "counts": counts,
        "events": {
            "public": len(found.events[stream]),
            "staff": len(found.events[internal]),
        },
        "checks": checks,
    }


def _key(listeners: Sequence[Listener], ending: str) -> str:
    return next(one.stream for one in listeners if one.stream.endswith(ending))


def _place(listener: Listener) -> str:
    """The name under which a stream is kept here; everybody has a ``me`` of their own."""
    return f"me {listener.name}" if listener.stream == "me" else listener.stream


async def _told(http: aiohttp.ClientSession, listeners: Sequence[Listener]) -> Told:
    found = Told({}, {})
    for one in listeners:
        place = _place(one)
        if place not in found.events:
            found.events[place] = await told(http, one.stream, one.header)
            found.states[place] = await snapshot(http, one.stream, one.header)
    return found


async def _heard(listeners: Sequence[Listener], found: Told) -> list[str]:
    """Wait until everybody has heard the last event, then hold what each heard against the stream."""
    faults = [f"{place}：{fault}" for place, events in found.events.items() for fault in density(events)]
    waiting = [one.ear.reaches(one.stream, len(found.events[_place(one)])) for one in listeners]
    ends = await asyncio.gather(*waiting, return_exceptions=True)
    for one, end in zip(listeners, ends, strict=True):
        if end is not None:
            faults.append(f"{one.name}没有等到最后一条")
        stretches = one.ear.stretches[one.stream]
        faults += [f"{one.name}：{fault}" for fault in heard_faults(stretches, found.events[_place(one)])]
        faults += [f"{one.name}听到没有订的{stray}" for stray in one.ear.strays]
    return faults


async def _kept(home: House) -> Kept:
    database = Database(home.database_url)
    try:
        async with Units(database).read(SYSTEM) as uow:
            mine = col(Question.interview_id) == home.interview
            asked = list(await uow.db.scalars(select(Question).where(mine).order_by(col(Question.id))))
            return Kept(
                asked,
                await transcript.items(uow, home.interview),
                await duties.of_interview(uow, home.interview),
                len(list(await uow.db.scalars(select(col(Support.id))))),
                await audit.verify(uow),
            )
    finally:
        await database.close()


async def _written(home: House) -> Written:
    files = {form: home.data / f"report.{form}" for form in ("json", "docx")}
    number = str(home.interview)
    await asyncio.gather(
        *(
            home.command("report", number, "--format", form, "--output", str(file))
            for form, file in files.items()
        )
    )
    return Written(_content(files["json"]), _rows(files["docx"]))


def _content(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def _rows(file: Path) -> list[tuple[str, ...]]:
    tables = Document(str(file)).tables
    return [tuple(cell.text for cell in row.cells[:2]) for table in tables for row in table.rows]


def _counts(
    kept: Kept, written: Written, public: State, staff: State, found: Told
) -> dict[str, dict[str, int]]:
    """How many questions there are, and how many public ones, in the words of each place."""
    content = written.content
    numbered = [question for question in kept.questions if question.number is not None]
    unpublished = sum(fate["count"] for fate in content["unpublished"])
    return {
        "收到的问题": {
            "数据库": len(kept.questions),
            "报告": content["numbers"]["received"],
            "报告逐个": len(content["questions"]) + unpublished,
            "工作人员的流": len(staff["questions"]),
            "网友各自的流": sum(
                len(follow(EMPTY_ME, events)["questions"])
                for place, events in found.events.items()
                if place.startswith("me ")
            ),
        },
        "公开的问题": {
            "数据库": len(numbered),
            "报告": content["numbers"]["public"],
            "报告逐个": len(content["questions"]),
            "Word 报告": len(_word_questions(written)),
            "实录": sum(1 for item in kept.items if item.kind == "question"),
            "报告的实录": sum(1 for item in content["transcript"] if item["kind"] == "question"),
            "公众的流": len(public["questions"]),
        },
        "实录条数": {
            "数据库": len(kept.items),
            "报告": len(content["transcript"]),
            "公众的流": len(public["items"]),
            "工作人员的流": len(staff["items"]),
        },
    }


def differing(places: Mapping[str, int]) -> list[str]:
    """All the counts in words, where they are not the same in every place."""
    if len(set(places.values())) == 1:
        return []
    return ["，".join(f"{place}{count}" for place, count in places.items())]


def _gaps(numbers: Sequence[int]) -> list[str]:
    return [f"第{place}个的编号是{number}" for place, number in enumerate(numbers, 1) if number != place]


def _fate_faults(book: Book, kept: Kept, written: Written) -> list[str]:
    faults = []
    reported = {question["question"]: question["status"] for question in written.content["questions"]}
    for question in kept.questions:
        number = question.id or 0
        wanted = book.fates.get(number, "没有记下")
        says = {"数据库": question.status}
        if question.number is not None:
            says["报告"] = reported.get(number, "没有")
        faults += [
            f"{number}应是{wanted}，{place}是{status}" for place, status in says.items() if status != wanted
        ]
    return faults


def _text_faults(book: Book, kept: Kept) -> list[str]:
    there = {question.id or 0: question.original for question in kept.questions}
    faults = [f"{number}没有了" for number in book.texts.keys() - there.keys()]
    faults += [f"{number}不是谁交的" for number in there.keys() - book.texts.keys()]
    faults += [
        f"{number}的文字变了" for number, text in book.texts.items() if there.get(number, text) != text
    ]
    sent = [(question.asker_id, question.client_id) for question in kept.questions]
    return faults + [f"{len(sent) - len(set(sent))}个重复"] * (len(sent) != len(set(sent)))


def _state_faults(listeners: Sequence[Listener], found: Told, states: Mapping[str, State]) -> list[str]:
    """Where following the events leads elsewhere than the snapshot over HTTP says.

    For each stream from its first event; for who began with a snapshot in the middle, from there.
    """
    faults = [
        f"{place}：{key}"
        for place, state in states.items()
        for key, now in found.states[place].items()
        if state[key] != now
    ]
    for one in listeners:
        stretch = one.ear.stretches[one.stream][-1]
        if stretch.snapshot is None:
            continue
        state = follow(stretch.snapshot, stretch.events())
        faults += [
            f"{one.name}：{key}" for key, now in found.states[_place(one)].items() if state[key] != now
        ]
    return faults


def _word_questions(written: Written) -> list[str]:
    """The rows of the Word report's list that are a question, by its number and its text."""
    wanted = {_word_row(question) for question in written.content["questions"]}
    return [row[0] for row in written.rows if row in wanted]


def _word_row(question: Mapping[str, Any]) -> tuple[str, str]:
    text = short(question["text"] or "（文字不公开）", LISTED_TEXT)
    return f"{question['number']}号", text


def _word_faults(written: Written) -> list[str]:
    rows = set(written.rows)
    return [row[0] for row in map(_word_row, written.content["questions"]) if row not in rows]


def lines(result: Mapping[str, Any]) -> list[str]:
    """A result in words."""
    said = [f"{'好' if one['ok'] else '不好'}　{one['name']}：{one['detail']}" for one in result["checks"]]
    said += [
        f"{name}：" + "，".join(f"{place} {count}" for place, count in places.items())
        for name, places in result["counts"].items()
    ]
    said.append("去向：" + "，".join(f"{fate} {count}" for fate, count in result["fates"].items()))
    seconds = "，".join(f"{name} {taken} 秒" for name, taken in result["seconds"].items())
    return [*said, f"用时：{seconds}"]
