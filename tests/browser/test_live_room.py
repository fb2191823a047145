"""The citizen's side of the live room in a real browser: bad lines, no websocket, and what becomes of one's question.

``fangtan serve`` runs as a process of its own; the staff act over HTTP, so that only the citizens need a browser.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, BrowserContext, Page, Response, WebSocketRoute, expect

from base.clock import utcnow
from base.db import Database, sqlite_url
from tests import cast
from tests.browser.demo import context_of
from tests.browser.looking import axe_findings
from tests.browser.serving import Line, free_port, served
from web import auth
from web.database import migrate

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

CUT_SECONDS = 10
INTERVIEWS = 8
PHONE = {"width": 390, "height": 844}
BIG, SMALL = {"width": 1920, "height": 1080}, {"width": 900, "height": 600}
CUT = "没有显示完，全文看最上面的网址"
TOLD = "getComputedStyle(document.querySelector('.latest'), '::after').content"
"""What the big screen writes over the end of an answer that goes on."""
MARK = "fangtan-phone"
STAFF = ("周科长", "李主持", "王处长", "许主任", "审核员小张")


@dataclass
class Room:
    """A live interview on a running server, and its staff at their telephones."""

    base: str
    line: Line
    interview: int
    bodies: dict[str, int]
    http: aiohttp.ClientSession
    tokens: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.base}/interviews/{self.interview}"

    async def does(self, who: str, name: str, **sent: Any) -> dict[str, Any]:
        """One of the staff sends a command; its result."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        async with self.http.post(f"{self.base}/api/commands/{name}", json=sent, headers=headers) as answer:
            told: dict[str, Any] = await answer.json()
        assert told["ok"], told
        result: dict[str, Any] = told["result"]
        return result

    async def staff(self) -> dict[str, Any]:
        """The state as the staff see it."""
        headers = {"Authorization": f"Bearer {self.tokens['审核员小张']}"}
        path = f"{self.base}/api/streams/interview:{self.interview}:staff"
        async with self.http.get(path, headers=headers) as answer:
            state: dict[str, Any] = (await answer.json())["snapshot"]
        return state

    async def questions(self, text: str) -> list[dict[str, Any]]:
        """The questions with a text, whatever became of them."""
        return [q for q in (await self.staff())["questions"].values() if q["text"] == text]

    async def question(self, text: str) -> int:
        """The one question with a text."""
        (found,) = await self.questions(text)
        return int(found["question"])

    async def published(self, text: str) -> int:
        """审核员小张 publishes the question with a text; its id."""
        question = await self.question(text)
        await self.does("审核员小张", "question.publish", question=question)
        return question

    async def answered(self, question: int, text: str) -> dict[str, Any]:
        """李主持 puts a question on stage and 王处长 answers it."""
        await self.does("李主持", "question.stage", question=question)
        return await self.does("王处长", "question.answer", question=question, text=text)


@dataclass
class Server:
    """``fangtan serve`` with one interview for each test, and the port in front of it where the line is."""

    port: int
    front: int
    interviews: list[int]
    bodies: dict[str, int]
    tokens: dict[str, str]


async def installed(data: Path) -> tuple[list[int], dict[str, int], dict[str, str]]:
    """A real installation in which several interviews may be opened now."""
    database = Database(sqlite_url(data / "fangtan.db"))
    await migrate(database)
    city = await cast.settle(database)
    interviews = []
    for place in range(INTERVIEWS):
        # One after the other on paper, for the same people cannot be booked twice; each is still to be opened.
        start = utcnow() - timedelta(seconds=1 + place)
        interviews.append(await city.plan(start))
        await city.announce(start)
        await city.prepare(start)
    async with city.act("周科长", cast.PLANNED) as uow:
        tokens = {who: await auth.bearer(uow, city.people[who].person_id or 0, 3650) for who in STAFF}
    await database.close()
    return interviews, city.bodies, tokens


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("live")
    interviews, bodies, tokens = asyncio.run(installed(data))
    port, front = free_port(), free_port()
    with served(data, port, f"http://127.0.0.1:{front}"):
        yield Server(port, front, interviews, bodies, tokens)


@pytest.fixture
async def room(server: Server) -> AsyncIterator[Room]:
    """An interview that has just been opened, on a server behind a line that can be cut."""
    base = f"http://127.0.0.1:{server.front}"
    async with (
        Line(server.front, server.port, MARK.encode()) as line,
        aiohttp.ClientSession() as http,
    ):
        room = Room(base, line, server.interviews.pop(), server.bodies, http, server.tokens)
        await room.does("李主持", "interview.open", interview=room.interview)
        yield room


