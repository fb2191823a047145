"""Two hundred pieces of a stranger's code through every field of text; then every page that shows them, in a browser.

Nothing may run, the policy may have nothing to refuse, and each piece must be read letter by letter. Which fields
there are is asked of the commands: a new field of text without a line here fails. What can be said but once or thrice of
an interview (why it closes early, an exception, a report's receipt) gets the first pieces.
"""

import html
import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select
from sqlmodel import col

from base.errors import Refusal
from faq.models import CatalogEntry
from interviews.models import Delivery, Question
from tests import cast
from tests.access.stage import entry_of
from tests.browser import typed
from tests.browser.looking import Watch
from tests.browser.payloads import PAYLOADS, REFUSED
from tests.browser.strangers import RAN, Sent, close, eyes, foreign, pieces
from tests.web.browser import Browser as Plain
from tests.web.conftest import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]


# What goes in


async def before(sent: Sent) -> None:
    """The programme, the content, the guests, the venue; the interview is opened with the last of each."""
    city = sent.town.city
    themes, venues = pieces(60), pieces(100, "venue")
    made: list[int] = []
    for at, theme in enumerate(themes):
        start = cast.at("2026-04-01 09:00").replace(month=4 + at // 28, day=1 + at % 28)
        planned = {
            "theme": theme, "starts_at": start.isoformat(), "ends_at": start.replace(hour=11).isoformat(),
            "respondents": [city.bodies["医保局"]], "venue": venues[at % len(venues)],
        }  # fmt: skip
        made.append((await sent.put("周科长", "interview.schedule", cast.PLANNED, **planned))["interview"])
    await city.plan()
    await city.does("何主任", "plan.issue", cast.PLANNED, year=2026)
    for at, reason in enumerate(pieces(1000, "reason of the plan")):
        await sent.put("何主任", "interview.cancel", cast.ANNOUNCED, interview=made[at], reason=reason)
        moved = {"theme": themes[-at - 1], "ground": "public_demand", "reason": reason}
        await sent.put("何主任", "interview.change", cast.ANNOUNCED, interview=made[at - 20], **moved)
    for at, duty in enumerate(("guests", "change-notice", "reason")):
        waived = {"interview": city.interview, "duty": duty, "reason": pieces(1000, "waived")[at]}
        await sent.put("何主任", "waiver.grant", cast.ANNOUNCED, **waived)
    for text in reversed(pieces(3900, "content")):
        told = {"interview": city.interview, "theme": themes[0], "text": text}
        await sent.put("许主任", "content.tell", cast.ANNOUNCED, **told)
        await sent.reads("clerk", f"/desk/interviews/{city.interview}")
    await sent.reads("office", *(f"/office/interviews/{one}" for one in made[: len(venues)]))
    await city.does("周科长", "interview.announce", cast.ANNOUNCED, interview=city.interview)
    await city.prepare()
    await sent.put(
        "周科长", "venue.tell", cast.at("2026-03-02 11:00"), interview=city.interview, venue=venues[0]
    )


async def guests(sent: Sent) -> AsyncIterator[int]:
    """Guests with names and posts of such text, thirty at a time; after each the page must show them."""
    names, posts = pieces(40), pieces(80)
    for start in range(0, len(names), 30):
        told = [
            {"name": name, "post": posts[(start + at) % len(posts)]}
            for at, name in enumerate(names[start : start + 30])
        ]
        city = sent.town.city
        await sent.put(
            "许主任", "guests.tell", cast.at("2026-03-02 11:00"), interview=city.interview, guests=told
        )
        yield start


async def live(sent: Sent) -> dict[str, int]:
    """Everything that is typed while the interview runs; some of the questions by what became of them."""
    city, put = sent.town.city, sent.put
    interview = {"interview": city.interview}
    found = {"answered": [await sent.public(text) for text in pieces(2000, "question")][-1]}
    for at, nickname in enumerate(pieces(20)):
        await sent.public(f"称呼不一样的第{at}问", nickname=nickname)
        sent.fields.setdefault("question.submit.nickname", []).append(nickname)
    await put("李主持", "interview.say", **interview, text=pieces(20_000, "say")[0])
    await put("王处长", "answer.draft", question=found["answered"], text=pieces(20_000, "draft")[0])
    for at, reason in enumerate(pieces(1000, "reason")):
        masked = await sent.asks(f"要隐去一句的第{at}问")
        await put("审核员小张", "question.publish", question=masked, text=pieces(2000, "masked")[at % 3])
        refused = await sent.public(f"不能公开答复的第{at}问")
        await put(
            "王处长",
            "question.refuse",
            question=refused,
            ground="personal_privacy",
            reason=f"refuse {reason[:900]}",
            partial=reason,
        )
        deferred = await sent.public(f"会后再答的第{at}问")
        await put("王处长", "question.defer", question=deferred, reason=reason)
        declined = await sent.asks(f"不公开的第{at}问")
        await city.does("审核员小张", "question.decline", question=declined, reason="not_a_question")
        await put("网友甲", "question.appeal", question=declined, text=reason)
        await put("李主持", "interview.extend", **interview, minutes=1, reason=reason)
        said = await put("李主持", "interview.say", **interview, text=f"说过的第{at}句")
        await put("审核员小张", "question.remove", item=said["item"], reason=reason)
        found |= {"refused": refused, "deferred": deferred, "declined": declined}
    item = await put(
        "王处长", "question.answer", question=found["answered"], text=pieces(20_000, "answer")[0]
    )
    for at, reason in enumerate(pieces(1000, "erratum")):
        text = pieces(20_000, "answer")[0] + f"第{at}次改"
        await put("王处长", "erratum.publish", item=item["item"], text=text, reason=reason)
    for at, line in enumerate(pieces(100, "what")):
        made = await put("王处长", "question.answer", question=found["answered"], text=f"答应了的第{at}句")
        await put("王处长", "promise.make", item=made["item"], what=line, due="2026-03-31")
        if at == 0:
            done = pieces(20_000, "kept")[0]
            await put("王处长", "promise.keep", item=made["item"], text=done)
        elif at == 1:
            await put("周科长", "promise.cancel", item=made["item"], reason=pieces(1000, "unpromise")[0])
    await city.asks_a_second_person()
    for at, reason in enumerate(pieces(1000, "return")):
        found[f"returned{at}"] = laid = await sent.public(f"要审定的第{at}问")
        await put("王处长", "question.answer", question=laid, text=f"要审定的第{at}句")
        await put("许主任", "answer.return", question=laid, reason=reason)
    return found


async def after(sent: Sent) -> None:
    """The interview is closed, its report written, sent and acknowledged; then the lists of words."""
    city, put = sent.town.city, sent.put
    interview = {"interview": city.interview}
    await put("李主持", "interview.close", **interview, reason=pieces(1000, "close")[0])
    await city.does("周科长", "report.draft", **interview)
    parts = {name: pieces(20_000, name)[0] for name in ("overview", "problems", "proposals")}
    edited = await put("周科长", "report.edit", **interview, version=1, **parts)
    await city.does("何主任", "report.sign", **interview, version=edited["version"])
    await city.does("周科长", "summary.send", **interview)
    async with city.act("陈秘书", cast.DURING) as uow:
        own = await uow.db.scalar(
            select(col(Delivery.id)).where(col(Delivery.body_id) == city.people["陈秘书"].body_id)
        )
    await put("陈秘书", "report.acknowledge", delivery=own, comment=pieces(1000, "comment")[0])
    notes = pieces(100, "note")
    words = pieces(30)
    for at, note in enumerate(notes):
        await put(
            "周科长", "words.add", kind="emergency", words=[f"词{at}", *words[at :: len(notes)]], note=note
        )
    for at, text in enumerate(pieces(2000, "case")):
        await put("周科长", "word.case.add", text=f"{text}第{at}句")


TALK = "x" * 22


async def desk(sent: Sent) -> str:
    """The bot is asked, its answer judged, a person of the office asked; an entry of nothing else is published."""
    plain, city = Plain(sent.town), sent.town.city
    for text in pieces(2000, "ask"):
        await plain.opens(f"/faq?talk={TALK}")
        assert await plain.sends("/faq", text=text, conversation=TALK) == 200, plain.text[:300]
        sent.fields.setdefault("faq.ask.text", []).append(text)
        number = re.findall(r'name="ask" value="(\d+)"', plain.text)
        if number:
            await plain.sends("/faq/exit", exit="human", ask=number[-1], text=text, conversation=TALK)
            await plain.opens(f"/faq?talk={TALK}")
    lines = pieces(400, "entry")
    for at in range(4):
        more = {
            "question": lines[at],
            "keywords": lines[at + 4],
            "section": lines[at + 8][:60],
            "alts": tuple(lines),
        }
        await entry_of(city, f"GK-{at}", f"{at} {lines[at]}"[:300], pieces(20_000, "body")[0], **more)
    for name, texts in (("title", lines[:4]), ("question", lines[:4]), ("body", pieces(20_000, "body"))):
        sent.fields[f"entry.{name}"] = texts
    async with city.act("周科长", cast.DURING) as uow:
        return str(await uow.db.scalar(select(col(CatalogEntry.id)).order_by(col(CatalogEntry.id).desc())))


# What is looked at


async def receipts(town: Town, questions: dict[str, int]) -> list[str]:
    async with town.city.act("周科长", cast.DURING) as uow:
        return [f"/questions/{(await uow.db.get_one(Question, one)).receipt}" for one in questions.values()]


async def test_two_hundred_pieces_through_every_field(browser: Browser, sent: Sent) -> None:
    town = sent.town
    await before(sent)
    room = f"/interviews/{town.city.interview}"
    reader, office, clerk, host, guest = [
        await eyes(browser, town, login) for login in ("", "office", "clerk", "host", "guest")
    ]
    async for _ in guests(sent):
        await reader.look(sent, room)
    await town.city.does("李主持", "interview.open", cast.START, interview=town.city.interview)

    console, answering = room.replace("interviews", "host"), room.replace("interviews", "desk")
    for one, path in ((reader, room), (host, console), (guest, answering)):
        await one.look(sent, path)
    questions = await live(sent)
    await reader.watch.page.locator("#fresh button").click()
    await expect(reader.watch.page.locator("#record")).to_contain_text(
        "answer <script>ran()</script>", timeout=30_000
    )
    for one, path in ((reader, room), (host, console), (guest, answering)):
        await one.here(sent, f"{path}, drawn by its script")
    entry = await desk(sent)
    await reader.look(
        sent, room, f"{room}/screen", "/", "/interviews", "/interviews?status=planned", "/moderation",
        f"/faq?talk={TALK}", f"/faq/entries/{entry}", "/catalog", "/search?q=ran", "/statistics",
        *await receipts(town, questions),
    )  # fmt: skip
    await host.look(sent, console)
    await guest.look(sent, answering, f"{answering}?question={questions['answered']}")
    back = [number for name, number in questions.items() if name.startswith("returned")]
    await guest.look(sent, *(f"{answering}?question={number}" for number in back))
    await clerk.look(sent, "/desk", f"/desk{room}")
    await after(sent)
    await reader.look(sent, room, "/moderation")
    await sent.reads("office", "/office/words?kind=emergency", "/office/programme")
    await office.look(
        sent, "/office?scope=all", f"/office{room}", f"/office{room}/report", f"/office{room}/report/versions",
        "/office/words?kind=emergency", "/office/programme", "/office/referrals", "/office/catalog/asks", "/office/catalog",
        f"/office/catalog/{entry}",
    )  # fmt: skip
    supervisor, recipient = [await eyes(browser, town, login) for login in ("supervisor", "recipient")]
    await supervisor.look(sent, "/supervise")
    await recipient.look(sent, "/inbox", "/inbox/1")
    everybody = (reader, office, clerk, host, guest, supervisor, recipient)
    assert not [one for each in everybody for one in each.found]
    assert not sent.missing(), "\n".join(sent.missing())
    assert sent.texts - set(sent.fields) == set(), "fields that nothing was put into"


async def test_what_an_address_carries_stays_text(sent: Sent) -> None:
    """What a form looks for, or a stranger writes into an address, for whoever may open it."""
    await sent.town.city.open()
    room = f"/interviews/{sent.town.city.interview}"
    wanted = sorted({*typed.BY_ADDRESS.values(), *typed.MORE_ADDRESSES})
    plain, found = Plain(sent.town), []
    for role in sorted({role for role, _ in wanted}):
        if role:
            await plain.signs_in(role)
        for address in (address.replace("{room}", room) for of, address in wanted if of == role):
            for text in pieces(1_500):
                status = await plain.opens(address.replace("{}", quote(text)))
                found += [f"{address}: {one}" for one in foreign(plain.text)]
                assert status in (200, 400, 404), (address, status, text)
    assert not found
    plain.client.session.cookie_jar.clear()
    for form, name in (("/faq", "text"), (f"{room}/questions", "nickname"), ("/login", "name")):
        await plain.opens(form.removesuffix("/questions"))
        everything = pieces(20_000)[0]
        await plain.sends(
            form, **{"kind": "inquiry", "client_id": "client-form-1", "text": "问题"} | {name: everything}
        )
        assert plain.status in (400, 401, 422), (form, plain.status)
        assert not foreign(plain.text), form
        assert close(everything) in close(html.unescape(plain.text)) or form == "/faq", form


async def test_what_changes_the_way_text_is_read_is_refused(sent: Sent) -> None:
    await sent.town.city.open()
    for text in REFUSED:
        with pytest.raises(Refusal, match="字符"):
            await sent.asks(f"甲{text}乙")


@pytest.mark.parametrize("bypass", [False, True], ids=["policy", "no policy"])
async def test_code_that_ran_would_be_noticed(browser: Browser, sent: Sent, bypass: bool) -> None:
    base = sent.town.url("/").rstrip("/")
    page = await (await browser.new_context(bypass_csp=bypass)).new_page()
    await page.add_init_script(RAN)
    watch = await Watch.of(page, base)
    await page.goto(base)
    await page.evaluate("document.querySelector('main').innerHTML = '<img src=data:, onerror=ran()>'")
    await page.wait_for_timeout(200)
    assert bool(await page.evaluate("window.hasRun === true")) is bypass
    assert any("policy: script-src" in one for one in await watch.so_far()) is not bypass


def test_markup_that_came_in_would_be_noticed() -> None:
    for text in (
        "<script>ran()</script>",
        "<p onclick=ran()>",
        "<a href=javascript:ran()>",
        "<base href=//x>",
    ):
        assert foreign(f"<main>{text}</main>"), text
    assert not foreign('<a href="/x">好</a><script type="application/ld+json">{"a": "\\u003cb"}</script>')
    assert len(set(PAYLOADS)) == 200
