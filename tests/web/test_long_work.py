"""Work that takes long: one at a time, seen on its way, cancelled with everything left as it was."""

import asyncio
import re
from typing import Any

import pytest

from base import audit
from base.errors import Refusal
from interviews import report_files
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.long_record import archive
from tests.web.test_audit_pages import signed_in
from web import long_work
from web.backup_contents import Cancelled
from web.keys import PRESSES, WALK
from web.long_work import LongWork, Work, until_cancelled


def worker() -> LongWork:
    return LongWork(Refusal("busy", "正在办。"), Refusal("idle", "没有在办。"), "停下了。", "没有办成。")


async def over(one: LongWork) -> Work:
    assert one.task is not None
    assert one.work is not None
    await asyncio.wait_for(asyncio.shield(one.task), 60)
    return one.work


async def test_one_at_a_time_told_how_far_and_stopped() -> None:
    one, goes, ended = worker(), asyncio.Event(), []

    async def doing(work: Work, told: Any) -> str:
        for step in range(1, 100):
            told("walk", step, 100)
            await goes.wait()
        return "办完了。"

    async def after(work: Work) -> None:
        ended.append(work.state)

    with pytest.raises(Refusal, match="没有在办"):
        one.cancel()
    work = one.start("walk", "整条链", "审计员", doing, after)
    with pytest.raises(Refusal, match="正在办"):
        one.start("walk", "整条链", "别人", doing)
    await asyncio.sleep(0)
    assert (work.state, work.stage, work.percent) == ("running", "walk", 1)
    one.cancel()
    goes.set()
    assert (await over(one)).state == "cancelled"
    assert (work.said, ended) == ("停下了。", ["cancelled"])
    goes.set()
    again = one.start("walk", "整条链", "审计员", doing)
    await over(one)
    assert (again.state, again.said) == ("done", "办完了。")


async def test_what_is_refused_or_breaks_is_said_and_the_next_can_begin() -> None:
    one = worker()

    async def refused(_work: Work, _told: Any) -> str:
        raise Refusal("no", "字库没有装。")

    async def broken(_work: Work, _told: Any) -> str:
        raise ValueError("secret")

    for doing, said in ((refused, "字库没有装。"), (broken, "没有办成。")):
        one.start("x", "x", "x", doing)
        work = await over(one)
        assert (work.state, work.said) == ("failed", said)


async def test_what_cannot_tell_how_far_it_is_is_ended_too() -> None:
    ended = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    calls = iter([None, None, Cancelled()])

    def told(_stage: str, _done: int, _total: int) -> None:
        if (wrong := next(calls)) is not None:
            raise wrong

    with pytest.raises(Cancelled):
        await until_cancelled(endless(), told, "press", 1, 3)
    assert ended.is_set()


