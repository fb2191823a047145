"""Every page as a browser without scripts sees it, in every state of an interview."""

import asyncio
import re
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import event

from base.clock import SHANGHAI
from faq import library
from faq.table_file import Row
from interviews import questions
from interviews.models import Question
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from web.app import STATIC
from web.filters import FILTERS

PUBLIC = [
    "/",
    "/interviews",
    "/interviews?year=2026&status=live",
    "/faq",
    "/catalog",
    "/catalog?q=医保",
    "/search",
    "/search?q=医保",
    "/moderation",
    "/statistics",
    "/rules",
    "/accessibility",
    "/privacy",
    "/login",
    "/feed.atom",
    "/interviews.ics",
    "/sitemap.xml",
]
PAYLOAD = "<script>alert(1)</script>“><img src=x onerror=alert(2)>{{ 7*7 }}"


@pytest.fixture
async def browser(town: Town) -> Browser:
    return Browser(town)


async def entry(town: Town, body: str = "出示医保电子凭证，当场结算。") -> int:
    """A published entry of the catalogue; its number."""
    row = Row(
        index_no="SL-2026-0233",
        category="办事指南",
        title="社会保障卡遗失后如何就医结算",
        question="社保卡丢了怎么看病",
        alts=(),
        body=body,
        issuer="示例市医疗保障局",
        section=None,
        document_no=None,
        keywords=None,
        made_on=None,
        published_on=date(2026, 3, 2),
        openness="主动公开",
        in_force=True,
        repealed_on=None,
        successor=None,
    )
    async with town.city.act("周科长", cast.DURING) as uow:
        await library.import_rows(uow, [row], publish_too=True)
    async with town.city.units.read() as uow:
        found = await library.published(uow.db)
    return found[0].id or 0


# Every page


async def test_every_public_page_is_there(browser: Browser) -> None:
    for path in PUBLIC:
        assert await browser.opens(path) == 200, path


async def test_an_interview_has_a_page_in_each_of_its_states(browser: Browser) -> None:
    city, path = browser.town.city, f"/interviews/{browser.town.city.interview}"
    await city.staged("网友甲", "断缴一年，住院能不能报？")
    await city.asks("网友乙", "还没有审的一个")
    assert await browser.opens(path) == 200
    assert "正在进行" in browser.text
    assert 'id="stage-t">断缴一年' in browser.text
    await city.does("李主持", "interview.close", cast.DURING, interview=city.interview, reason="停电")
    assert await browser.opens(path) == 200
    assert "整理中" in browser.text
    assert "断缴一年" in browser.text
    assert "停电" in browser.text
    assert await browser.opens(f"{path}/screen") == 200
    first = city.interview
    await city.plan()
    assert city.interview != first
    assert await browser.opens(f"/interviews/{city.interview}") == 200
    assert "现在还不能提问" in browser.text
    await city.announce()
    assert await browser.opens(f"/interviews/{city.interview}") == 200
    assert "提一个问题" in browser.text
    with time_machine.travel(cast.LIMIT_PASSED, tick=True):
        assert await browser.opens(f"/interviews/{city.interview}") == 200
        assert "到时没有开始" in browser.text


async def test_an_archived_interview_has_its_record_and_can_be_searched(browser: Browser) -> None:
    city = browser.town.city
    one = await city.staged("网友甲", "断缴一年，住院能不能报？")
    await city.does("王处长", "question.answer", question=one, text="补缴到账三个月以后能报。")
    await city.published("网友乙", "能不能一次开三个月的药？")
    await city.does("李主持", "interview.close", cast.DURING, interview=city.interview, reason="停电")
    await city.does("周科长", "summary.send", cast.NEXT_DAY, interview=city.interview)
    path = f"/interviews/{city.interview}"
    assert await browser.opens(path) == 200
    assert "已归档" in browser.text
    assert "现场答复" in browser.text
    assert await browser.opens(f"{path}?q=到账") == 200
    assert 'id="q1"' in browser.text
    assert await browser.opens(f"{path}?show=answered&order=newest&page=1") == 200
    assert await browser.opens("/search?q=到账") == 200
    assert f'href="{path}?at=n2#n2"' in browser.text
    assert await browser.opens(f"{path}?at=n2") == 200
    assert 'id="n2"' in browser.text


