"""A report's whole way in four browsers: drafted, written, compared, signed, sent, read, acknowledged, seen.

周科长 and 陈秘书 have no scripts: every act is a form. 何主任 has them, and looks at the pages with axe in both modes.
"""

import time
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from base.db import Database, sqlite_url
from base.people import SYSTEM, Person
from interviews import reports
from tests import cast
from tests.browser.demo import context_of
from tests.browser.looking import axe_findings, size_findings
from tests.browser.serving import free_port, serving
from web import auth
from web.database import migrate

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

PASSWORD = "yi-ge-ce-shi-mi-ma"
WHOLE_WAY_SECONDS = 40


async def ended_city(data: Path) -> cast.City:
    """An interview that is over and drafted by the clock; one question was answered only after that."""
    database = Database(sqlite_url(data / "fangtan.db"))
    await migrate(database)
    city = await cast.settle(database)
    await city.open()
    one = await city.staged("网友甲", "断缴一年，住院能不能报？")
    await city.does("王处长", "question.answer", question=one, text="能报，有三个月等待期。")
    other = await city.published("网友乙", "异地就医怎么备案？")
    await city.does("李主持", "interview.close", cast.END, interview=city.interview)
    async with city.units.act(SYSTEM, cast.END) as uow:
        await reports.draft(uow, city.interview)
    await city.does("王处长", "question.answer", cast.NEXT_DAY, question=other, text="在网上备案。")
    async with city.act("周科长", cast.PLANNED) as uow:
        await cast.give_logins(uow, auth.hash_password(PASSWORD), {"office", "supervisor", "recipient"})
        for person in await uow.db.scalars(select(Person)):
            person.example = False
    await database.close()
    return city


async def signed_in(browser: Browser, base: str, login: str, path: str, **how: bool) -> Page:
    """A page of somebody who signed in and was led to a path."""
    context = await context_of(browser, 1280, 900, base=base, **how)
    page = await context.new_page()
    await page.goto(f"{base}/login?next={path}")
    await page.fill('[name="name"]', login)
    await page.fill('[name="password"]', PASSWORD)
    await page.click("main button.btn")
    await page.wait_for_url(base + path)
    return page


async def test_a_report_from_the_draft_to_the_receipt(
    browser: Browser, tmp_path: Path, shots: Path, slack: float
) -> None:
    city = await ended_city(tmp_path)
    port = free_port()
    base, desk = f"http://127.0.0.1:{port}", f"/office/interviews/{city.interview}/report"
    async with serving(tmp_path, port=port, base_url=base):
        began = time.monotonic()
        office = await signed_in(browser, base, "office", desk, script=False)
        await _draft_and_write(office)
        await _compare(office)
        supervisor = await signed_in(browser, base, "supervisor", "/supervise")
        await _sign(supervisor)
        await _send(office)
        await office.screenshot(path=shots / "report-desk.png", full_page=True)
        recipient = await signed_in(browser, base, "recipient", "/inbox", script=False)
        await _acknowledge(recipient)
        await supervisor.goto(f"{base}/supervise")
        await expect(supervisor.locator("main")).to_contain_text("请附异地就医的数字。")
        await supervisor.get_by_text("送到了的1份").click()
        row = supervisor.locator("tr", has_text="城乡居民医保")
        for words in ("晚了", "何主任核签", "4/4家", "1/4家"):
            await expect(row).to_contain_text(words)
        await office.reload()
        for words in ("陈秘书", "意见：请附异地就医的数字。"):
            await expect(office.locator("main")).to_contain_text(words)
        assert time.monotonic() - began < slack * WHOLE_WAY_SECONDS


async def _draft_and_write(office: Page) -> None:
    """The record has moved on: 周科长 drafts anew and writes what no record says."""
    main = office.locator("main")
    await expect(main).to_contain_text("第1版拟好以后，记录又有了变化")
    await office.get_by_role("button", name="照新的记录再拟一版").click()
    await expect(main).to_contain_text("第2版拟好了")
    await expect(main).to_contain_text("在网上备案。")
    await office.get_by_label("总的情况").fill("这一场来问的人多，集中在缴费。")
    await office.get_by_label("意见和建议").fill("建议把备案办法登在首页。")
    await office.get_by_role("button", name="存成新的一版").click()
    await expect(main).to_contain_text("存成第3版了。下一步：请另一个人核签。")
    await expect(main).to_contain_text("第3版是您写的，要由另一个人核签")
    await expect(office.get_by_role("button", name="核签第3版")).to_have_count(0)


