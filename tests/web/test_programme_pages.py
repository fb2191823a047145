"""The programme by forms alone, its files over HTTP and the command line, and the calendars people subscribe to."""

import re
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import time_machine
from icalendar import Calendar
from sqlalchemy import select
from sqlmodel import col

from base.clock import SHANGHAI
from base.people import Person
from interviews.models import Duty, Interview, PlanChange
from tests import cast
from tests.cast import at
from tests.interviews.test_plan_files import GOOD, HEAD, ROW, book
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_cli import data_of, fangtan, installation, said
from web import calendars

assert installation, "the empty installation of the command line's tests"
PAGE = "/office/programme"


@pytest.fixture
async def browser(town: Town) -> Browser:
    return Browser(town)


async def uploads(browser: Browser, content: bytes, name: str) -> int:
    """Send a file by the form of the open page."""
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.text)
    form = aiohttp.FormData()
    form.add_field("csrf", token[1] if token else "")
    form.add_field("file", content, filename=name)
    async with browser.client.post(f"{PAGE}/import", data=form) as answer:
        browser.text, browser.status = await answer.text(), answer.status
    return browser.status


async def themes(town: Town) -> set[str]:
    async with town.city.act("周科长", cast.DURING) as uow:
        return set(await uow.db.scalars(select(col(Interview.theme))))


# The page


async def test_only_the_office_plans_and_the_supervisor_reads(browser: Browser) -> None:
    for role, status in (("office", 200), ("supervisor", 200), ("clerk", 404), ("recipient", 404)):
        await browser.signs_in(role)
        assert await browser.opens(PAGE) == status, role
    await browser.signs_in("supervisor", PAGE)
    assert "从表格导入" not in browser.text
    assert await uploads(browser, book(ROW), "plan.xlsx") == 404
    browser.client.session.cookie_jar.clear()
    await browser.opens(PAGE)
    assert browser.path == "/login"


async def test_the_year_and_its_months_are_listed_with_the_meter(browser: Browser) -> None:
    await browser.signs_in("office", PAGE)
    assert "2026年访谈计划" in browser.text
    assert f'href="/office/interviews/{browser.town.city.interview}"' in browser.text
    assert "还差25场没有排" in browser.text
    assert await browser.opens(f"{PAGE}?year=2026&month=4") == 200
    assert "还没有排访谈" in browser.text
    assert await browser.opens(f"{PAGE}?year=2027&month=13") == 200
    assert await browser.opens(f"{PAGE}?year=九九&month=x") == 200


# Files


async def test_a_file_is_shown_first_and_imported_then(browser: Browser) -> None:
    await browser.signs_in("office", PAGE)
    resting = (
        "供水，怎么“修”<b>", "2026-05-16 09:30", "2026-05-16 11:30", "水务局", None, None,
    )  # fmt: skip
    assert await uploads(browser, book(ROW, resting), "计划.xlsx") == 200
    assert "要导入的2场" in browser.text
    assert "2026年5月16日（周六）是休息日" in browser.text
    assert await themes(browser.town) == {"城乡居民医保缴费和异地就医"}
    sent = re.search(r'name="rows" value="([^"]*)"', browser.text)
    assert sent is not None
    assert await browser.sends(f"{PAGE}/apply", rows=unescape(sent[1])) == 200
    assert "2场都排进计划了" in browser.text
    assert await themes(browser.town) > {"公交线网调整", "供水，怎么“修”<b>"}
    assert "<b>" not in browser.text.split("供水，怎么“修”")[1][:10]
    again = await browser.sends(f"{PAGE}/apply", rows=unescape(sent[1]))
    assert again == 400
    assert "这2场都已经在计划里，没有要导入的" in browser.text


async def test_a_file_with_a_problem_cannot_be_applied(browser: Browser) -> None:
    await browser.signs_in("office", PAGE)
    bad = "题,2026-04-20 09:30,2026-04-20 12:30,水利部,,\n"
    assert await uploads(browser, (HEAD + GOOD + bad).encode(), "plan.csv") == 200
    assert "有2处要改" in browser.text
    assert "第3行respondents列：答复单位“水利部”没有登记" in browser.text
    assert 'name="rows"' not in browser.text
    assert await uploads(browser, b"PK", "plan.csv") == 400
    assert "内容却不是" in browser.text
    assert await browser.sends(f"{PAGE}/apply", rows="[[1") == 400
    assert await browser.sends(f"{PAGE}/import") == 400
    assert await themes(browser.town) == {"城乡居民医保缴费和异地就医"}


async def test_a_file_is_asked_for_and_criticised_in_the_words_that_it_uses(browser: Browser) -> None:
    await browser.signs_in("office", PAGE)
    assert "题目、开始、结束、答复单位、主持人、地点" in browser.text
    assert "starts_at、" not in browser.text
    sheet = "题目,开始时间,结束,答复单位\n题,明天,2026-04-20 11:30,水利部\n"
    assert await uploads(browser, sheet.encode(), "plan.csv") == 200
    assert "第2行开始时间列：看不懂“明天”" in browser.text
    assert "第2行答复单位列：答复单位“水利部”没有登记" in browser.text


