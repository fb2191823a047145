"""The yearly notice from outside: ``fangtan calendar import``, and the office's page that works without scripts."""

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiohttp import FormData

from base.db import Database, sqlite_url
from base.people import SYSTEM
from interviews import duties
from interviews.models import Duty
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_cli import data_of, fangtan, said
from web.database import migrate

NOTICE = Path(__file__).parent.parent / "interviews" / "cases" / "notice-2027-imagined.csv"
SPRING = cast.at("2027-03-05 14:30")


# The command line


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    """An installation with one interview planned for March 2027."""

    async def prepare() -> None:
        database = Database(sqlite_url(tmp_path / "fangtan.db"))
        await migrate(database)
        city = await cast.settle(database)
        await city.plan(SPRING)
        await database.close()

    asyncio.run(prepare())
    return tmp_path


def dues(data: Path) -> dict[str, tuple[str, int]]:
    with sqlite3.connect(data / "fangtan.db") as database:
        return {
            rule: (due, prov)
            for rule, due, prov in database.execute("select rule, due, provisional from duty")
        }


def test_without_yes_it_says_what_moves_and_changes_nothing(planned: Path) -> None:
    before = dues(planned)
    done = fangtan("calendar", "import", str(NOTICE), "--data", str(planned))
    assert done.returncode == 0, done.stderr
    assert "2027年1月31日（周日）：周末（暂定），改为春节调休上班" in done.stdout
    assert re.search(r"发布预告.*，最后一天由2027年\d+月\d+日（周.）改为2027年", done.stdout)
    assert "加 --yes" in done.stdout
    assert dues(planned) == before


def test_with_yes_it_is_in_force_for_every_command(planned: Path) -> None:
    before = dues(planned)
    found = data_of(fangtan("calendar", "import", str(NOTICE), "--yes", "--data", str(planned), "--json"))
    assert (found["applied"], found["known"], found["year"]) == (True, False, 2027)
    moved = {one["duty"] for one in found["duties"]}
    after = dues(planned)
    assert len(moved) == sum(after[rule][0] != before[rule][0] for rule in after) > 0
    assert all(provisional == 0 for _, provisional in after.values())
    asked = ("deadlines", "--start", "2027-03-05 14:30", "--json", "--data", str(planned))
    counted = {one["id"]: one for one in data_of(fangtan(*asked))["duties"]}
    assert counted["announce"]["due"] == after["announce"][0]
    assert not counted["announce"]["provisional"]
    days = data_of(fangtan("workdays", "2027-02-13", "2027-02-13", "--json", "--data", str(planned)))
    assert days == [{"date": "2027-02-13", "workday": True, "reason": "春节调休上班", "provisional": False}]
    again = data_of(fangtan("calendar", "import", str(NOTICE), "--yes", "--data", str(planned), "--json"))
    assert (again["known"], again["duties"]) == (True, [])


def test_elsewhere_the_year_stays_provisional(tmp_path: Path) -> None:
    days = data_of(fangtan("workdays", "2027-02-13", "2027-02-13", "--json", "--data", str(tmp_path)))
    assert days[0]["provisional"]
    assert list(tmp_path.iterdir()) == []


