"""答复单位: what the interview is about, who comes, the pack, an answer that a second person passes, a promise, the rest.

许主任 writes, 王处长 passes what she writes; what others do in between is done beside the pages.
"""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests import cast
from tests.access.stage import entry_of
from tests.browser.roles import Place, Visit, place
from tests.cast import at
from tests.conftest import Prepared

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

THEME = "城乡居民医保缴费和异地就医"
CASH, CARD = "村里老人能不能交现金？", "药店买药能不能刷卡？"
ANSWER = "能，每周二上午收。登记表月底前放到网上。"


async def _tells_the_content(here: Place) -> None:
    clerk = await here.comes("clerk")
    await clerk.says("报送访谈内容")
    await clerk.follow(THEME, within="main")
    await clerk.page.get_by_label("内容", exact=True).fill("谈三件事：缴费、断缴和异地就医。")
    await clerk.press("报给", exact=False)
    await expect(clerk.page.get_by_role("button", name="改好，再报一次").first).to_be_visible()
    await clerk.leave()


async def _reads_the_pack(here: Place) -> None:
    """The pack is opened, which the office sees; and who comes is told."""
    clerk = await here.comes("clerk")
    await clerk.follow(THEME, within="main")
    await clerk.says("大家想问的2个", CASH)
    await clerk.page.get_by_label("参加人员").fill("王立言，待遇处处长")
    await clerk.press("报上去")
    await expect(clerk.page.get_by_label("参加人员")).to_have_value("王立言，待遇处处长")
    await clerk.leave()
    office = await here.comes("office")
    await office.says("转交的问题看了没有", "已读", "许主任")
    await office.leave()


async def _writes(here: Place) -> Visit:
    """An answer that nobody sees yet, with what came of it beside the page."""
    clerk = await here.comes("clerk")
    await clerk.says("现在有一场正在进行")
    await clerk.follow("去答复台", within="main")
    await expect(clerk.page.locator("#link")).to_contain_text("已连上")
    await expect(clerk.page.locator("#stage")).to_contain_text(CASH)
    await clerk.page.locator("#answer").fill(ANSWER)
    await clerk.sends("交审定")
    await clerk.says("在等审定")
    await clerk.look()
    return clerk


async def _passes(here: Place, words: str) -> None:
    """王处长 reads what waits for a second person, and lets it out as it is."""
    guest = await here.comes("guest")
    await guest.says("等审定的答复")
    await guest.follow("看了再审定", within="main")
    await guest.says(words)
    await guest.sends("审定，照这样发布")
    await expect(guest.page.get_by_role("button", name="审定，照这样发布")).to_have_count(0)
    await guest.look()
    await guest.leave()


async def _promises(clerk: Visit) -> None:
    """What was promised in the answer gets its day, as it was read from the words."""
    await clerk.page.reload()
    own = clerk.page.get_by_role("region", name="我们说过的")
    await clerk.unfold("补充、更正", own)
    await clerk.goes_by(own.get_by_role("link", name="补充、更正").first)
    dialog = await clerk.unfold("这条答应了要办的事")
    await dialog.get_by_label("答应办什么").fill("把登记表登在首页")
    await expect(dialog.get_by_label("哪一天以前办结")).to_have_value("2026-03-31")
    await clerk.press("登记承诺")
    await clerk.says("承诺登记了", "把登记表登在首页")
    await clerk.follow("要办的事", within=".site-nav")
    await clerk.says("会后要办的", "把登记表登在首页")
    await clerk.follow("去答复台", within="main")


async def _leaves_one_for_later(clerk: Visit) -> None:
    row = clerk.page.locator("#waiting li", has_text=CARD)
    await clerk.goes_by(row.get_by_role("link"))
    await expect(clerk.page.locator("#stage")).to_contain_text(CARD)
    dialog = await clerk.unfold("现在答不了")
    await dialog.get_by_label("客观原因").fill("要和药监局核对名单。")
    await clerk.press("转会后答复", dialog)
    await clerk.says("会后答复")
    await clerk.look()
    await clerk.leave()