async def test_what_another_site_sends_is_refused(browser: Browser) -> None:
    await browser.signs_in("office", PAGE)
    browser.text = ""
    assert await uploads(browser, book(ROW), "plan.xlsx") == 403


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_the_plan_leaves_as_a_file(browser: Browser, kind: str) -> None:
    await browser.signs_in("office", PAGE)
    async with browser.client.get(f"{PAGE}/2026.{kind}?month=3") as answer:
        content = await answer.read()
        assert answer.headers["Content-Disposition"] == f'attachment; filename="plan-2026-03.{kind}"'
    assert await uploads(browser, content, f"plan.{kind}") == 200
    assert "这1场都已经在计划里，不会动" in browser.text
    assert 'name="rows"' not in browser.text


async def test_rows_added_to_what_left_are_imported_and_the_others_left_alone(browser: Browser) -> None:
    await browser.signs_in("office", PAGE)
    async with browser.client.get(f"{PAGE}/2026.csv") as answer:
        content = (await answer.text(encoding="utf-8-sig")).rstrip() + "\n" + GOOD
    assert await uploads(browser, content.encode(), "plan.csv") == 200
    assert "要导入的1场" in browser.text
    assert "另有1场已经在计划里，不会动" in browser.text
    assert browser.text.count("已经在计划里，没有动") == 1
    sent = re.search(r'name="rows" value="([^"]*)"', browser.text)
    assert sent is not None
    assert await browser.sends(f"{PAGE}/apply", rows=unescape(sent[1])) == 200
    assert "1场都排进计划了，各件事的日子也排好了。另有1场已经在计划里，没有动。" in browser.text
    assert await themes(browser.town) == {"城乡居民医保缴费和异地就医", "公交线网调整"}


# Proposals


async def test_dates_are_proposed_with_reasons_and_taken_by_form(browser: Browser) -> None:
    await browser.signs_in("office", PAGE)
    body = browser.town.city.bodies["水务局"]
    asked = f"{PAGE}?year=2026&propose=1&first=2026-03-06&last=2026-05-31&count=2&start=10:00&bodies={body}"
    assert await browser.opens(asked) == 200
    assert "建议这2天" in browser.text
    assert "最早只能排2026年3月27日" in browser.text
    assert "长假前一天" in browser.text
    start = re.search(r'name="starts_at" value="([^"]+)"', browser.text)
    end = re.search(r'name="ends_at" value="([^"]+)"', browser.text)
    assert start is not None
    assert end is not None
    sent = {"starts_at": start[1], "ends_at": end[1], "respondents": str(body), "back": PAGE}
    assert await browser.sends("/do/interview.schedule", theme="", **sent) == 400
    assert "2026年访谈计划" in browser.text
    assert await browser.sends("/do/interview.schedule", theme="供水", **sent) == 200
    assert "供水" in await themes(browser.town)


@pytest.mark.parametrize(
    "asked",
    ["first=2026-02-30", "count=many", "count=0", "start=25:00", "bodies=999", "last=2025-01-01", "first=x"],
)
async def test_a_wish_that_makes_no_sense_says_so(browser: Browser, asked: str) -> None:
    await browser.signs_in("office", PAGE)
    assert await browser.opens(f"{PAGE}?propose=1&{asked}") == 400
    assert "请" in browser.text
    assert "找日子" in browser.text


# What changed


async def test_changes_of_the_issued_plan_are_public(browser: Browser) -> None:
    city = browser.town.city
    async with city.act("何主任", cast.DURING) as uow:
        uow.db.add(
            PlanChange(
                year=2026, interview_id=city.interview, kind="moved", text="由3月6日改到3月20日",
                ground="public_demand", reason="来信要求 <b>", at=uow.now,
            )
        )  # fmt: skip
    for path in ("/interviews?year=2026", "/interviews"):
        await browser.opens(path)
        assert "由3月6日改到3月20日" in browser.text
        assert "按公众要求" in browser.text
        assert "来信要求 &lt;b&gt;" in browser.text
    await browser.opens("/interviews?year=2025")
    assert "由3月6日改到3月20日" not in browser.text
    await browser.signs_in("office", PAGE)
    assert "由3月6日改到3月20日" in browser.text


# Calendars


async def test_the_public_calendar_is_read_by_a_calendar_library(browser: Browser) -> None:
    async with browser.town.city.act("周科长", cast.DURING) as uow:
        found = await uow.db.get_one(Interview, browser.town.city.interview)
        found.theme = "一；二, 三\\四\n" + "很长" * 40
    await browser.opens("/interviews.ics")
    (event,) = events_of(browser.text)
    assert str(event["summary"]) == found.theme
    assert event.start == cast.START
    assert str(event["status"]) == "CONFIRMED"


def events_of(text: str) -> list[Any]:
    """The events of a calendar; the library's own types are wider than what one finds in them."""
    return list(Calendar.from_ical(text).walk("VEVENT"))