# The auditor's walk


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No page waits for work: all of it is seen on its way."""
    monkeypatch.setattr(long_work, "AT_ONCE", 0.0)
    return monkeypatch


async def test_a_walk_shows_how_far_it_is_and_can_be_stopped(town: Town, at_once: pytest.MonkeyPatch) -> None:
    who, goes, begun = await signed_in(town), asyncio.Event(), asyncio.Event()
    walked_whole = audit.verify

    async def slowly(uow: Any, mark: Any = None, walked: Any = audit.untold) -> audit.Verdict:
        walked(1)
        begun.set()
        await goes.wait()
        walked(2)
        return await walked_whole(uow, mark, walked)

    at_once.setattr(audit, "verify", slowly)
    assert await who.opens("/audit/verify") == 200
    await asyncio.wait_for(begun.wait(), 60)
    async with who.client.get("/audit/verify?work=1") as answer:
        text = await answer.text()
    assert 'content="2;url=/audit/verify?work=1"' in text
    async with who.client.get("/audit/verify?work=1", headers={"Accept": "application/json"}) as answer:
        told = await answer.json()
    assert (told["done"], told["running"]) == (1, True)
    assert re.fullmatch(r"整条链：1条，一共\d+条，\d+%", told["said"])
    assert re.search(r"整条链：1条，一共\d+条，\d+%", text)
    assert "停下" in text
    assert await who.sends("/audit/verify", act="cancel") == 200
    goes.set()
    app = town.client.app
    assert app is not None
    await over(app[WALK])
    await who.opens("/audit/verify?work=1")
    assert "停下了，没有核对完。记录一条也没有动。" in who.text
    assert "完好：" not in who.text


# A report's file


class Press:
    """A press that waits until it is let go."""

    def __init__(self) -> None:
        self.goes, self.begun, self.ended, self.times = asyncio.Event(), asyncio.Event(), False, 0

    async def write(self, _content: Any, _form: str) -> report_files.Printed:
        self.times += 1
        self.begun.set()
        try:
            await self.goes.wait()
        finally:
            self.ended = True
        return report_files.Printed(b"%PDF-", ())


@pytest.fixture
async def long_one(town: Town, at_once: pytest.MonkeyPatch) -> tuple[Browser, Press, str]:
    """周科长 at the report of an interview; its press waits."""
    await archive(town.city)
    press, who = Press(), Browser(town)
    at_once.setattr(report_files, "write", press.write)
    await who.signs_in("office")
    return who, press, f"/office/interviews/{town.city.interview}/report"


async def _asked_for(who: Browser, path: str) -> str:
    async with who.client.get(path, headers={"Accept": "text/html"}) as answer:
        who.text = await answer.text()
        return str(answer.url.path)


async def test_a_long_report_is_made_meanwhile_and_kept_for_who_asked(
    long_one: tuple[Browser, Press, str],
) -> None:
    who, press, home = long_one
    assert await _asked_for(who, f"{home}.pdf") == f"{home}/making"
    await asyncio.wait_for(press.begun.wait(), 60)
    assert "正在做PDF文件" in who.text
    await who.opens(f"{home}/making")
    assert "排版、画图，33%" in who.text
    await who.opens(f"{home}/made")
    assert (who.path, "正在做PDF文件" in who.text) == (f"{home}/making", True)
    press.goes.set()
    await over(_press(who))
    async with who.client.get(f"{home}/making") as answer:
        assert "PDF文件做好了" in await answer.text()
        assert answer.headers["Refresh"] == f"0;url={home}/made?form=pdf"
    async with who.client.get(f"{home}/made") as answer:
        assert (answer.status, await answer.read()) == (200, b"%PDF-")
        assert answer.headers["Content-Type"] == "application/pdf"


async def test_a_long_report_can_be_stopped_and_begun_again(long_one: tuple[Browser, Press, str]) -> None:
    who, press, home = long_one
    await _asked_for(who, f"{home}.pdf")
    await asyncio.wait_for(press.begun.wait(), 60)
    assert await who.sends(f"{home}/making", act="cancel") == 200
    await over(_press(who))
    assert press.ended, "the press goes on printing"
    await who.opens(f"{home}/making")
    assert "停下了，什么也没有留下" in who.text
    assert await _asked_for(who, f"{home}.pdf") == f"{home}/making"


async def test_a_program_waits_and_what_is_made_in_a_moment_comes_at_once(
    long_one: tuple[Browser, Press, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    who, press, home = long_one
    press.goes.set()
    async with who.client.get(f"{home}.pdf") as answer:
        assert await answer.read() == b"%PDF-"
    monkeypatch.setattr(long_work, "AT_ONCE", 60.0)
    async with who.client.get(f"{home}.pdf", headers={"Accept": "text/html"}) as answer:
        assert (answer.url.path, await answer.read()) == (f"{home}.pdf", b"%PDF-")


def _press(who: Browser) -> LongWork:
    app = who.town.client.app
    assert app is not None
    (one,) = app[PRESSES].of.values()
    return one
