"""订阅: told by mail once somebody has said yes to a signed address, out again by one press; by Atom and calendar too."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from icalendar import Calendar
from sqlalchemy import select
from sqlmodel import col

from base.outbox import SEALED, Letter, OutboxMail
from base.people import SYSTEM
from interviews import following
from interviews.following import DAYS, Follower
from interviews.models import Question
from scheduler.jobs import forget_followers
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from web.keys import FOLLOWING, SEAL
from web.mailer import Mailer

JIA = "jia@fangtan.example"


@pytest.fixture
def browser(town: Town) -> Browser:
    """A browser, at an installation that can send mail."""
    _app(town)[FOLLOWING].offered = True
    return Browser(town)


def _app(town: Town) -> Any:
    return town.client.app


async def _mails(town: Town) -> list[OutboxMail]:
    async with town.city.units.read(SYSTEM) as uow:
        query = select(OutboxMail).where(col(OutboxMail.key).startswith("follow:"))
        return list(await uow.db.scalars(query.order_by(col(OutboxMail.id))))


async def _followers(town: Town) -> list[Follower]:
    async with town.city.units.read(SYSTEM) as uow:
        return list(await uow.db.scalars(select(Follower)))


def _local(text: str) -> str:
    """The address in a mail, as the test's client opens it."""
    found = re.search(r"http://127\.0\.0\.1:8080(/follow/\S+)", text)
    assert found is not None, text
    return found[1]


def _told(html: str) -> str:
    """A page without what differs from one browser, and one minute, to the next."""
    return re.sub(r'"[0-9a-f]{64}"|\d\d:\d\d', "", html)


async def _follows(browser: Browser, page: str, email: str = JIA) -> None:
    await browser.opens(page)
    assert await browser.sends(f"{page}/follow", email=email) == 200
    link = _local((await _mails(browser.town))[-1].text)
    assert await browser.opens(link) == 200
    assert await browser.sends(link) == 200
    assert "订阅好了" in browser.text


async def _page(browser: Browser, text: str = "等多久？") -> tuple[int, str]:
    city = browser.town.city
    question = await city.staged("网友甲", text)
    state = await city.state(f"interview:{city.interview}:public")
    return question, f"/interviews/{city.interview}/questions/{state['questions'][str(question)]['number']}"


async def test_nothing_is_kept_until_its_reader_says_yes_and_nobody_learns_who_is_known(
    browser: Browser,
) -> None:
    _, page = await _page(browser)
    await browser.opens(page)
    assert await browser.sends(f"{page}/follow", email=JIA) == 200
    first = browser.text
    assert "信已经发往这个邮箱" in first
    assert await _followers(browser.town) == []
    [asked] = await _mails(browser.town)
    assert JIA not in asked.to + asked.text + asked.key
    assert _app(browser.town)[SEAL].open(asked.to.removeprefix(SEALED)) == JIA
    link = _local(asked.text)
    assert await browser.opens(link) == 200
    assert await _followers(browser.town) == [], "looking at it is no yes: programs look at links in mails"
    assert await browser.sends(link) == 200
    assert await browser.sends(link) == 200, "twice is as good as once"
    [kept] = await _followers(browser.town)
    assert JIA not in kept.address_sealed + kept.mark + kept.key
    await browser.opens(page)
    await browser.sends(f"{page}/follow", email=JIA)
    assert _told(first) == _told(browser.text)


async def test_an_askers_own_address_becomes_the_subscription_and_gets_one_mail(browser: Browser) -> None:
    city = browser.town.city
    seal = _app(browser.town)[SEAL]
    own, other = [await city.asks(who, f"{who}问等多久？") for who in ("网友甲", "网友乙")]
    async with city.act("网友甲", cast.DURING) as uow:
        (await uow.db.get_one(Question, own)).contact_sealed = seal.close(JIA.upper())
        (await uow.db.get_one(Question, other)).contact_sealed = seal.close("yi@fangtan.example")
    for question in (own, other):
        await city.does("审核员小张", "question.publish", question=question)
        await city.does("李主持", "question.stage", question=question)
    for number in (1, 2):
        await _follows(browser, f"/interviews/{city.interview}/questions/{number}")
    for question in (own, other):
        await city.does("王处长", "question.answer", question=question, text="等三个月。")
    async with city.units.read(SYSTEM) as uow:
        mails = list(await uow.db.scalars(select(OutboxMail).where(col(OutboxMail.key).contains(":item:"))))
        asker = list(await uow.db.scalars(select(OutboxMail).where(col(OutboxMail.key).startswith("asker:"))))
    assert [seal.open(mail.to.removeprefix(SEALED)) for mail in mails] == [JIA, JIA]
    assert {seal.open(mail.to.removeprefix(SEALED)) for mail in asker} == {"yi@fangtan.example"}