def rings(event: Any) -> datetime:
    """When the one alarm of an event goes off."""
    (alarm,) = event.walk("VALARM")
    moment: datetime = alarm["trigger"].dt
    return moment.astimezone(SHANGHAI)


async def feed(browser: Browser, role: str) -> str:
    """The address of a role's private feed, taken from its page."""
    await browser.signs_in(role)
    assert 'href="/staff/calendar"' in browser.text
    await browser.opens("/staff/calendar")
    found = re.search(r'value="http://[^/]+(/staff/duties\.ics\?token=[^"]+)"', browser.text)
    assert found is not None
    browser.client.session.cookie_jar.clear()
    return unescape(found[1])


async def test_each_one_gets_their_own_duties_with_an_alarm_in_the_morning(browser: Browser) -> None:
    city = browser.town.city
    city.interview = await city.plan(at("2026-05-20 09:30"))
    async with city.act("周科长", cast.DURING) as uow:
        owed = list(await uow.db.scalars(select(Duty).where(col(Duty.interview_id) == city.interview)))
    expected = {
        "office": {duty.title for duty in owed if duty.owed_by == "office"},
        "clerk": {duty.title for duty in owed if duty.body_id == city.bodies["医保局"]},
        "supervisor": set(),
    }
    for role, titles in expected.items():
        await browser.opens(await feed(browser, role))
        assert browser.status == 200
        events = [
            event for event in events_of(browser.text) if str(event["url"]).endswith(f"/{city.interview}")
        ]
        assert {str(event["summary"]).partition("：")[0] for event in events} == titles, role
        for event in events:
            assert (rings(event).date(), rings(event).hour) == (event.start, 9)
        assert all(len(line.encode()) <= 75 for line in browser.text.split("\r\n"))


async def test_what_is_overdue_goes_to_the_supervisor_and_rings_today(browser: Browser) -> None:
    city = browser.town.city
    late = await city.plan(at("2026-03-20 09:30"))
    await browser.opens(await feed(browser, "supervisor"))
    events = events_of(browser.text)
    assert events
    for event in events:
        assert str(event["summary"]).startswith("逾期：")
        assert str(event["url"]).endswith(f"/{late}")
        assert rings(event).date() == cast.DURING.date()


async def test_a_feed_opens_for_nobody_else(browser: Browser) -> None:
    address = await feed(browser, "office")
    assert not re.search(r"token=\d", address), "no person in an address"
    assert await browser.opens(address) == 200
    for wrong in ("/staff/duties.ics", "/staff/duties.ics?token=x", address[:-8] + "AAAAAAA="):
        assert await browser.opens(wrong) == 404
    assert await browser.opens("/office") == 200
    assert browser.path == "/login", "the token signs nobody in"
    city = browser.town.city
    async with city.act("周科长", cast.DURING) as uow:
        person = await uow.db.get_one(Person, city.people["周科长"].person_id)
        person.password_hash = "another"
    assert await browser.opens(address) == 404


async def test_a_recipient_owes_nothing_and_has_no_feed(browser: Browser) -> None:
    await browser.signs_in("recipient")
    assert "/staff/calendar" not in browser.text
    assert await browser.opens("/staff/calendar") == 404


def test_control_characters_do_not_break_a_calendar() -> None:
    assert calendars.plain("一\x00二\x0b三\n四") == "一二三\n四"


# The command line


def test_plan_import_check_and_export_on_the_command_line(installation: Path) -> None:
    data = ("--data", str(installation))
    file = installation / "plan.csv"
    file.write_text(HEAD + GOOD, encoding="utf-8")
    line = said(fangtan("plan", "import", str(file), *data), 2)
    assert "第2行respondents列：答复单位“水务局”没有登记" in line
    preview = data_of(fangtan("plan", "import", str(file), "--preview", "--json", *data))
    assert preview["interviews"] == []
    assert {one["column"] for one in preview["problems"] if one["blocks"]} == {"respondents", "host"}
    checked = data_of(fangtan("plan", "check", "2031", "--json", *data))
    assert {key: checked[key] for key in checked if key != "problems"} == {
        "year": 2031, "required": 26, "held": 0, "announced": 0, "planned": 0, "shortfall": 26,
    }  # fmt: skip
    assert all(set(one) == {"interview", "article", "message"} for one in checked["problems"])
    assert fangtan("plan", "export", "2026", "--output", str(installation / "o.xlsx"), *data).returncode == 0
    assert "没有要导入的行" in said(fangtan("plan", "import", str(installation / "o.xlsx"), *data), 2)
    said(fangtan("plan", "import", str(installation / "none.csv"), *data), 2)
    said(fangtan("plan", "export", "2026", "--output", str(installation / "o.pdf"), *data), 2)


async def test_the_page_of_a_year_that_is_over_tells_what_came_of_it(browser: Browser) -> None:
    with time_machine.travel(at("2027-02-01 09:00"), tick=True):
        await browser.signs_in("office", f"{PAGE}?year=2026")
        assert "照到今天的进度算" not in browser.text
