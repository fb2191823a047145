"""主管部门: told a body what to do and closed it, decided an exception, assessed a year and published the result.

许主任 of 医保局 answers from her desk, 周科长 of the office asks for the exception.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests import cast
from tests.browser.roles import Place, Visit, place
from tests.cast import at
from tests.conftest import Prepared

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

BODY = "示例市医疗保障局"
TOLD = "把异地就医备案办法登到网站首页"
APRIL = timedelta(days=45)
FEBRUARY, MARCH = at("2027-02-05 09:00"), at("2027-03-20 09:00")


async def _tells(supervisor: Visit) -> None:
    """From the lateness of all bodies to an instruction for one of them."""
    for name in ("各单位", "各场", "逾期"):
        await supervisor.follow(name, within=".site-nav")
    await supervisor.says("按条款", "按单位")
    await supervisor.follow("督办单", within=".site-nav")
    await supervisor.follow("写一件督办", within="main")
    page = supervisor.page
    await page.get_by_label("督办哪个单位").select_option(label=BODY)
    await page.get_by_label("要办什么").fill(TOLD)
    await page.get_by_label("哪天以前办好").fill("2026-03-13")
    await supervisor.press("发出督办")
    await supervisor.says(TOLD, "撤回这一件")


async def _body_answers(here: Place) -> None:
    clerk = await here.comes("clerk")
    await clerk.says("主管部门督办的", TOLD)
    await clerk.follow("去答复", within="section[aria-labelledby=h-in]")
    await clerk.page.get_by_label("办了什么").fill("登上去了，在首页“常用办法”里。")
    await clerk.page.get_by_label("谁办的").fill("苏敏，待遇科科长")
    await clerk.press("交给主管部门")
    await clerk.says("答复交上去了")
    await clerk.leave()


async def _closes(here: Place) -> None:
    supervisor = await here.comes("supervisor")
    await supervisor.says("1件有了答复，等您认可")
    await supervisor.follow("督办单", within="main")
    await supervisor.follow(TOLD[:8], within="tbody")
    await supervisor.says("苏敏，待遇科科长", "单位答复了，请您看")
    await supervisor.press("认可，办结")
    await supervisor.says("办结")
    await expect(supervisor.page.get_by_role("button", name="撤回认可").first).to_be_visible()
    await supervisor.leave()


async def test_an_instruction_goes_to_the_bodys_desk_and_comes_back(
    browser: Browser, tmp_path: Path, opened_file: Prepared
) -> None:
    async with place(browser, tmp_path, opened_file, cast.DURING) as here:
        supervisor = await here.comes("supervisor")
        await _tells(supervisor)
        await supervisor.leave()
        await _body_answers(here)
        await _closes(here)
        here.clean()


async def _asks_for_an_exception(here: Place) -> None:
    office = await here.comes("office")
    await office.follow("城乡居民医保", within="#main section[aria-labelledby=h-list]")
    dialog = await office.unfold("向主管部门申请例外")
    await office.look()
    await dialog.get_by_label("哪一项").select_option(index=1)
    await dialog.get_by_label("理由").fill("单位换了负责人，名单要晚两天。")
    await office.press("申请", dialog)
    await office.says("等主管部门定")
    await office.leave()


async def test_an_exception_is_asked_and_decided(
    browser: Browser, tmp_path: Path, settled_file: Prepared
) -> None:
    async with place(browser, tmp_path, settled_file, cast.FORWARDED) as here:
        await here.town.city.plan(cast.START + APRIL)
        await _asks_for_an_exception(here)
        supervisor = await here.comes("supervisor")
        await supervisor.follow("例外", within=".site-nav")
        await supervisor.says("等您定的申请", "单位换了负责人")
        dialog = await supervisor.unfold("定……")
        await supervisor.look()
        await dialog.get_by_label("同意，登记例外").check()
        await dialog.get_by_role("textbox", name="理由").fill("情况属实，同意。")
        await supervisor.press("定", dialog)
        await expect(supervisor.page.get_by_role("heading", name="等您定的申请")).to_have_count(0)
        await expect(supervisor.page.locator("tbody")).to_contain_text("城乡居民医保")
        await supervisor.leave()
        here.clean()


async def _opens_the_year(supervisor: Visit) -> None:
    await supervisor.follow("考评", within=".site-nav")
    await supervisor.page.get_by_label("哪一年").fill("2026")
    await supervisor.page.get_by_label("用哪部办法").select_option("weighted")
    await supervisor.press("开始")
    await supervisor.says("2026年的考评开始了")
    await supervisor.leave()


async def _hands_in(here: Place) -> None:
    """许主任 reports on both halves of the year."""
    clerk = await here.comes("clerk")
    await clerk.follow("考评", within=".site-nav")
    await clerk.follow("2026年", within="main")
    for half in ("上半年", "下半年"):
        dialog = await clerk.unfold(f"报{half}的自查")
        await dialog.get_by_label("自己评多少分").locator("visible=true").fill("96")
        await dialog.get_by_label("这半年的情况").locator("visible=true").fill("都按时办了。")
        await clerk.goes_by(dialog.get_by_role("button", name="报给主管部门").locator("visible=true"))
    await clerk.says("自己报96分")
    await clerk.leave()


async def _checks_and_fixes(here: Place) -> None:
    supervisor = await here.comes("supervisor")
    await supervisor.follow("考评", within=".site-nav")
    await supervisor.follow("2026年考评", within="main")
    await supervisor.follow(BODY, within="tbody")
    for _ in range(2):
        dialog = await supervisor.unfold("核定……")
        await dialog.get_by_label("核定多少分").locator("visible=true").fill("96")
        checked = dialog.get_by_role("button", name="核定", exact=True).locator("visible=true")
        await supervisor.goes_by(checked)
    dialog = await supervisor.unfold("填分数……")
    await dialog.get_by_label("评估机构").fill("某评估中心")
    await dialog.get_by_label("分数").fill("90")
    await supervisor.goes_by(dialog.get_by_role("button", name="记上").locator("visible=true"))
    await supervisor.says("总分")
    await supervisor.follow("2026年", within=".crumbs")
    dialog = await supervisor.unfold("定结果……")
    await supervisor.press("定结果", dialog)
    await supervisor.says("结果定了")
    await supervisor.leave()


async def _objects(here: Place) -> None:
    clerk = await here.comes("clerk")
    await clerk.follow("考评", within=".site-nav")
    await clerk.follow("2026年", within="main")
    dialog = await clerk.unfold("提异议……")
    await dialog.get_by_label("哪里算得不对").fill("那一件改期了。")
    await clerk.press("交上去", dialog)
    await clerk.says("主管部门还没有答复")
    await clerk.leave()


async def _answers_the_objection(here: Place) -> None:
    supervisor = await here.comes("supervisor")
    await supervisor.follow("考评", within=".site-nav")
    await supervisor.follow("2026年考评", within="main")
    await supervisor.follow(BODY, within="tbody")
    await supervisor.page.get_by_label("答复", exact=True).fill("属实，改了。")
    await supervisor.page.get_by_label("改成多少分").fill("95.5")
    await supervisor.press("答复异议")
    await supervisor.says("采纳，分改了")
    await supervisor.leave()


async def test_a_year_is_assessed_and_the_result_published(
    browser: Browser, tmp_path: Path, opened_file: Prepared
) -> None:
    async with place(browser, tmp_path, opened_file, FEBRUARY) as here:
        await _opens_the_year(await here.comes("supervisor"))
        await _hands_in(here)
        await _checks_and_fixes(here)
        await _objects(here)
        await _answers_the_objection(here)
        here.later(MARCH)
        supervisor = await here.comes("supervisor")
        await supervisor.follow("考评", within=".site-nav")
        await supervisor.follow("2026年考评", within="main")
        dialog = await supervisor.unfold("公布……")
        await supervisor.press("公布", dialog)
        await supervisor.says("已经公布")
        await supervisor.follow("看公布的那一页", within="main")
        await supervisor.says("95.5", "优秀")
        here.clean()