async def phone(browser: Browser) -> BrowserContext:
    """A browser whose line can be cut."""
    agent = f"Mozilla/5.0 (Linux; Android 12; {MARK}) Chrome/120"
    return await browser.new_context(viewport=PHONE, user_agent=agent)  # type: ignore[arg-type]  # a TypedDict


async def connected(page: Page) -> None:
    await expect(page.locator("#link")).to_contain_text("已连上")


async def write(page: Page, text: str) -> None:
    """Type a question and press the button."""
    await page.fill('#ask [name="text"]', text)
    await page.click("#ask button.btn--wide")


async def asked(page: Page, text: str) -> None:
    """Ask, and wait until the page says that the server has it."""
    await write(page, text)
    await expect(page.locator("#mine-list li", has_text=text)).to_contain_text("回执编号")


async def let_in(page: Page) -> None:
    """Press what says that new words wait."""
    await page.locator("button.fresh").click()


async def test_a_line_cut_for_ten_seconds_loses_nothing(browser: Browser, room: Room) -> None:
    context = await phone(browser)
    page = await context.new_page()
    await page.goto(room.place)
    await connected(page)
    await asked(page, "断线以前的问题？")
    question = await room.published("断线以前的问题？")
    async with room.line.cut():
        answer = await room.answered(question, "断线时的答复。")
        for word in ("第一句", "第二句", "第三句"):
            await room.does("李主持", "interview.say", interview=room.interview, text=f"断线时的{word}。")
        await expect(page.locator("#link")).to_contain_text("断线了，正在重连")
        await expect(page.locator("#link")).to_contain_text("刚才的内容不会丢")
        for text in ("断线时写的第一个？", "断线时写的第二个？"):
            await write(page, text)
        await expect(page.locator("#mine-list")).to_contain_text("还没有送到")
        await expect(page.locator("#send-state")).not_to_contain_text("收到了")
        await page.wait_for_timeout(CUT_SECONDS * 1000)
    await connected(page)
    await let_in(page)
    record = await page.locator("#record").inner_text()
    told = ["断线时的答复。", "断线时的第一句。", "断线时的第二句。", "断线时的第三句。"]
    assert [text for text in told if record.count(text) != 1] == []
    await expect(page.locator("#send-state")).to_contain_text("收到了")
    await expect(page.locator("#mine-list")).not_to_contain_text("还没有送到")
    for text in ("断线时写的第一个？", "断线时写的第二个？"):
        assert len(await room.questions(text)) == 1
    await room.does("王处长", "erratum.publish", item=answer["item"], text="应为4个月。", reason="口误")
    await expect(page.locator(".erratum")).to_contain_text("应为4个月。更正的原因：口误。")
    said = next(i for i in (await room.staff())["items"] if i["text"] == "断线时的第二句。")
    await room.does("审核员小张", "question.remove", item=said["item"], reason="说到了个人")
    await expect(page.locator(f"#n{said['no']}")).to_contain_text("已撤下。原因：说到了个人")


async def test_what_was_typed_outlives_a_reload_and_a_crash(browser: Browser, room: Room) -> None:
    context = await phone(browser)
    page = await context.new_page()
    await page.goto(room.place)
    await connected(page)
    await page.fill('#ask [name="text"]', "还没写完的问")
    await page.fill('#ask [name="nickname"]', "老李")
    await page.reload()
    await expect(page.locator('#ask [name="text"]')).to_have_value("还没写完的问")
    await expect(page.locator('#ask [name="nickname"]')).to_have_value("老李")
    await asked(page, "先交一个，领到身份？")
    async with room.line.cut():
        await write(page, "没送到就关了的问题？")
        await expect(page.locator("#mine-list")).to_contain_text("没送到就关了的问题？")
        await page.close(run_before_unload=False)
    page = await context.new_page()
    await page.goto(room.place)
    await expect(page.locator("#send-state")).to_contain_text("收到了")
    assert len(await room.questions("没送到就关了的问题？")) == 1
    await page.reload()
    await connected(page)
    assert len(await room.questions("没送到就关了的问题？")) == 1
    assert await page.locator("#mine-list li").count() == 2