HEAD = "date,workday,name\n"
BAD = {
    "two truths": (HEAD + "2027-01-01,false,元旦\n2027-01-01,true,元旦\n", "第3行"),
    "another year": (HEAD + "2027-01-01,false,元旦\n2027-01-02,false,元旦\n2029-01-01,false,元旦\n", "2029"),
    "no such day": (HEAD + "2027-02-30,false,春节\n", "不存在"),
    "no words": ("", "空文件"),
    "a year too far": (
        json.dumps({"year": 3027, "days": [{"name": "", "date": "3027-01-01", "isOffDay": True}]}),
        "3027",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_named_and_changes_nothing(planned: Path, tmp_path: Path, what: str) -> None:
    before, (text, hint) = dues(planned), BAD[what]
    file = tmp_path / "通知.csv"
    file.write_text(text, encoding="utf-8")
    line = said(fangtan("calendar", "import", str(file), "--yes", "--data", str(planned)), 2)
    assert hint in line
    assert "通知.csv" in line
    assert dues(planned) == before


def test_what_is_no_file_is_said(planned: Path) -> None:
    for path in (planned, planned / "没有.csv"):
        assert "打不开" in said(fangtan("calendar", "import", str(path), "--data", str(planned)), 2)


# The office's page


@pytest.fixture
async def browser(town: Town) -> AsyncIterator[Browser]:
    """周科长 looks at the calendar on 20 November 2026, with an interview planned for the next spring."""
    await town.city.plan(SPRING)
    with time_machine.travel(cast.at("2026-11-20 09:00"), tick=True):
        opened = Browser(town)
        await opened.signs_in("office", "/office")
        yield opened


async def announce(browser: Browser) -> Duty:
    async with browser.town.city.units.read(SYSTEM) as uow:
        owed = await duties.of_interview(uow, browser.town.city.interview)
    return next(duty for duty in owed if duty.rule == "announce")


async def uploads(browser: Browser, content: bytes, name: str = "放假通知.csv") -> int:
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.text)
    form = FormData()
    form.add_field("csrf", token[1] if token else "")
    form.add_field("file", content, filename=name, content_type="text/csv")
    async with browser.client.post("/office/calendar/notice", data=form) as answer:
        browser.text, browser.status = await answer.text(), answer.status
    return browser.status


def seen(browser: Browser) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', browser.text)
    assert found, browser.text
    return found[1].replace("&#34;", '"').replace("&amp;", "&")


async def test_the_office_is_warned_while_next_years_notice_is_missing(browser: Browser) -> None:
    assert await browser.opens("/office") == 200
    assert "2027年的放假通知还没有收录" in browser.text
    assert await browser.opens("/office/calendar?year=2027") == 200
    assert "（暂定）" in browser.text


async def test_it_sees_what_moves_and_then_applies_it(browser: Browser) -> None:
    await browser.opens("/office/calendar")
    before = await announce(browser)
    assert await uploads(browser, NOTICE.read_bytes()) == 200
    assert "2027年的通知会改什么" in browser.text
    assert "最后一天由" in browser.text
    assert (await announce(browser)).due == before.due
    assert await browser.sends("/office/calendar/notice", seen=seen(browser)) == 200
    assert browser.path == "/office/calendar"
    assert "收录了2027年的放假通知" in browser.text
    assert "2027年的放假通知还没有收录" not in browser.text
    after = await announce(browser)
    assert after.due != before.due
    assert not after.provisional
    await browser.opens("/office")
    assert "放假通知还没有收录" not in browser.text
    await browser.opens("/rules?start=2027-03-05T14:30")
    assert f"{after.due.month}月{after.due.day}日</time></td>" in browser.text


async def test_a_bad_file_is_named_beside_the_field(browser: Browser) -> None:
    await browser.opens("/office/calendar")
    before = await announce(browser)
    assert await uploads(browser, BAD["two truths"][0].encode()) == 400
    assert "第3行" in browser.text
    assert await uploads(browser, b"x" * 1_100_000) == 413
    await browser.opens("/office/calendar")
    assert await browser.sends("/office/calendar/notice") == 400
    assert "请选一份" in browser.text
    assert (await announce(browser)).due == before.due


async def test_why_a_file_is_refused_stands_at_the_top_and_in_the_title(browser: Browser) -> None:
    assert await uploads(browser, "日子,上班\n2027-01-01,0\n".encode()) == 400
    assert "<title>没有收录：" in browser.text
    top, _, below = browser.text.partition('id="h-year"')
    assert 'role="alert"' in top
    assert '<a href="#h-take">' in top
    assert 'role="alert"' not in below
    assert 'aria-describedby="file-h file-e"' in below


async def test_a_form_from_elsewhere_changes_nothing(browser: Browser) -> None:
    await browser.opens("/office/calendar")
    await uploads(browser, NOTICE.read_bytes())
    stolen: dict[str, Any] = {"csrf": "0" * 64, "seen": seen(browser)}
    async with browser.client.post("/office/calendar/notice", data=stolen) as answer:
        assert answer.status == 403
    assert (await announce(browser)).provisional


@pytest.mark.parametrize("role", ["clerk", "supervisor"])
async def test_the_page_is_the_offices(town: Town, role: str) -> None:
    browser = Browser(town)
    await browser.opens("/office/calendar")
    assert browser.path == "/login"
    await browser.signs_in(role, "/")
    assert await browser.opens("/office/calendar") == 404


async def test_provisional_dates_say_so_wherever_they_are_shown(browser: Browser) -> None:
    number = browser.town.city.interview
    for path in (
        "/interviews?year=2027",
        f"/interviews/{number}",
        f"/office/interviews/{number}",
        "/office?scope=all",
    ):
        assert await browser.opens(path) == 200
        assert "（暂定）" in browser.text, path
    await browser.opens("/rules?start=2027-03-05T14:30")
    assert "（暂定）" in browser.text
    async with browser.client.get(f"/api/interviews/{number}") as answer:
        told = await answer.json()
    assert all(duty["provisional"] for duty in told["duties"])