async def _compare(office: Page) -> None:
    back = office.url
    await office.get_by_role("link", name="比较各版").click()
    await expect(office.locator("ins", has_text="这一场来问的人多")).to_be_visible()
    await office.get_by_label("原来的").select_option("1")
    await office.get_by_role("button", name="比较").click()
    await expect(office.locator("ins", has_text="在网上备案。").first).to_be_visible()
    await office.goto(back)


async def _sign(supervisor: Page) -> None:
    table = supervisor.get_by_role("table", name="还没有送到的汇总报告")
    for words in ("等核签", "逾期"):
        await expect(table).to_contain_text(words)
    await table.get_by_role("link", name="城乡居民医保").click()
    await expect(supervisor.locator(".paper")).to_contain_text("建议把备案办法登在首页。")
    await supervisor.get_by_role("button", name="核签第3版").click()
    await expect(supervisor.locator("main")).to_contain_text("第3版核签了。下一步：报送。")


async def _send(office: Page) -> None:
    await office.reload()
    await office.get_by_text("报送第3版……").click()
    await expect(office.locator("main")).to_contain_text("送给4家：示例市委办公室")
    await office.get_by_role("button", name="报送", exact=True).click()
    await expect(office.locator("main")).to_contain_text("汇总报告第3版送出了")
    await expect(office.locator(".steps li", has_text="送到")).to_contain_text("4/4家")


async def _acknowledge(recipient: Page) -> None:
    await recipient.get_by_role("link", name="城乡居民医保").first.click()
    await expect(recipient.locator(".paper")).to_contain_text("能报，有三个月等待期。")
    async with recipient.expect_download() as saved:
        await recipient.get_by_role("link", name="Word文件").click()
    assert (await saved.value).suggested_filename.startswith("汇总报告-城乡居民医保")
    back = recipient.get_by_role("link", name="回到汇总报告")
    if await back.count():
        await back.click()
    await recipient.get_by_label("意见").fill("请附异地就医的数字。")
    await recipient.get_by_role("button", name="回执").click()
    await expect(recipient.locator("main")).to_contain_text("回执已经送到信息办")
    await expect(recipient.get_by_role("button", name="回执")).to_have_count(0)


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
async def test_nothing_for_axe_to_find_on_the_way(browser: Browser, tmp_path: Path, elder: bool) -> None:
    city = await ended_city(tmp_path)
    desk = f"/office/interviews/{city.interview}/report"
    found: list[str] = []

    async def looked_at(page: Page, name: str) -> None:
        await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        here = await axe_findings(page) + await size_findings(page, elder=elder)
        found.extend(f"{name}: {one}" for one in here)

    port = free_port()
    base = f"http://127.0.0.1:{port}"
    async with serving(tmp_path, port=port, base_url=base):
        office = await signed_in(browser, base, "office", desk, elder=elder)
        await looked_at(office, "desk, the record moved")
        await _draft_and_write(office)
        await looked_at(office, "desk, own version")
        await office.goto(f"{base}{desk}/versions?a=1&b=3")
        await looked_at(office, "versions")
        supervisor = await signed_in(browser, base, "supervisor", "/supervise", elder=elder)
        await looked_at(supervisor, "supervise")
        await _sign(supervisor)
        await office.goto(base + desk)
        await looked_at(office, "desk, to be sent")
        await _send(office)
        recipient = await signed_in(browser, base, "recipient", "/inbox", elder=elder)
        await _acknowledge(recipient)
        await looked_at(recipient, "arrived")
        await recipient.goto(f"{base}/inbox")
        await looked_at(recipient, "inbox")
        await supervisor.goto(f"{base}/supervise")
        await looked_at(supervisor, "supervise, with a comment")
        await office.goto(base + desk)
        await looked_at(office, "desk, acknowledged")
    assert found == []
