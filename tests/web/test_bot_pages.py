"""The bot's page without a script: a talk shown whole, reasons, a human with a receipt, and the office's list."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlmodel import col

from faq.models import Ask, Referral
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_pages import entry

ASKED = "社保卡丢了怎么看病"
UNKNOWN = "楼下烧烤摊每天吵到半夜，谁来管？"


@pytest.fixture
async def browser(town: Town) -> Browser:
    """网友甲's browser, with one entry in the catalogue."""
    await entry(town)
    return Browser(town)


def talk_of(browser: Browser) -> str:
    found = re.search(r'name="conversation" value="([^"]+)"', browser.text)
    assert found
    return found[1]


async def asks(browser: Browser, text: str) -> str:
    """Asks by the form of the open page; the talk's name."""
    if "<h1>问机器人</h1>" not in browser.text:
        await browser.opens("/faq")
    assert await browser.sends("/faq", text=text, conversation=talk_of(browser)) == 200
    return talk_of(browser)


async def how_many(town: Town) -> int:
    async with town.city.units.read() as uow:
        return int(await uow.db.scalar(select(func.count(col(Ask.id)))) or 0)


def last_ask(browser: Browser) -> str:
    return str(re.findall(r'<li id="t(\d+)">', browser.text)[-1])


async def test_a_talk_is_shown_whole_and_a_reload_asks_nothing(browser: Browser) -> None:
    talk = await asks(browser, ASKED)
    assert "出示医保电子凭证，当场结算。" in browser.text
    assert "SL-2026-0233" in browser.text
    await asks(browser, "谢谢")
    assert talk_of(browser) == talk
    assert browser.text.index(ASKED) < browser.text.index("不客气")
    assert await how_many(browser.town) == 2
    for _ in range(2):
        assert await browser.opens(f"/faq?talk={talk}") == 200
    assert await how_many(browser.town) == 2
    assert browser.text.count("<span>您问</span>") == 2


async def test_an_address_with_a_text_fills_the_field_and_asks_nothing(browser: Browser) -> None:
    assert await browser.opens(f"/faq?text={ASKED}") == 200
    assert f">{ASKED}</textarea>" in browser.text
    assert "您问" not in browser.text
    assert await how_many(browser.town) == 0


async def test_the_home_page_asks_by_its_form(browser: Browser) -> None:
    await browser.opens("/")
    assert await browser.sends("/faq", text=ASKED) == 200
    assert browser.path == "/faq"
    assert "出示医保电子凭证，当场结算。" in browser.text


async def test_a_talk_is_read_by_its_long_name_alone_and_ends(browser: Browser) -> None:
    talk = await asks(browser, ASKED)
    for wrong in ("1", "../x", talk[:-1], "<script>"):
        assert await browser.opens(f"/faq?talk={wrong}") == 200
        assert "<span>您问</span>" not in browser.text
        assert talk_of(browser) != wrong
    with time_machine.travel(cast.DURING + timedelta(minutes=40), tick=True):
        await browser.opens(f"/faq?talk={talk}")
    assert "<span>您问</span>" not in browser.text
    assert "停了半个小时" in browser.text


async def test_what_is_refused_keeps_what_was_typed_and_the_turns(browser: Browser) -> None:
    talk = await asks(browser, ASKED)
    assert await browser.sends("/faq", text="长" * 2_001, conversation=talk) == 400
    assert "最多2000个字" in browser.text
    assert "出示医保电子凭证" in browser.text
    assert await browser.sends("/faq", text="", conversation=talk) == 400
    assert "问题是空的" in browser.text


async def test_a_choice_that_was_not_offered_is_missing(browser: Browser) -> None:
    talk = await asks(browser, ASKED)
    for chosen in ("1", "999", "x"):
        assert await browser.sends("/faq", entry=chosen, ask="99", conversation=talk) == 200
        assert "这一条现在没有了" in browser.text


async def test_feedback_with_its_reason_and_the_last_word_counts(browser: Browser) -> None:
    talk = await asks(browser, ASKED)
    ask = last_ask(browser)
    assert (
        await browser.sends(
            "/faq/feedback", ask=ask, useful="no", reason="没有说全", more="没写电话", conversation=talk
        )
        == 200
    )
    assert "记下了，有人会看" in browser.text
    assert "您说它没用" in browser.text
    await browser.sends("/faq/feedback", ask=ask, useful="yes", conversation=talk)
    assert "您说它有用" in browser.text
    async with browser.town.city.units.read() as uow:
        kept = await uow.db.get_one(Ask, int(ask))
    assert (kept.useful, kept.feedback_reason) == (True, None)
    await browser.sends("/faq/feedback", ask=ask, useful="no", reason="看不懂", conversation=talk)
    async with browser.town.city.units.read() as uow:
        assert (await uow.db.get_one(Ask, int(ask))).feedback_reason == "看不懂"
    long = {"ask": ask, "useful": "no", "reason": "看不懂", "more": "长" * 600, "conversation": talk}
    assert await browser.sends("/faq/feedback", **long) == 400
    assert await browser.sends("/faq/feedback", ask="999", useful="yes") == 404


