"""Replay one whole interview over real sockets: ``python -m bench.replay``.

50 visitors ask, moderators decide, everybody supports, the most supported go on stage and are answered, some are
deferred, some refused with a ground, the interview is closed, followed up and reported. Every question's fate is
written down here as it is brought about, and ``bench.tally`` compares that with what the product says of itself.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from base.errors import Refusal
from bench import house, tally
from bench.questions import Asked, corpus
from bench.sockets import Ear, Event, Refused
from interviews.lifecycle import DeclineReason, Ground

VISITORS = 50
DECLINED_EVERY, MERGED_EVERY = 50, 60
"""Of every so many arrivals the moderator declines one and merges one; the rest are published."""
HTTP_EVERY, RESENT_EVERY, TWICE_AT_ONCE_EVERY, DRAFT_EVERY, CLERK_EVERY = 5, 11, 7, 4, 5
UNDECIDED, DEFERRED, REFUSED, MERGED_LATER, WITHDRAWN, ANSWERED_LATER = 4, 5, 2, 3, 2, 2
SMALLEST = 40
"""With fewer questions the parts of the story would get into each other's way."""
TIME_LIMIT_SECONDS = 600

Say = Callable[[str], None]


@dataclass
class Visitor:
    """A citizen with a token, a connection, and the questions they will ask."""

    number: int
    token: str
    ear: Ear
    questions: list[tuple[int, Asked]]
    own: set[int] = field(default_factory=set)