async def _finishes(here: Place) -> None:
    """The day after: the written answer and the kept promise, each passed by a second person."""
    clerk = await here.comes("clerk")
    await clerk.says("会后还有2件要办")
    await clerk.follow("写答复", within="main")
    await clerk.page.locator("#answer").fill("能，全市药店都能刷卡。")
    await clerk.sends("交审定")
    await clerk.says("已经交给本单位另一个人审定")
    await clerk.follow("要办的事", within=".site-nav")
    await clerk.follow("写办结的答复", within="main")
    dialog = await clerk.unfold("承诺办结了")
    await dialog.get_by_label("办结的答复").fill("登记表放到网上了。")
    await clerk.sends("交审定，审定以后算办结", dialog)
    await clerk.says("已经交给本单位另一个人审定")
    await clerk.look()
    await clerk.leave()
    await _passes(here, "能，全市药店都能刷卡。")
    await _passes(here, "登记表放到网上了。")


async def test_from_the_content_to_the_kept_promise(
    browser: Browser, tmp_path: Path, settled_file: Prepared
) -> None:
    async with place(browser, tmp_path, settled_file, cast.PLANNED) as here:
        city = here.town.city
        await city.plan()
        await city.asks_a_second_person()
        await _tells_the_content(here)
        await city.does("周科长", "interview.announce", cast.ANNOUNCED, interview=city.interview)
        here.later(cast.FORWARDED)
        asked = {text: await city.published("网友甲", text, cast.FORWARDED) for text in (CASH, CARD)}
        await city.does("周科长", "questions.forward", cast.FORWARDED, interview=city.interview)
        here.later(at("2026-03-02 09:00"))
        await _reads_the_pack(here)
        await city.does(
            "周科长", "venue.tell", at("2026-03-02 11:00"), interview=city.interview, venue="二楼"
        )
        here.later(cast.START)
        await city.does("李主持", "interview.open", cast.START, interview=city.interview)
        await city.does("李主持", "question.stage", cast.DURING, question=asked[CASH])
        here.later(cast.DURING)
        clerk = await _writes(here)
        await _passes(here, ANSWER)
        await _promises(clerk)
        await _leaves_one_for_later(clerk)
        await city.does("李主持", "interview.close", cast.END, interview=city.interview)
        here.later(cast.NEXT_DAY)
        await _finishes(here)
        last = await here.comes("clerk")
        await last.says("都办完了")
        here.clean()


async def test_suggestions_are_folded_but_the_first_and_quoted_without_unfolding(
    browser: Browser, tmp_path: Path, opened_file: Prepared
) -> None:
    async with place(browser, tmp_path, opened_file, cast.DURING) as here:
        city = here.town.city
        await entry_of(city, "GK-1", "断缴补缴办法", "断缴可以补缴，补缴到账三个月以后能报。")
        for text, answer in (
            ("断缴两年补缴以后多久能报销？", "补缴以后等三个月。"),
            ("断缴三年补缴以后多久能报销？", "三年的也一样等。"),
        ):
            earlier = await city.published("网友乙", text)
            await city.does("王处长", "question.answer", question=earlier, text=answer)
        await city.staged("网友甲", "断缴一年补缴以后多久能报销？")
        clerk = await here.comes("clerk")
        await clerk.follow("去答复台", within="main")
        offered = clerk.page.get_by_role("region", name="可以引用的").locator(".cite")
        await expect(offered).to_have_count(3)
        await expect(offered.first.locator(".prose")).to_be_visible()
        await expect(offered.first.locator("summary")).to_have_count(0)
        for at in (1, 2):
            one, begins = offered.nth(at), offered.nth(at).locator("summary")
            await expect(one.locator(".prose")).to_be_hidden()
            await expect(begins).to_be_visible()
            whole = await one.locator(".prose").text_content() or ""
            assert whole.strip().startswith((await begins.inner_text()).removesuffix("……"))
        last = offered.nth(2)
        words = (await last.locator(".prose").text_content() or "").strip()
        await last.get_by_role("button", name="放进答复，带上来源").click()
        await expect(clerk.page.locator("#answer")).to_have_value(re.compile(re.escape(words)))
        await expect(last.locator(".prose")).to_be_hidden()
        await last.locator("summary").focus()
        await clerk.page.keyboard.press("Enter")
        await expect(last.locator(".prose")).to_be_visible()
        await expect(offered.nth(1).locator(".prose")).to_be_hidden()
        await clerk.look()
        here.clean()