async def test_at_the_end_a_refused_question_stays_with_the_reason_and_what_was_written_too(
    browser: Browser, room: Room, shots: Path
) -> None:
    page = await (await phone(browser)).new_page()
    await page.goto(room.place)
    await connected(page)
    await asked(page, "先交一个？")
    async with room.line.cut():
        await write(page, "结束以后才送到的？")
        await page.fill('#ask [name="text"]', "正在写的另一个")
        await room.does("李主持", "interview.close", interview=room.interview, reason="问题答完了")
    refused = page.locator("#mine-list li", has_text="结束以后才送到的？")
    await expect(refused).to_contain_text("没有收下")
    # The page is not turned under its reader, and does not say any more that something goes on.
    await expect(page.locator(".live-head .state")).to_have_text("访谈结束了")
    await expect(page.locator("#clock")).to_have_count(0)
    await expect(page.locator("#stage")).to_contain_text("没有答的，会后书面答复")
    await expect(page.locator("#ask")).to_contain_text("还想问的，可以问机器人")
    writing = page.locator('#ask [name="text"]')
    await expect(writing).to_have_value("正在写的另一个")
    await expect(writing).not_to_be_editable()
    for gone in ("#ask button", ".foot-bar a", "#mine-list button:has-text('改好再交')"):
        await expect(page.locator(gone).locator("visible=true")).to_have_count(0)
    assert await axe_findings(page) == []
    await page.locator("#ask").scroll_into_view_if_needed()
    await page.screenshot(path=shots / "citizen-after-the-end.png")
    await page.goto(room.place)
    await expect(refused).to_contain_text("没有收下")
    await expect(page.locator("#mine-list li", has_text="正在写的另一个")).to_contain_text("写了没有交")
    await refused.get_by_role("button", name="不交了").click()
    await expect(refused).to_have_count(0)


def nothing_new(response: Response) -> bool:
    return "/api/streams/interview" in response.url and response.status == 304


async def test_without_a_websocket_the_same_room_is_read_and_asked(browser: Browser, room: Room) -> None:
    context = await phone(browser)
    blocked = True

    async def socket(route: WebSocketRoute) -> None:
        if blocked:
            await route.close()
        else:
            route.connect_to_server()

    await context.route_web_socket(lambda url: "socket.io" in url, socket)
    page = await context.new_page()
    await page.goto(room.place)
    await expect(page.locator("#link")).to_contain_text("每隔几秒")
    await asked(page, "没有长连接能不能问？")
    question = await room.published("没有长连接能不能问？")
    await expect(page.locator("#news")).to_contain_text("公开了，编为1号")
    await room.answered(question, "能，一样的。")
    await let_in(page)
    await expect(page.locator("#record")).to_contain_text("能，一样的。")
    # Looking again while nothing happens costs a line.
    await page.wait_for_event("response", nothing_new)
    blocked = False
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await connected(page)
    await room.does("李主持", "interview.say", interview=room.interview, text="又连上了。")
    await let_in(page)
    await expect(page.locator("#record")).to_contain_text("又连上了。")
    assert (await page.locator("#record").inner_text()).count("能，一样的。") == 1


async def test_news_of_ones_own_question_moves_nothing(browser: Browser, room: Room) -> None:
    context = await phone(browser)
    # A device whose clock is an hour fast still shows the server's.
    await context.add_init_script("const real = Date.now; Date.now = () => real() + 3600_000")
    page = await context.new_page()
    await page.goto(room.place)
    await connected(page)
    await expect(page.locator("#clock")).to_contain_text(re.compile(r"已进行\d分钟"))
    for text in ("先问的？", "后问的一样的？", "该转走的？", "不该问的？"):
        await asked(page, text)
    news = page.locator("#news")
    first = await room.published("先问的？")
    await expect(news).to_contain_text("公开了，编为1号")
    await news.get_by_role("button", name="知道了").click()
    await expect(news).to_have_text("")
    second = await room.question("后问的一样的？")
    await room.does("审核员小张", "question.merge", question=second, into=first)
    await expect(news).to_contain_text("和1号问的是一件事")
    third = await room.question("该转走的？")
    await room.does("审核员小张", "question.transfer", question=third, body=room.bodies["水务局"])
    await expect(news).to_contain_text("转给了示例市水务局")
    fourth = await room.question("不该问的？")
    await room.does("审核员小张", "question.decline", question=fourth, reason="advertising")
    await expect(news).to_contain_text("没有公开，原因是广告")
    await news.get_by_role("button", name="知道了").click()
    await page.locator("#ask button.btn").scroll_into_view_if_needed()
    await page.evaluate("document.activeElement.blur()")
    before = await page.locator("#ask").bounding_box()
    await room.does("李主持", "question.stage", question=first)
    await expect(news).to_contain_text("正在答您的1号提问")
    await room.does("王处长", "question.answer", question=first, text="答给两个人的。")
    await expect(news).to_contain_text("已答复")
    await expect(page.locator("#mine-list")).to_contain_text("并入1号")
    # The list of one's own, below, tells more; the form that was in sight stays where it was.
    assert await page.locator("#ask").bounding_box() == before
    assert await axe_findings(page) == []
    await page.reload()
    await connected(page)
    await expect(page.locator("#mine-list li")).to_have_count(4)
    assert await news.inner_text() == ""