async def test_what_is_not_there_is_said_in_words(browser: Browser) -> None:
    for path in ("/interviews/999", "/interviews/99999999999", "/questions/AAAA-BBBB-CCC", "/nirgends"):
        assert await browser.opens(path) == 404
        assert "not_found" in browser.text
        assert "Traceback" not in browser.text
    assert await browser.opens("/interviews?page=viele") == 400


async def test_when_the_error_page_itself_breaks_the_sentence_still_comes(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("the template is gone")

    monkeypatch.setattr("web.pages.aiohttp_jinja2.render_string", broken)
    assert await browser.opens("/interviews/999") == 404
    assert "没有找到这场访谈" in browser.text


# What citizens do by form


async def test_a_question_by_form_leads_to_its_receipt(browser: Browser) -> None:
    path = f"/interviews/{browser.town.city.interview}"
    await browser.opens(path)
    assert (
        await browser.sends(f"{path}/questions", text="断缴一年，能报吗？", kind="inquiry", nickname="小马")
        == 200
    )
    assert re.fullmatch(r"/questions/[0-9A-Z-]{13}", browser.path)
    assert "收到了" in browser.text
    assert "断缴一年，能报吗？" in browser.text
    receipt = browser.path
    await browser.opens(receipt)
    assert "收到了。审核后公开" not in browser.text, "it is said once"
    await browser.opens(f"/questions?receipt={receipt.removeprefix('/questions/').lower()}")
    assert browser.path == receipt
    await browser.opens(path)
    assert "我交的" in browser.text
    assert await browser.sends(f"{receipt}/withdraw") == 200
    assert "撤回了" in browser.text


async def test_the_same_form_sent_twice_is_one_question(browser: Browser) -> None:
    path = f"/interviews/{browser.town.city.interview}"
    await browser.opens(path)
    page = browser.text
    client_id = re.search(r'name="client_id" value="([^"]+)"', page)
    assert client_id
    typed = {"text": "点了两下的问题", "kind": "opinion", "client_id": client_id[1]}
    await browser.sends(f"{path}/questions", **typed)
    first, browser.text = browser.path, page
    await browser.sends(f"{path}/questions", **typed)
    assert browser.path == first


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "问" * 2001, "kind": "suggestion", "nickname": "长话"}, "问题最多2000个字"),
        ({"text": " \n ", "kind": "suggestion", "nickname": "空话"}, "问题是空的"),
        ({"text": "邮箱写错了", "kind": "suggestion", "contact": "不是邮箱"}, "电子邮箱写得不对"),
        ({"text": "称呼太长", "kind": "suggestion", "nickname": "长" * 21}, "称呼最多20个字"),
    ],
)
async def test_a_refused_question_comes_back_with_all_that_was_typed(
    browser: Browser, typed: dict[str, str], said: str
) -> None:
    path = f"/interviews/{browser.town.city.interview}"
    await browser.opens(path)
    assert await browser.sends(f"{path}/questions", **typed) == 400
    assert said in browser.text
    assert 'aria-invalid="true"' in browser.text
    for value in typed.values():
        assert value.strip() in browser.text
    assert re.search(r'value="suggestion" checked', browser.text)
    # And what is corrected on that very page is accepted.
    assert await browser.sends(f"{path}/questions", text="改好了的问题", kind="inquiry") == 200
    assert browser.path.startswith("/questions/")


async def test_support_by_form_counts_once_and_comes_back(browser: Browser) -> None:
    city = browser.town.city
    question = await city.published("网友甲", "异地备案要不要办？")
    path = f"/interviews/{city.interview}"
    await browser.opens(path)
    for _ in range(2):
        await browser.sends(f"/questions/{question}/support", back=f"{path}#q1")
        assert browser.path == path
    assert 'aria-pressed="true"><span class="support-n">1</span>' in browser.text
    pending = await city.asks("网友甲", "还没有审的")
    assert await browser.sends(f"/questions/{pending}/support", back=path) == 404