async def test_what_is_asked_about_the_interviews_leads_on_by_links(browser: Browser) -> None:
    await asks(browser, "下一场访谈什么时候？")
    assert "现在正在进行的是“城乡居民医保缴费和异地就医”" in browser.text
    assert f'<a href="/interviews/{browser.town.city.interview}">' in browser.text


async def test_the_next_interview_takes_the_question_once(browser: Browser) -> None:
    talk = await asks(browser, UNKNOWN)
    sent = {"ask": last_ask(browser), "exit": "next_interview", "text": UNKNOWN, "conversation": talk}
    page = browser.text
    await browser.sends("/faq/exit", **sent)
    first = browser.path
    assert first.startswith("/questions/")
    assert UNKNOWN in browser.text
    browser.text = page
    await browser.sends("/faq/exit", **sent)
    assert browser.path == first, "pressed twice it is one question"


# To a human


async def refers(browser: Browser, **more: str) -> str:
    """Asks what nobody answers and hands it to a human; the address of the receipt."""
    talk = await asks(browser, UNKNOWN)
    sent = {"ask": last_ask(browser), "exit": "human", "text": UNKNOWN, "conversation": talk}
    assert await browser.sends("/faq/exit", **(sent | more)) == 200
    return browser.path


async def test_a_human_is_asked_with_a_receipt_and_a_day(browser: Browser) -> None:
    address = await refers(browser, text=f"{UNKNOWN}我的电话13800138000")
    assert re.fullmatch(r"/faq/referrals/[0-9A-Z-]{13}", address)
    assert "收到了，请记下回执编号" in browser.text
    assert "最迟2026年3月13日（周五）" in browser.text
    assert UNKNOWN in browser.text
    assert "13800138000" not in browser.text
    await browser.opens(address)
    assert "收到了，请记下" not in browser.text, "it is said once"
    receipt = address.rsplit("/", 1)[1]
    await browser.opens(f"/questions?receipt={receipt.lower()}")
    assert browser.path == address
    await asks(browser, f"我的问题{receipt}怎么样了")
    assert "在等答复，最迟2026年3月13日（周五）" in browser.text


async def test_others_see_how_far_it_is_and_no_word_of_it(browser: Browser) -> None:
    address = await refers(browser)
    browser.client.session.cookie_jar.clear()
    assert await browser.opens(address) == 200
    assert UNKNOWN not in browser.text
    assert "最迟2026年3月13日" in browser.text
    assert await browser.opens("/faq/referrals/AAAA-BBBB-CCC") == 404


async def test_an_address_that_is_none_is_refused_beside_its_field(browser: Browser) -> None:
    talk = await asks(browser, UNKNOWN)
    sent = {"ask": last_ask(browser), "exit": "human", "text": UNKNOWN, "conversation": talk}
    assert await browser.sends("/faq/exit", **sent, contact="不是邮箱") == 400
    assert "电子邮箱写得不对" in browser.text
    assert "<details" in browser.text
    assert " open>" in browser.text
    async with browser.town.city.units.read() as uow:
        assert not list(await uow.db.scalars(select(Referral)))
    assert await browser.sends("/faq/exit", **(sent | {"text": ""})) == 400


async def test_the_office_replies_and_only_the_asker_reads_it(browser: Browser) -> None:
    address = await refers(browser, contact="jia@example.cn")
    asker = list(browser.client.session.cookie_jar)
    await browser.signs_in("office", "/office")
    assert "有1件等答复" in browser.text
    await browser.opens("/office/referrals")
    assert UNKNOWN in browser.text
    assert "jia@example.cn" not in browser.text
    number = re.findall(r'<li class="hit" id="r(\d+)"', browser.text)[0]
    assert await browser.sends(f"/office/referrals/{number}/reply", text="") == 400
    assert "答复是空的" in browser.text
    await browser.sends(f"/office/referrals/{number}/reply", text="已经转给城管，三天内有人去看。")
    assert "已经发邮件给提问人" in browser.text
    assert await browser.sends(f"/office/referrals/{number}/reply", text="又一次") == 409
    await browser.opens("/office/referrals?show=replied")
    assert "三天内有人去看" in browser.text
    assert await browser.opens(address) == 200
    assert "三天内有人去看" not in browser.text
    browser.client.session.cookie_jar.clear()
    for cookie in asker:
        browser.client.session.cookie_jar.update_cookies(
            {cookie.key: cookie.value}, browser.client.make_url("/")
        )
    await browser.opens(address)
    assert "三天内有人去看" in browser.text


async def test_what_is_late_stands_first(browser: Browser) -> None:
    await refers(browser)
    with time_machine.travel(cast.at("2026-03-16 09:00"), tick=True):
        await browser.signs_in("office", "/office/referrals")
        await browser.opens("/office/referrals")
        assert "有1件过了期限" in browser.text
        await browser.opens("/office")
        assert "1件过了期限" in browser.text
