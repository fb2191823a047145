"""信息办 and the offices that read: one interview from its planning to the last acknowledgement of its report.

周科长 does every act of the office by the button that the day offers him. What bodies, host and citizens do in between
is done beside the pages; their own pages: ``test_role_body``, ``test_role_stage``.
"""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests import cast
from tests.browser.roles import Place, Visit, place
from tests.cast import at
from tests.conftest import Prepared

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

THEME = "城乡居民医保缴费和异地就医"
BY_PHONE = "村里老人能不能交现金？"
VENUE_DAY = at("2026-03-02 11:00")


async def _opens_the_interview(office: Visit) -> None:
    """From 今天 to the page of the interview."""
    await office.follow(THEME, within="main")
    await office.says("要办的事")


async def _plans(here: Place) -> None:
    office = await here.comes("office")
    for name in ("计划", "日历"):
        await office.follow(name, within=".site-nav")
    await office.follow("排一场", within=".site-nav")
    page = office.page
    await page.get_by_label("题目").fill(THEME)
    await page.get_by_label("开始", exact=True).fill("2026-03-06T14:30")
    await page.get_by_label("结束").fill("2026-03-06T16:30")
    await page.get_by_label("示例市医疗保障局").check()
    await page.get_by_label("主持人（可以后定）").select_option(label="李主持")
    await office.press("排上")
    await office.says(THEME)
    here.town.city.interview = 1
    await office.leave()


async def _announces(here: Place) -> None:
    """The day's button; then the body's own account and the moderator are placed."""
    office = await here.comes("office")
    await office.says("发布预告")
    await office.press("发布预告")
    await office.says("预告")
    await office.follow("今天", within=".site-nav")
    await _opens_the_interview(office)
    placing = office.page.get_by_role("region", name="派人")
    for name in ("审核员小张", "王处长"):
        await placing.get_by_label(name).check()
    await office.press("照这样派", placing)
    await expect(office.page.get_by_role("button", name="撤销").first).to_be_visible()
    await office.follow("预告海报", within="main")
    await office.page.go_back()
    await office.follow("代录一个提问", within="main")
    await office.page.get_by_label("电话", exact=True).check()
    await office.page.get_by_label("提问", exact=True).fill(BY_PHONE)
    await office.press("交上，拿回执编号")
    await expect(office.page.locator(".receipt-no").first).to_be_visible()
    await office.leave()


async def _keeps_whom_to_call(here: Place) -> None:
    """周科长 enters somebody at the body, takes her off by mistake, and finds her number beside the interview."""
    office = await here.comes("office")
    await office.follow("看和改", within="section[aria-labelledby=h-bodies]")
    await office.page.get_by_label("找", exact=True).fill("医保局")
    await office.press("找")
    await office.follow("示例市医疗保障局", within="main")
    await office.page.get_by_label("姓名").fill("许静宜")
    await office.page.get_by_label("办公电话").fill("0000-0010101转8012")
    await office.press("加上")
    await office.press("去掉", exact=False)
    await office.says("还没有联系人")
    await office.press("放回来", office.page.locator(".flash"))
    await office.says("许静宜")
    await office.follow("单位", within=".crumbs")
    await office.follow("打印成通讯录", within="main")
    await office.says("网上访谈工作通讯录", "0000-0010101转8012")
    await office.follow("今天", within=".site-nav")
    await _opens_the_interview(office)
    number = office.page.get_by_role("region", name="打给谁").get_by_role("link", name="0000-0010101转8012")
    await expect(number).to_have_attribute("href", "tel:00000010101")
    await office.leave()


async def _forwards(here: Place) -> None:
    """周科长 publishes what he wrote down himself, and hands the pack to the body."""
    office = await here.comes("office")
    await _opens_the_interview(office)
    await office.follow("去主持台", within="main")
    row = office.page.locator("#queue li", has_text=BY_PHONE)
    await expect(office.page.locator("#link")).to_contain_text("已连上")
    await row.get_by_role("button", name="公开", exact=True).click()
    await expect(office.page.locator("#pool > li > div > p", has_text=BY_PHONE)).to_be_visible()
    await office.follow("今天", within=".site-nav")
    await _opens_the_interview(office)
    await office.press("把1个问题转给答复单位")
    await office.says("转交的问题", "还没有打开")
    await office.follow("转交", within="section[aria-labelledby=h-letters]")
    await office.says(BY_PHONE)
    await office.leave()