async def test_a_form_without_its_token_or_from_another_site_is_refused(browser: Browser) -> None:
    path = f"/interviews/{browser.town.city.interview}/questions"
    typed = {"text": "别人替我问的", "kind": "inquiry"}
    await browser.opens("/")
    async with browser.client.post(path, data=typed) as answer:
        assert answer.status == 403
        assert "form.stale" in await answer.text()
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', await _page(browser, "/faq"))
    assert token
    headers = {"Origin": "https://other.example"}
    async with browser.client.post(path, data=typed | {"csrf": token[1]}, headers=headers) as answer:
        assert answer.status == 403
        assert "origin.foreign" in await answer.text()
    assert not [q for q in (await _staff_questions(browser)) if q["text"] == typed["text"]]


async def _page(browser: Browser, path: str) -> str:
    await browser.opens(path)
    return browser.text


async def _staff_questions(browser: Browser) -> list[dict[str, Any]]:
    state = await browser.town.city.state(f"interview:{browser.town.city.interview}:staff")
    return list(state["questions"].values())


async def test_a_citizens_form_acts_as_the_visitor_even_where_staff_is_signed_in(browser: Browser) -> None:
    path = f"/interviews/{browser.town.city.interview}"
    await browser.signs_in("moderator", path)
    assert await browser.sends(f"{path}/questions", text="值班时自己想问的", kind="inquiry") == 200
    assert browser.path.startswith("/questions/")
    assert "值班时自己想问的" in browser.text


# What must not be seen


async def test_what_waits_for_the_moderator_is_on_no_public_page(browser: Browser) -> None:
    city = browser.town.city
    await entry(browser.town)
    secret = "还没有人审过的话"
    await city.asks("网友甲", secret)
    declined = await city.asks("网友甲", f"{secret}二")
    await city.does("审核员小张", "question.decline", question=declined, reason="abuse")
    gone = await city.published("网友乙", f"{secret}三")
    await city.does("网友乙", "question.withdraw", question=gone)
    receipts = [q.receipt for q in await _rows(browser)]
    room = f"/interviews/{city.interview}"
    extra = [room, f"{room}/screen", f"/search?q={secret}", *(f"/questions/{one}" for one in receipts)]
    for path in [*PUBLIC, *extra]:
        await browser.opens(path)
        shown = browser.text.replace(f'value="{secret}"', "").replace(f"“{secret}”找到0条", "")
        assert secret not in shown, path
        assert browser.status == 200, path
    await browser.opens("/moderation")
    assert "辱骂" in browser.text


async def _rows(browser: Browser) -> list[Question]:
    async with browser.town.city.units.read() as uow:
        return await questions.of_interview(uow, browser.town.city.interview)


async def test_what_people_write_is_only_ever_a_text(browser: Browser) -> None:
    city = browser.town.city
    number = await entry(browser.town, body=PAYLOAD)
    question = await city.asks("网友甲", PAYLOAD, nickname="<b>甲</b>")
    await city.does("审核员小张", "question.publish", question=question)
    await city.does("李主持", "question.stage", question=question)
    await city.does("王处长", "question.answer", question=question, text=PAYLOAD)
    await city.asks("网友乙", PAYLOAD + "待审")
    receipt = next(row.receipt for row in await _rows(browser))
    room = f"/interviews/{city.interview}"
    paths = ["/", room, f"{room}/screen", f"/questions/{receipt}", f"/faq/entries/{number}", "/catalog"]
    for path in [*paths, "/search?q=<script>", "/faq?text=<script>alert(3)</script>", "/feed.atom"]:
        await browser.opens(path)
        assert "<script>alert" not in browser.text, path
        assert "<img src=x" not in browser.text, path
        assert "<b>甲" not in browser.text, path
    for role, path in (
        ("moderator", f"/host/{city.interview}"),
        ("clerk", f"/desk/{city.interview}?question={question}"),
        ("office", f"/office/interviews/{city.interview}"),
    ):
        await browser.signs_in(role, path)
        assert browser.status == 200
        assert "&lt;script&gt;" in browser.text, path
        assert "<script>alert" not in browser.text, path


# 长辈版, assets, machines


