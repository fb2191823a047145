"""The staff's pages by forms alone: who gets in, what a refused form keeps, and the way of a question and a report."""

import re

import pytest

from base.people import Person
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, Town

STAFF_PAGES = {
    "/office": {"office"},
    "/office/interviews/new": {"office"},
    "/office/interviews/{id}": {"office"},
    "/host/{id}": {"office", "host", "moderator"},
    "/desk": {"clerk", "guest"},
    "/desk/{id}": {"clerk", "guest"},
    "/desk/interviews/{id}": {"clerk"},
    "/supervise": {"supervisor"},
    "/inbox": {"recipient"},
}
ROLES = ("office", "supervisor", "clerk", "guest", "host", "moderator", "recipient")


@pytest.fixture
async def browser(town: Town) -> Browser:
    return Browser(town)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_sees_its_own_rooms_and_no_other(browser: Browser, role: str) -> None:
    await browser.signs_in(role)
    assert "<h1" in browser.text
    for pattern, allowed in STAFF_PAGES.items():
        path = pattern.format(id=browser.town.city.interview)
        assert await browser.opens(path) == (200 if role in allowed else 404), path


async def test_whoever_is_not_signed_in_is_led_to_the_login_and_back(browser: Browser) -> None:
    path = f"/host/{browser.town.city.interview}"
    await browser.opens(path)
    assert browser.path == "/login"
    assert f'name="next" value="{path}"' in browser.text
    await browser.sends("/login", name="host", password=PASSWORD, next=path)
    assert browser.path == path
    await browser.sends("/logout")
    await browser.opens(path)
    assert browser.path == "/login"


async def test_a_body_that_does_not_answer_here_gets_nothing(browser: Browser) -> None:
    city = browser.town.city
    async with city.act("周科长", cast.DURING) as uow:
        person = await uow.db.get_one(Person, city.people["外单位老吴"].person_id)
        person.login, person.password_hash, person.example = "laowu", None, True
        clerk = await uow.db.get_one(Person, city.people["许主任"].person_id)
        person.password_hash = clerk.password_hash
    await browser.signs_in("laowu")
    for path in (f"/desk/{city.interview}", f"/desk/interviews/{city.interview}"):
        assert await browser.opens(path) == 404


async def test_a_wrong_password_says_so_and_keeps_the_name(browser: Browser) -> None:
    await browser.opens("/login")
    assert await browser.sends("/login", name="host", password="bu-dui", next="") == 401
    assert "用户名或者密码不对" in browser.text
    assert 'value="host"' in browser.text
    assert "bu-dui" not in browser.text
    assert await browser.sends("/login", name="", password="") == 400


# What staff do by form


async def test_a_whole_question_by_forms_alone(browser: Browser) -> None:
    city = browser.town.city
    question = await city.asks("网友甲", "断缴一年，住院能不能报？")
    console, desk = f"/host/{city.interview}", f"/desk/{city.interview}"
    await browser.signs_in("office", "/office")
    assert f'<a href="{console}">' in browser.text, "from what waits to where it is moderated"
    await browser.signs_in("moderator", console)
    assert await browser.sends("/do/question.publish", question=question, back=console) == 200
    assert "编为1号" in browser.text
    await browser.signs_in("office", "/office")
    assert f'<a href="{console}">' not in browser.text
    await browser.signs_in("host", console)
    await browser.sends("/do/question.stage", question=question, back=console)
    assert "1号请到场上了" in browser.text
    await browser.signs_in("clerk", desk)
    await browser.sends("/do/answer.draft", question=question, text="先写一半", back=desk, speaker="王立言")
    assert "草稿" in browser.text
    assert "先写一半" in browser.text
    await browser.sends("/do/question.answer", question=question, text="能报。", speaker="王立言", back=desk)
    assert "答复发布了" in browser.text
    await browser.opens(f"/interviews/{city.interview}")
    assert "王立言" in browser.text
    assert "能报。" in browser.text


async def test_a_refused_act_comes_back_with_its_page_and_what_was_typed(browser: Browser) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "断缴一年，住院能不能报？")
    desk = f"/desk/{city.interview}"
    await browser.signs_in("clerk", desk)
    answer = "写了很久的答复" * 3000
    status = await browser.sends("/do/question.answer", question=question, text=answer, back=desk)
    assert status == 400
    assert answer in browser.text
    assert "答复最多20000个字" in browser.text
    await browser.signs_in("host", f"/host/{city.interview}")
    sent = {"interview": city.interview, "minutes": "20", "reason": "", "back": f"/host/{city.interview}"}
    assert await browser.sends("/do/interview.extend", **sent) == 409
    assert "延长要写明特殊原因" in browser.text