async def _tells_the_venue(here: Place) -> None:
    office = await here.comes("office")
    await _opens_the_interview(office)
    await office.page.get_by_label("把地点告诉答复单位").fill("市政府3号楼2楼访谈室")
    await office.press("告知")
    await office.says("市政府3号楼2楼访谈室")
    await office.leave()


async def _opens(here: Place) -> None:
    office = await here.comes("office")
    await _opens_the_interview(office)
    await office.press("开始访谈")
    await expect(office.page.locator(".state").first).to_contain_text("正在进行")
    await office.leave()


async def _held(here: Place) -> None:
    """What others do while it is live."""
    city = here.town.city
    question = 1
    await city.does("李主持", "question.stage", question=question)
    await city.does("王处长", "question.answer", question=question, text="能，每周二上午收。")
    await city.does("李主持", "interview.close", cast.END, interview=city.interview)


async def _writes_the_report(here: Place) -> None:
    office = await here.comes("office")
    await office.follow("看过、核签、报送", within="main")
    if await office.page.get_by_role("button", name=re.compile("再拟一版|拟第1版")).count():
        await office.goes_by(office.main.get_by_role("button", name=re.compile("再拟一版|拟第1版")).first)
    await office.page.get_by_label("意见和建议").fill("建议把收费的日子登在首页。")
    await office.press("存成新的一版")
    await office.says("请另一个人核签")
    await office.leave()


async def _is_signed(here: Place) -> None:
    supervisor = await here.comes("supervisor")
    await supervisor.follow(THEME, within="section[aria-labelledby=h-rep]")
    await supervisor.says("建议把收费的日子登在首页。")
    await supervisor.press("核签第", exact=False)
    await supervisor.says("下一步：报送")
    await supervisor.leave()


async def _sends_the_report(here: Place) -> None:
    office = await here.comes("office")
    await office.follow("看过、核签、报送", within="main")
    dialog = await office.unfold("报送第")
    await office.press("报送", dialog)
    await office.says("4/4家")
    await office.leave()


async def _is_read(here: Place) -> None:
    """陈秘书 of an office that receives reports: opened, saved, acknowledged."""
    reader = await here.comes("recipient", only=("/do/report.acknowledge",))
    await reader.says("有1份等您回执")
    await reader.follow(THEME, within="main")
    await reader.says("能，每周二上午收。")
    async with reader.page.expect_download() as coming:
        await reader.page.get_by_role("link", name="Word文件").click()
    assert (await coming.value).suggested_filename.endswith(".docx")
    back = reader.page.get_by_role("link", name="回到汇总报告")
    if await back.count():
        await reader.goes_by(back)
    await reader.page.get_by_label("意见").fill("请附收费点的名单。")
    await reader.press("回执", exact=False)
    await reader.says("回执已经送到信息办")
    await reader.leave()


async def test_one_interview_from_the_plan_to_the_last_receipt(
    browser: Browser, tmp_path: Path, settled_file: Prepared
) -> None:
    async with place(browser, tmp_path, settled_file, cast.PLANNED) as here:
        city = here.town.city
        await _plans(here)
        here.later(cast.ANNOUNCED)
        content = {"theme": THEME, "text": "谈三件事：缴费、断缴和异地就医。"}
        await city.does("许主任", "content.tell", cast.ANNOUNCED, interview=city.interview, **content)
        await _announces(here)
        await _keeps_whom_to_call(here)
        here.later(cast.FORWARDED)
        await _forwards(here)
        here.later(VENUE_DAY)
        guests = [{"name": "王立言", "post": "待遇处处长"}]
        await city.does("许主任", "guests.tell", VENUE_DAY, interview=city.interview, guests=guests)
        await _tells_the_venue(here)
        here.later(cast.START)
        await _opens(here)
        here.later(cast.END)
        await _held(here)
        here.later(at("2026-03-09 09:00"))
        await _writes_the_report(here)
        await _is_signed(here)
        await _sends_the_report(here)
        await _is_read(here)
        office = await here.comes("office")
        await office.follow("计划", within=".site-nav")
        await office.follow(THEME, within="main")
        await office.follow("看报告，看到了哪里", within="main")
        await office.says("请附收费点的名单。")
        here.clean()