async def test_the_large_mode_is_remembered_and_the_address_comes_back_clean(browser: Browser) -> None:
    path = f"/interviews/{browser.town.city.interview}"
    async with browser.client.get(f"{path}?order=oldest&mode=elder", allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == f"{path}?order=oldest"
        assert "HttpOnly" not in answer.headers["Set-Cookie"]
    await browser.opens("/rules")
    assert 'data-mode="elder"' in browser.text
    await browser.opens("/rules?size=max")
    assert browser.path == "/rules"
    assert 'data-size="max"' in browser.text
    await browser.opens("/rules?mode=normal")
    assert 'data-mode="normal"' in browser.text
    await browser.opens("/rules?mode=riesig")
    assert 'data-mode="normal"' in browser.text
    port = browser.client.server.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET //other.example/?mode=elder HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    raw = (await reader.read()).decode()
    writer.close()
    assert raw.startswith("HTTP/1.1 303")
    assert "Location: /other.example/" in raw


async def test_styles_carry_their_version_and_may_be_kept_for_ever(browser: Browser) -> None:
    await browser.opens("/")
    sheet = re.search(r'href="(/static/tokens\.css\?v=[0-9a-f]+)"', browser.text)
    assert sheet
    async with browser.client.get(sheet[1]) as answer:
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
    async with browser.client.get("/static/tokens.css") as answer:
        assert answer.headers["Cache-Control"] == "public, no-cache"


def test_no_colour_is_on_its_way_to_another() -> None:
    """The console's buttons change their kind under the eyes: white words on the ground of before cannot be read."""
    sheets = [*STATIC.glob("*.css")]
    assert sheets
    for sheet in sheets:
        assert not re.search(r"\b(transition|animation)\b", sheet.read_text(encoding="utf-8")), sheet.name


async def test_the_calculator_shows_the_worked_example(browser: Browser) -> None:
    assert await browser.opens("/rules?start=2026-03-06T14:30&end=") == 200
    assert "2月9日" in browser.text
    assert "春节" in browser.text
    assert await browser.opens("/rules?start=2026-02-30T14:30") == 400
    assert "2026年2月没有30日" in browser.text
    assert 'value="2026-02-30T14:30"' in browser.text


async def test_calendar_and_feeds_are_well_formed(browser: Browser) -> None:
    await browser.opens("/interviews.ics")
    lines = browser.text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert "DTSTART:20260306T063000Z" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    for path, root in (("/feed.atom", "feed"), ("/sitemap.xml", "urlset")):
        await browser.opens(path)
        assert browser.text.rstrip().endswith(f"</{root}>")


async def test_the_pages_ask_as_often_for_many_interviews_as_for_few(browser: Browser) -> None:
    city, engine = browser.town.city, browser.town.city.units.database.reader.sync_engine
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))

    async def queries(path: str) -> int:
        """The fewest of three times: the sweeps of the bell ask too."""
        counts = []
        for _ in range(3):
            seen.clear()
            assert await browser.opens(path) == 200
            counts.append(len(seen))
        return min(counts)

    paths = ("/", "/interviews", "/interviews.ics", "/feed.atom", "/statistics")
    await queries("/search?q=到账")  # answers when everything has been read
    few = [await queries(path) for path in paths]
    for _ in range(5):
        await city.plan()
        await city.announce()
    assert [await queries(path) for path in paths] == few


def test_instants_are_told_in_shanghai_whatever_they_were_given_in() -> None:
    moment = datetime(2026, 5, 18, 10, 19, tzinfo=SHANGHAI)
    from_utc = FILTERS["stamp"]("2026-05-18T02:19:00+00:00")
    assert FILTERS["stamp"](moment) == from_utc == "2026-05-18 10:19"
    assert FILTERS["cndate"]("2026-05-18") == "2026年5月18日（周一）"
    assert FILTERS["hm"](None) == ""


async def test_whoever_asks_too_fast_is_told_how_long_to_wait(browser: Browser) -> None:
    path = f"/interviews/{browser.town.city.interview}"
    for number in range(10):
        await browser.opens(path)
        assert await browser.sends(f"{path}/questions", text=f"第{number}个问题", kind="inquiry") == 200
    await browser.opens(path)
    assert await browser.sends(f"{path}/questions", text="第十一个问题", kind="inquiry") == 429
    assert "第十一个问题" in browser.text
    assert re.search(r"请过\d+秒再交", browser.text)