async def test_one_mail_for_each_thing_that_happens_with_a_way_out(browser: Browser) -> None:
    city = browser.town.city
    question, page = await _page(browser)
    await _follows(browser, page)
    said = await city.does("王处长", "question.answer", question=question, text="等三个月。")
    await city.does("王处长", "question.answer", question=question, text="节假日顺延。")
    await city.does("王处长", "erratum.publish", item=said["item"], text="应为四个月。", reason="口误")
    mails = (await _mails(browser.town))[1:]
    assert [mail.subject for mail in mails] == [
        "1号提问有了答复",
        "1号提问有了补充答复",
        "1号提问登了一处更正",
    ]
    for mail in mails:
        assert f"http://127.0.0.1:8080{page}\n" in mail.text
        assert "三个月" not in mail.text
        assert "等多久" not in mail.text
    stop = mails[0].unsubscribe or ""
    assert stop in mails[0].text
    letter = Letter(1, mails[0].key, JIA, mails[0].subject, mails[0].text, 1, unsubscribe=stop)
    made = Mailer("smtp://mail", "http://127.0.0.1:8080").message(letter)
    assert (made["List-Unsubscribe"], made["List-Unsubscribe-Post"]) == (f"<{stop}>", None)
    secure = Letter(1, "k", JIA, "x", "x", 1, unsubscribe="https://site/follow/stop/k")
    made = Mailer("smtp://mail", "https://site.example").message(secure)
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    local = stop.removeprefix("http://127.0.0.1:8080")
    assert await browser.opens(local) == 200
    assert len(await _followers(browser.town)) == 1, "looking is no press"
    browser.client.session.cookie_jar.clear()
    async with browser.client.post(local, data={"List-Unsubscribe": "One-Click"}) as answer:
        assert answer.status == 200, "a mail program has no cookie and no form token"
        gone = await answer.text()
    assert await _followers(browser.town) == []
    assert len(await _mails(browser.town)) == 1, "the mails to it are forgotten as well"
    async with city.units.read(SYSTEM) as uow:
        assert [
            one.to for one in await uow.db.scalars(select(OutboxMail)) if one.subject == mails[0].subject
        ] == [""]
    browser.client.session.cookie_jar.clear()
    async with browser.client.post("/follow/stop/nobody", data={}) as answer:
        other = (await answer.text()).replace("/follow/stop/nobody", local)
    assert _told(other) == _told(gone), "known or not looks alike"
    await city.does("王处长", "question.answer", question=question, text="再补充。")
    assert len(await _mails(browser.town)) == 1


@pytest.mark.parametrize("fate", ["refused", "deferred", "withdrawn", "removed", "closed"])
async def test_every_other_end_is_told_once(browser: Browser, fate: str) -> None:
    city = browser.town.city
    question, page = await _page(browser)
    if fate in ("withdrawn", "closed"):
        await city.does("李主持", "question.unstage", question=question)
    await _follows(browser, page)
    reason = {"question": question, "reason": "要核对。"}
    if fate == "refused":
        await city.does("王处长", "question.refuse", ground="personal_privacy", **reason)
    elif fate == "deferred":
        await city.does("王处长", "question.defer", **reason)
    elif fate == "withdrawn":
        await city.does("网友甲", "question.withdraw", question=question)
    elif fate == "removed":
        state = await city.state(f"interview:{city.interview}:public")
        item = state["questions"][str(question)]["item"]
        await city.does("审核员小张", "question.remove", item=item, reason="说到了个人")
    else:
        await city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=city.interview)
    told = {
        "refused": "1号提问依法不予答复，依据和理由已经写明",
        "deferred": "1号提问转为会后答复，原因已经写明",
        "withdrawn": "1号提问由提问人撤回了",
        "removed": "1号提问撤下了",
        "closed": "1号提问转为会后答复",
    }
    assert [mail.subject for mail in (await _mails(browser.town))[1:]] == [told[fate]]


async def test_who_follows_a_question_that_was_merged_hears_of_the_other(browser: Browser) -> None:
    city = browser.town.city
    _, page = await _page(browser, "断缴怎么补？")
    own = await city.published("网友乙", "断缴怎么补呢？")
    await _follows(browser, page.removesuffix("/1") + "/2")
    into = int((await city.state(f"interview:{city.interview}:public"))["stage"][-1])
    await city.does("审核员小张", "question.merge", question=own, into=into)
    await city.does("王处长", "question.answer", question=into, text="能补。")
    merged, answered = (await _mails(browser.town))[1:]
    assert merged.subject == "2号提问和1号问的是一件事，并在一起答复"
    assert "2号提问（和1号并在一起）有了答复" in answered.text


