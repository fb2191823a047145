"""答复单位: what the interview is about, who comes, the pack, an answer that a second person passes, a promise, the rest.

许主任 writes, 王处长 passes what she writes; what others do in between is done beside the pages.
"""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests import cast
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