@dataclass
class Replay:
    """One interview being played.

    Attributes:
        home: the running installation.
        http: a session whose base is the server.
        asked: what is asked, in order.
        say: takes a line of progress.
        book: what this side knows, for the comparison at the end.
    """

    home: house.House
    http: aiohttp.ClientSession
    asked: Sequence[Asked]
    visitors: list[Visitor]
    staff: dict[str, Ear]
    readers: dict[str, Ear]
    say: Say
    book: tally.Book

    @property
    def public(self) -> str:
        """The stream that everybody may read."""
        return f"interview:{self.home.interview}:public"

    @property
    def internal(self) -> str:
        """The stream of those who work in the interview."""
        return f"interview:{self.home.interview}:staff"

    @property
    def staged_wanted(self) -> int:
        """How many questions come on stage and are answered: 40 of 300."""
        return max(8, len(self.asked) * 40 // 300)

    async def play(self) -> None:
        """The whole story in its order."""
        await self._open()
        with self._timed("提问、审核和支持"):
            await self._collect()
        ranked = await self._tidy()
        with self._timed("上场和答复"):
            await self._stage(ranked)
        with self._timed("结束和会后"):
            await self._close()

    def _timed(self, name: str) -> "_Clock":
        return _Clock(name, self.book.seconds, self.say)

    async def _open(self) -> None:
        """Staff and readers listen from the first event on; 李主持 opens."""
        for who in ("审核员小张", "李主持", "王处长"):
            await self.staff[who].watch(self.internal, 0)
        await self.readers["一直在看的读者"].watch(self.public, 0)
        await self.readers["断线的读者"].watch(self.public, 0)
        host = self.staff["李主持"]
        await host.call("interview.open", interview=self.home.interview)
        await host.call("interview.say", interview=self.home.interview, text="各位网友下午好，访谈现在开始。")

    async def _collect(self) -> None:
        """Everybody asks at once, the moderator decides as they come, everybody supports as they are published."""
        arrivals = self.staff["审核员小张"].feed(self.internal, "question.submitted")
        supporting = []
        async with asyncio.TaskGroup() as group:
            for visitor in self.visitors:
                published = visitor.ear.feed(self.public, "question.published")
                await visitor.ear.watch("me", 0)
                await visitor.ear.watch(self.public, 0)
                supporting.append((group.create_task(self._supports(visitor, published)), published))
            group.create_task(self._is_cut_off())
            asking = [group.create_task(self._asks(visitor)) for visitor in self.visitors]
            moderating = group.create_task(self._moderates(arrivals))
            await asyncio.gather(*asking, moderating)
            head = await tally.head(self.http, self.public)
            for visitor, (task, published) in zip(self.visitors, supporting, strict=True):
                await visitor.ear.reaches(self.public, head)
                await published.join()
                task.cancel()

    async def _is_cut_off(self) -> None:
        """One reader loses the connection while the questions come in."""
        reader = self.readers["断线的读者"]
        await reader.reaches(self.public, len(self.asked) // 2)
        await reader.cut()

    async def _asks(self, visitor: Visitor) -> None:
        """Over the socket, some over HTTP, some twice under one ``client_id``, one after the other or at once."""
        for index, asked in visitor.questions:
            sent = {
                "interview": self.home.interview,
                "text": asked.text,
                "kind": asked.kind,
                "client_id": f"replay-{index:06d}",
            }
            if asked.nickname:
                sent["nickname"] = asked.nickname
            if index % TWICE_AT_ONCE_EVERY == 0:
                first, second = await asyncio.gather(
                    visitor.ear.call("question.submit", **sent), self._posts(visitor, sent)
                )
                self.book.resent(first, second)
            elif index % HTTP_EVERY == 0:
                first = await self._posts(visitor, sent)
            else:
                first = await visitor.ear.call("question.submit", **sent)
            if index % RESENT_EVERY == 0:
                self.book.resent(first, await visitor.ear.call("question.submit", **sent))
            visitor.own.add(first["question"])
            self.book.asked(first["question"], asked.text)

    async def _posts(self, visitor: Visitor, sent: dict[str, Any]) -> dict[str, Any]:
        path = f"/api/interviews/{self.home.interview}/questions"
        body = {name: value for name, value in sent.items() if name != "interview"}
        async with self.http.post(path, json=body, headers={"X-Visitor": visitor.token}) as answer:
            found: dict[str, Any] = await answer.json()
            if answer.status not in (200, 201):
                raise Refused("POST question.submit", found["error"])
            return found

    async def _moderates(self, arrivals: asyncio.Queue[Event]) -> None:
        """By the order of arrival: most published, a few declined or merged, the last ones left for later."""
        moderator, target = self.staff["审核员小张"], 0
        reasons = cycle(DeclineReason)
        for arrival in range(1, len(self.asked) + 1):
            async with asyncio.timeout(60):
                question = (await arrivals.get())["body"]["question"]
            if arrival > len(self.asked) - UNDECIDED:
                self.book.undecided.append(question)
            elif arrival % DECLINED_EVERY == DECLINED_EVERY // 2:
                await moderator.call("question.decline", question=question, reason=next(reasons).value)
                self.book.fates[question] = "declined"
            elif target and arrival % MERGED_EVERY == MERGED_EVERY * 2 // 3:
                await moderator.call("question.merge", question=question, into=target)
                self.book.fates[question] = "merged"
            else:
                await moderator.call("question.publish", question=question)
                self.book.published.append(question)
                target = target or question

    async def _supports(self, visitor: Visitor, published: asyncio.Queue[Event]) -> None:
        while True:
            question = (await published.get())["body"]["question"]
            try:
                if question not in visitor.own and _likes(visitor.number, question):
                    await visitor.ear.call("question.support", question=question)
            except Refused as refused:
                # A question sent over HTTP may be heard of before its answer has told that it is one's own.
                if refused.code != "question.own":
                    raise
            finally:
                published.task_done()

    async def _tidy(self) -> list[int]:
        """Merge a few public questions, let two askers take theirs back; the rest, the most supported first."""
        supports = await self._supports_now()
        ranked = sorted(self.book.published, key=lambda question: (-supports[question], question))
        moderator, first = self.staff["审核员小张"], ranked[0]
        for question in ranked[-MERGED_LATER:]:
            await moderator.call("question.merge", question=question, into=first)
            self.book.fates[question] = "merged"
        for question in ranked[-MERGED_LATER - WITHDRAWN : -MERGED_LATER]:
            asker = next(visitor for visitor in self.visitors if question in visitor.own)
            await asker.ear.call("question.withdraw", question=question)
            self.book.fates[question] = "withdrawn"
        return ranked[: -MERGED_LATER - WITHDRAWN]

    async def _supports_now(self) -> dict[int, int]:
        state = await tally.snapshot(self.http, self.public)
        return {question["question"]: question["supports"] for question in state["questions"].values()}

    async def _stage(self, ranked: list[int]) -> None:
        """The host stays one question ahead of the guest; then the deferrals and the refusals."""
        host, guest = self.staff["李主持"], self.staff["王处长"]
        reader = self.readers["断线的读者"]
        await reader.connect()
        await reader.watch(self.public, reader.last(self.public))
        answered = ranked[: self.staged_wanted]
        deferred = ranked[len(answered) : len(answered) + DEFERRED]
        refused = ranked[len(answered) + DEFERRED : len(answered) + DEFERRED + REFUSED]
        waiting: list[int] = []
        for place, question in enumerate(answered):
            await host.call("question.stage", question=question)
            waiting.append(question)
            if place == len(answered) // 2:
                await self.readers["来得晚的读者"].connect()
                await self.readers["来得晚的读者"].watch(self.public)
            if len(waiting) > 1:
                await self._answers(place, waiting.pop(0))
        await self._answers(len(answered), waiting.pop())
        for question in deferred:
            await host.call("question.stage", question=question)
            reason = "要和别的部门核对数字，会后书面答复。"
            await guest.call("question.defer", question=question, reason=reason)
            self.book.deferred_with_reason.append(question)
        grounds = (Ground.TRADE_SECRET, Ground.PERSONAL_PRIVACY)
        for question, ground in zip(refused, cycle(grounds), strict=False):
            reason = "这里面有不能公开的内容，依据规定不予答复。"
            told = "能公开的部分：办理的时限和条件，指南里都有。"
            await guest.call(
                "question.refuse", question=question, ground=ground.value, reason=reason, partial=told
            )
            self.book.fates[question] = "refused"

    async def _answers(self, place: int, question: int) -> None:
        """The guest answers, after a draft at times; now and then the clerk types what the guest says."""
        text = self.book.answers[self.book.texts[question]]
        if place % DRAFT_EVERY == 0:
            await self.staff["王处长"].call("answer.draft", question=question, text=text[:8])
        if place % CLERK_EVERY == 0:
            clerk = self.staff["许主任"]
            await clerk.call("question.answer", question=question, text=text, speaker=house.GUEST[0])
        else:
            await self.staff["王处长"].call("question.answer", question=question, text=text)
        self.book.fates[question] = "answered"

    async def _close(self) -> None:
        """Close with a reason, decide what was left, answer two of the deferred, send the summary, write it out."""
        interview, host, moderator = self.home.interview, self.staff["李主持"], self.staff["审核员小张"]
        await host.call("interview.say", interview=interview, text="时间到了，没答完的会后书面答复。")
        reason = "这是一次重放，问题已经过完，提前结束。"
        await host.call("interview.close", interview=interview, reason=reason)
        for question in self.book.undecided[1:]:
            await moderator.call("question.publish", question=question)
            self.book.published.append(question)
        left = self.book.undecided[0]
        await moderator.call("question.decline", question=left, reason=DeclineReason.NOT_A_QUESTION.value)
        self.book.fates[left] = "declined"
        for question in self.book.deferred_with_reason[:ANSWERED_LATER]:
            text = "已经核对清楚。" + self.book.answers[self.book.texts[question]]
            await self.staff["许主任"].call("question.answer", question=question, text=text)
            self.book.fates[question] = "answered"
        for question in self.book.published:
            self.book.fates.setdefault(question, "deferred")
        await self.staff["周科长"].call("summary.send", interview=interview)


class _Clock:
    """Takes the time of one part of the story and says when it is over."""

    def __init__(self, name: str, seconds: dict[str, float], say: Say) -> None:
        self._name, self._seconds, self._say = name, seconds, say

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._seconds[self._name] = round(time.perf_counter() - self._began, 2)
        self._say(f"{self._name}：{self._seconds[self._name]} 秒")


def _likes(visitor: int, question: int) -> bool:
    """Whether a visitor supports a question: a few draw many, most draw few, and every replay is the same."""
    appeal = Random(f"appeal of {question}").random() ** 3
    return Random(f"{visitor} reads {question}").random() < 0.18 * appeal


async def replay(
    questions: int,
    data: Path,
    *,
    visitors: int = VISITORS,
    postgres: str | None = None,
    exams: Path | None = None,
    say: Say = lambda _line: None,
) -> dict[str, Any]:
    """Play one whole interview on a server of its own and compare every count at the end.

    Args:
        questions: how many are asked; where the source holds fewer, all it has.
        data: an empty directory; the database (without ``postgres``), the server's log and the reports go there.
        visitors: how many citizens ask and support, each with a connection.
        postgres: the URL of an empty PostgreSQL database.
        exams: where the exams lie; the default is that of ``bench.questions``.
        say: takes lines of progress in Chinese.

    Returns:
        ``{"ok", "source", "database", "questions", "visitors", "readers", "fates", "counts", "events",
        "checks", "seconds"}``; ``checks`` are ``{"name", "ok", "detail"}``.

    Raises:
        Refusal: fewer than 40 questions or two visitors, or a database that is not empty.
        Refused: the server refused a command that it must take.
    """
    found = corpus(questions, exams)
    if len(found.questions) < SMALLEST or visitors < 2:
        raise Refusal("replay.small", f"至少要{SMALLEST}个问题和两位网友。请改大一些。", status=400)
    say(found.source)
    began = time.perf_counter()
    book = tally.Book(answers={asked.text: asked.answer for asked in found.questions})
    async with asyncio.timeout(TIME_LIMIT_SECONDS), AsyncExitStack() as stack:
        with _Clock("准备和启动", book.seconds, say):
            home = await stack.enter_async_context(house.opened(data, postgres))
            played = await stack.enter_async_context(_crowd(home, found.questions, visitors, book, say))
        await played.play()
        with _Clock("核对", book.seconds, say):
            result = await tally.compare(played.home, played.http, book, _listeners(played))
    seconds = book.seconds | {"总共": round(time.perf_counter() - began, 2)}
    return result | {
        "source": found.source,
        "database": "sqlite" if postgres is None else "postgresql",
        "visitors": visitors,
        "fates": dict(sorted(Counter(book.fates.values()).items())),
        "seconds": seconds,
    }


def _listeners(played: Replay) -> list[tally.Listener]:
    """Everybody who listened, to what, and the header by which the same stream is read over HTTP."""
    listeners = [
        tally.Listener(f"{who}", played.internal, played.staff[who], played.home.bearer(who))
        for who in ("审核员小张", "李主持", "王处长")
    ]
    listeners += [tally.Listener(name, played.public, ear, {}) for name, ear in played.readers.items()]
    for visitor in played.visitors:
        name, header = f"网友{visitor.number}", {"X-Visitor": visitor.token}
        listeners.append(tally.Listener(name, played.public, visitor.ear, header))
        listeners.append(tally.Listener(name, "me", visitor.ear, header))
    return listeners


@asynccontextmanager
async def _crowd(
    home: house.House, asked: Sequence[Asked], visitors: int, book: tally.Book, say: Say
) -> AsyncIterator[Replay]:
    """Everybody connected, except the reader who comes late."""
    async with aiohttp.ClientSession(home.url) as http, AsyncExitStack() as stack:
        staff = {who: Ear(home.url, {"token": token}) for who, token in home.tokens.items()}
        readers = {name: Ear(home.url) for name in ("一直在看的读者", "断线的读者", "来得晚的读者")}
        citizens = []
        for number in range(visitors):
            async with http.post("/api/visitor") as answer:
                token = (await answer.json())["visitor"]
            theirs = list(enumerate(asked))[number::visitors]
            citizens.append(Visitor(number, token, Ear(home.url, {"visitor": token}), theirs))
        everybody = [*staff.values(), *readers.values(), *(visitor.ear for visitor in citizens)]
        for ear in everybody:
            stack.push_async_callback(ear.cut)
            if ear is not readers["来得晚的读者"]:
                await ear.connect()
        yield Replay(home, http, asked, citizens, staff, readers, say, book)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.replay", description="用真实的连接重放一整场访谈。"
    )
    parser.add_argument("--questions", type=int, default=300, help="提多少个问题，默认 300。")
    parser.add_argument("--visitors", type=int, default=VISITORS, help="多少位网友，默认 50。")
    parser.add_argument("--postgres", help="一个空的 PostgreSQL 数据库的地址；不写就用 SQLite。")
    parser.add_argument(
        "--exams", type=Path, help="问题数据的目录，默认是 FANGTAN_EXAMS 或 ../shared/exams。"
    )
    parser.add_argument("--keep", type=Path, help="数据库、日志和报告放在哪个空目录；不写就用完删掉。")
    parser.add_argument("--json", action="store_true", help="在标准输出上给一份 JSON。")
    return parser.parse_args(words)


async def _run(chosen: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="fangtan-replay-") as scratch:
        data = chosen.keep or Path(scratch)
        data.mkdir(parents=True, exist_ok=True)
        return await replay(
            chosen.questions,
            data,
            visitors=chosen.visitors,
            postgres=chosen.postgres,
            exams=chosen.exams,
            say=lambda line: print(line, file=sys.stderr, flush=True),
        )


def main(words: Sequence[str] | None = None) -> int:
    """The command: 0 where everything agrees, 1 where something does not, 2 for bad input."""
    chosen = _arguments(words)
    try:
        result = asyncio.run(_run(chosen))
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return 2
    except (RuntimeError, OSError) as error:
        print(f"没有做完：{error}", file=sys.stderr)
        return 1
    if chosen.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        print("\n".join(tally.lines(result)))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