async def test_an_address_that_is_none_comes_back_and_a_strangers_mailbox_is_not_filled(
    browser: Browser,
) -> None:
    _, page = await _page(browser)
    await browser.opens(page)
    for wrong in ("jia", "jia@x\r\nBcc: b@x.example", "甲@fangtan.example"):
        assert await browser.sends(f"{page}/follow", email=wrong) == 400
        assert "电子邮箱写得不对" in browser.text
    assert 'value="甲@fangtan.example"' in browser.text
    pages = [page, *[(await _page(browser, f"第{n}件事怎么办？"))[1] for n in range(4)]]
    for one in [*pages, page]:
        await browser.opens(one)
        assert await browser.sends(f"{one}/follow", email=JIA) == 200
        assert "信已经发往这个邮箱" in browser.text
    assert len(await _mails(browser.town)) == following.FIRST_MAILS_A_DAY


async def test_a_forged_or_old_address_opens_nothing(browser: Browser) -> None:
    _, page = await _page(browser)
    await browser.opens(page)
    await browser.sends(f"{page}/follow", email=JIA)
    link = _local((await _mails(browser.town))[0].text)
    assert await browser.opens(link[:-2] + "xx") == 404
    other = _app(browser.town)[SEAL].close('{"for": "flash"}')
    assert await browser.opens(f"/follow/{other}") == 404
    await browser.opens(page)
    with time_machine.travel(cast.DURING + timedelta(days=4), tick=True):
        assert await browser.sends(link) == 410
        assert "不能用了" in browser.text
    assert await _followers(browser.town) == []


async def test_an_address_goes_so_many_days_after_the_end_and_not_before(browser: Browser) -> None:
    city = browser.town.city
    question, page = await _page(browser)
    await _follows(browser, page)
    units = city.units
    for days, left in ((DAYS + 30, 1), (DAYS + 31, 1)):
        with time_machine.travel(cast.DURING + timedelta(days=days), tick=True):
            await forget_followers(units)
        assert len(await _followers(browser.town)) == left, "it waits for its answer"
    await city.does("王处长", "question.answer", cast.DURING, question=question, text="三个月。")
    for days, left in ((DAYS - 1, 1), (DAYS + 1, 0)):
        with time_machine.travel(cast.DURING + timedelta(days=days), tick=True):
            await forget_followers(units)
        assert len(await _followers(browser.town)) == left
    async with units.read(SYSTEM) as uow:
        rows = list(await uow.db.scalars(select(OutboxMail)))
    assert [row.to for row in rows if "follow" in row.key] == [""], "nor is it left in the outbox"


async def test_without_a_mail_server_the_page_says_so(town: Town) -> None:
    browser = Browser(town)
    _, page = await _page(browser)
    await browser.opens(page)
    assert "发不了邮件，不能用邮件订阅" in browser.text
    assert 'name="email"' not in browser.text
    assert await browser.sends(f"{page}/follow", email=JIA) == 409
    assert "发不了邮件" in browser.text
    assert await _mails(town) == []


async def test_feeds_and_calendars_tell_what_is_public_and_no_more(browser: Browser) -> None:
    city, client = browser.town.city, browser.client
    question, page = await _page(browser)
    waiting = await city.asks("网友乙", "张三的事怎么办？")
    async with city.units.read() as uow:
        receipt = (await uow.db.get_one(Question, waiting)).receipt
    said = await city.does("王处长", "question.answer", question=question, text="等三个月。")
    await city.does("王处长", "erratum.publish", item=said["item"], text="应为四个月。", reason="口误")
    room = f"/interviews/{city.interview}"

    async def reads(path: str) -> str:
        async with client.get(path) as answer:
            assert answer.status == 200, path
            return await answer.text()

    for path in (f"{page}/feed.atom", f"{room}/feed.atom"):
        feed = await reads(path)
        assert feed.count("<entry>") == (5 if path.startswith(page) else 2)
        assert "等三个月。" in feed
        assert "应为四个月。" in feed
        assert "王处长" not in feed
    own = await reads(f"/questions/{receipt}/feed.atom")
    assert "交上来了" in own
    assert "张三" not in own
    late = await city.published("网友丙", "哪天发？")
    await city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=city.interview)
    async with city.units.read() as uow:
        number = (await uow.db.get_one(Question, late)).number
    told = Calendar.from_ical(await reads(f"{room}/questions/{number}.ics"))
    events = {str(one["uid"]).split("@")[0]: one for one in told.walk("VEVENT")}
    assert set(events) == {f"interview-{city.interview}", f"question-{late}"}
    due = events[f"question-{late}"].decoded("dtstart")
    await browser.opens(f"{room}/questions/{number}")
    assert f"最迟{due.month}月{due.day}日" in browser.text
    assert len(Calendar.from_ical(await reads(f"{room}.ics")).walk("VEVENT")) == 1
    await city.does("审核员小张", "question.remove", item=said["item"], reason="说到了个人")
    for path in (f"{page}/feed.atom", f"{room}/feed.atom"):
        feed = await reads(path)
        assert "三个月" not in feed
        assert "四个月" not in feed