async def test_the_office_schedules_and_announces_by_form(browser: Browser) -> None:
    city = browser.town.city
    await browser.signs_in("office", "/office/interviews/new")
    late = {
        "theme": "公交线网调整",
        "starts_at": "2026-04-20T09:00",
        "ends_at": "2026-04-20T12:00",
        "respondents": str(city.bodies["水务局"]),
        "back": "/office/interviews/new",
    }
    assert await browser.sends("/do/interview.schedule", **late) == 409
    assert "一场最长120分钟" in browser.text
    assert 'value="公交线网调整"' in browser.text
    assert 'value="2026-04-20T09:00"' in browser.text
    assert re.search(rf'value="{city.bodies["水务局"]}" checked', browser.text)
    host = city.people["李主持"].person_id
    typed = late | {"ends_at": "2026-04-20T11:00", "host": str(host)}
    assert await browser.sends("/do/interview.schedule", **typed) == 200
    assert re.fullmatch(r"/office/interviews/\d+", browser.path)
    assert "排上了" in browser.text
    number = browser.path.rpartition("/")[2]
    await browser.sends("/do/interview.announce", interview=number, back=browser.path)
    assert "预告已发布" in browser.text
    await browser.opens(f"/interviews/{number}")
    assert "提一个问题" in browser.text


async def test_a_day_that_is_over_is_refused_beside_its_field(browser: Browser) -> None:
    await browser.signs_in("office", "/office/interviews/new")
    typed = {
        "theme": "年份写错了",
        "starts_at": "2020-04-20T09:00",
        "ends_at": "2020-04-20T10:00",
        "respondents": str(browser.town.city.bodies["水务局"]),
        "back": "/office/interviews/new",
    }
    assert await browser.sends("/do/interview.schedule", **typed) == 400
    assert "2020年4月20日（周一）已经过去。请核对年份和日期" in browser.text
    assert 'value="年份写错了"' in browser.text
    assert 'aria-describedby="starts_at-h starts_at-e"' in browser.text


async def test_a_start_on_a_rest_day_is_scheduled_with_a_warning(browser: Browser) -> None:
    await browser.signs_in("office", "/office/interviews/new")
    typed = {
        "theme": "周末也能办的事",
        "starts_at": "2026-05-17T09:00",
        "ends_at": "2026-05-17T10:00",
        "respondents": str(browser.town.city.bodies["水务局"]),
        "back": "/office/interviews/new",
    }
    assert await browser.sends("/do/interview.schedule", **typed) == 200
    assert "排上了" in browser.text
    assert "不是工作日" in browser.text.partition("排上了")[2][:200]


async def test_a_report_reaches_the_inbox_and_is_noted_as_read(browser: Browser) -> None:
    city = browser.town.city
    one = await city.staged("网友甲", "断缴一年，住院能不能报？")
    await city.does("王处长", "question.answer", question=one, text="能报。")
    await city.does("李主持", "interview.close", cast.DURING, interview=city.interview, reason="停电")
    page = f"/office/interviews/{city.interview}"
    await browser.signs_in("office", f"{page}/report")
    assert "断缴一年" in browser.text
    async with browser.client.get(f"{page}/report.docx") as answer:
        assert answer.status == 200
        assert (await answer.read()).startswith(b"PK")
    await browser.opens(page)
    await browser.sends("/do/summary.send", interview=city.interview, back=page)
    assert "送出了" in browser.text
    await browser.signs_in("recipient")
    assert browser.path == "/inbox"
    assert "还没有看" in browser.text
    link = re.search(r'href="(/inbox/\d+)"', browser.text)
    assert link
    assert await browser.opens(link[1]) == 200
    assert "断缴一年" in browser.text
    await browser.opens("/inbox")
    assert "还没有看" not in browser.text
    await browser.signs_in("office")
    assert await browser.opens(link[1]) == 404


async def test_a_citizen_sends_no_staff_act_by_form(browser: Browser) -> None:
    city = browser.town.city
    question = await city.asks("网友甲", "断缴一年，住院能不能报？")
    await browser.opens("/faq")
    await browser.sends("/do/question.publish", question=question, back="/")
    assert browser.path == "/login"
    state = await city.state(f"interview:{city.interview}:public")
    assert state["questions"] == {}