async def test_the_big_screen_says_that_an_answer_goes_on_and_a_small_one_shows_it_all(
    browser: Browser, room: Room
) -> None:
    citizen = await (await phone(browser)).new_page()
    await citizen.goto(room.place)
    await connected(citizen)
    for text in ("短短地答？", "长长地答？"):
        await asked(citizen, text)
    screen = await (await browser.new_context(viewport=BIG)).new_page()  # type: ignore[arg-type]  # a TypedDict
    await screen.goto(f"{room.place}/screen")
    await room.answered(await room.published("短短地答？"), "能，每周二上午收。")
    latest = screen.locator(".latest")
    await expect(latest).to_contain_text("每周二上午收")
    await expect(latest).not_to_have_class(re.compile("latest--cut"))
    assert CUT not in await screen.evaluate(TOLD)

    await room.answered(
        await room.published("长长地答？"), "断缴三个月以上的，从补缴到账的次月起重新计算。" * 60
    )
    await expect(latest).to_contain_text("重新计算")
    await expect(latest).to_have_class(re.compile("latest--cut"))
    assert CUT in await screen.evaluate(TOLD)
    assert await screen.evaluate("document.documentElement.scrollHeight") <= BIG["height"]
    box = await latest.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= BIG["height"]

    await screen.set_viewport_size(SMALL)  # type: ignore[arg-type]  # a TypedDict in the stubs
    await screen.reload()
    await expect(latest).to_contain_text("重新计算")
    await connected(screen)
    await expect(latest).not_to_have_class(re.compile("latest--cut"))
    end = await latest.evaluate("one => one.scrollHeight - one.clientHeight")
    assert end <= 2
    assert await screen.evaluate("document.documentElement.scrollHeight") > SMALL["height"]


async def test_the_eleventh_question_of_a_minute_takes_a_small_proof(browser: Browser, room: Room) -> None:
    page = await (await phone(browser)).new_page()
    await page.goto(room.place)
    await connected(page)
    await asked(page, "第1个？")
    for place in range(2, 12):
        await write(page, f"第{place}个？")
    await expect(page.locator("#mine-list")).not_to_contain_text("还没有送到")
    assert [len(await room.questions(f"第{place}个？")) for place in range(1, 12)] == [1] * 11


async def test_an_appeal_without_a_script(browser: Browser, room: Room) -> None:
    page = await (await context_of(browser, 390, 844, script=False)).new_page()
    await page.goto(room.place)
    await write(page, "我卖的保健品治百病，为什么不让说？")
    receipt = page.url.partition("#")[0]
    question = await room.question("我卖的保健品治百病，为什么不让说？")
    await room.does("审核员小张", "question.decline", question=question, reason="advertising")
    await page.goto(receipt)
    await expect(page.locator(".steps")).to_contain_text("原因：广告。推销东西、服务的，不公开。")
    await page.get_by_role("button", name="申诉").click()
    await page.fill("#appeal-text", "我问的是规定，不是推销。")
    await page.get_by_role("button", name="申诉").click()
    await expect(page.locator(".flash")).to_contain_text("申诉交上来了")
    await expect(page.locator(".steps")).to_contain_text("我问的是规定，不是推销。")
    await expect(page.locator(".steps")).to_contain_text("由审核员重新看一遍")
    await expect(page.locator("#appeal-text")).to_have_count(0)
    assert await axe_findings_without_script(browser, page) == []
    await room.does("周科长", "question.decline", question=question, reason="advertising")
    await page.goto(receipt)
    await expect(page.locator("main")).to_contain_text("申诉过一次了")
    await expect(page.locator("#appeal-text")).to_have_count(0)
    await page.goto(f"{room.base}/moderation")
    await expect(page.locator("main")).to_contain_text("申诉后仍没有公开")
    await expect(page.locator("main")).not_to_contain_text("保健品")


async def axe_findings_without_script(browser: Browser, page: Page) -> list[str]:
    """What axe finds on the page that a browser without scripts shows; axe itself is a script."""
    looking = await (await browser.new_context(viewport=PHONE)).new_page()  # type: ignore[arg-type]
    await looking.goto(page.url)
    return await axe_findings(looking)
