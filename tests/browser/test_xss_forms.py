"""The same two hundred pieces through every form that is no command: ratings, materials, the catalogue's desk, accounts.

Whatever is taken must be read as it was typed, whatever is refused must come back as it was typed; then the pages that
show it are opened in a browser. ``typed.BY_FORM`` names the fields, and the test says which it typed into.
"""

import csv
import html
import io
import json
import re
from typing import Any

import pytest
from aiohttp import FormData
from playwright.async_api import Browser
from sqlalchemy import func, select, update
from sqlmodel import col

from base import outbox
from base.outbox import OutboxMail
from base.people import SYSTEM
from faq import referrals, review
from faq.models import Ask, MissTopic
from faq.recurring import ThemeDecision
from faq.revisions import open_of
from interviews import assessment, assessment_entries, waiver_requests
from interviews.assessment_entries import Own
from interviews.models import Interview, Question
from interviews.telling import NoticeContact
from tests import cast
from tests.access.stage import entry_of
from tests.base.files_at_hand import PDF, picture
from tests.browser import typed
from tests.browser.strangers import FILM, Sent, close, eyes, foreign, pieces
from tests.web.browser import Browser as Plain
from web import asking, auth
from web.keys import FOLLOWING, UNITS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

CATALOG = "/office/catalog"
TALK = "y" * 22
ENTRY: dict[str, Any] = {
    "title": "水费怎样算", "body": "每吨三元。", "category": "办事指南", "index_no": "SL-1", "issuer": "示例市水务局",
    "openness": "主动公开", "in_force": "yes", "seen": "",
}  # fmt: skip
OF_AN_ENTRY = {
    "title": 200, "question": 200, "alts": 2_000, "body": 20_000, "section": 200, "document_no": 200, "keywords": 200,
    "successor": 200, "reason": 1_000,
}  # fmt: skip
NAMED = {"index_no": 100, "issuer": 200}
NO_DAYS = {"made_on": 100, "published_on": 100, "review_on": 100, "amended_on": 100, "repealed_on": 100}
OF_A_LETTER = {
    "title": 200, "index_no": 100, "document_no": 200, "published_on": 100, "made_on": 100, "question": 200,
    "section": 200, "keywords": 200,
}  # fmt: skip


async def signed_in(sent: Sent, role: str) -> Plain:
    plain = Plain(sent.town)
    await plain.signs_in(role)
    return plain


async def uploads(plain: Plain, path: str, name: str, content: bytes, **typed_too: str) -> None:
    """Send a form that brings a file, from the page that is open."""
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', plain.text)
    form = FormData(default_to_multipart=True)
    for key, value in ({"csrf": token[1] if token else ""} | typed_too).items():
        form.add_field(key, value)
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    async with plain.client.post(path, data=form) as answer:
        plain.text, plain.status = await answer.text(), answer.status
        plain.path = str(answer.url.path)
    assert plain.status < 500, (path, name)
    assert not foreign(plain.text), (path, name)


async def citizens(sent: Sent, item: int, number: int, room: str) -> None:
    """A citizen rates, leaves addresses that are none, and says why the bot was of no use."""
    plain = Plain(sent.town)
    page = f"/answers/{item}/rating"
    for text in pieces(200):
        plain.client.session.cookie_jar.clear()
        plain.text = ""
        await sent.types_one(plain, "rating.html:words", page, page, text, solved="no", why="", back=page)
        sent.fields.setdefault("rating.html:words", []).append(text)
    asked: dict[str, Any] = {"text": "能报吗", "kind": "inquiry", "client_id": "client-form-9"}
    await sent.types(plain, "partials/composer.html:contact", room, f"{room}/questions", 1_000, **asked)
    at = f"{room}/questions/{number}"
    await sent.types(plain, "question.html:email", at, f"{at}/follow", 254)
    await plain.opens(f"/faq?talk={TALK}")
    await plain.sends("/faq", text="要找人问的一件事", conversation=TALK)
    human: dict[str, Any] = {"exit": "human", "text": "要找人问的一件事", "conversation": TALK}
    await sent.types(plain, "faq.html:contact", f"/faq?talk={TALK}", "/faq/exit", 254, **human)
    await sent.types(plain, "login.html:name", "/login", "/login", 200, password="x")
    for text in pieces(200):
        async with sent.town.city.act("周科长", cast.DURING) as uow:
            ask = Ask(text="断缴能补吗", at=uow.now, outcome="handoff", reason="not_sure", confidence=0.2)
            uow.db.add(ask)
            await uow.db.flush()
        said: dict[str, Any] = {"ask": str(ask.id), "useful": "no", "reason": "", "conversation": ""}
        await sent.types_one(plain, "faq.html:more", "/faq", "/faq/feedback", text, kept=False, **said)
        sent.fields.setdefault("faq.html:more", []).append(text)


async def entered(sent: Sent) -> str:
    """周科长 types what somebody says on the telephone; the slip that it leads to."""
    city, plain = sent.town.city, await signed_in(sent, "office")
    page = f"/office/interviews/{city.interview}/enter"
    rest: dict[str, Any] = {
        "kind": "inquiry",
        "way": "phone",
        "nickname": "",
        "contact": "",
        "client_id": "rung-x-0001",
    }
    await sent.types(plain, "office_enter.html:text", page, page, 2_000, **rest)
    await plain.opens(page)
    await plain.sends(page, **(rest | {"text": pieces(2_000)[0], "client_id": "rung-x-0002"}))
    slip = plain.path
    await sent.types(plain, "office_enter.html:nickname", page, page, 20, **(rest | {"text": ""}))
    await sent.types(plain, "office_enter.html:contact", page, page, 254, **(rest | {"text": "能报吗"}))
    return slip


async def materials(sent: Sent) -> None:
    """许主任 adds pictures, documents and films, and takes some down again."""
    city, plain = sent.town.city, await signed_in(sent, "clerk")
    desk = f"/desk/interviews/{city.interview}"
    path = f"{desk}/materials"
    film: dict[str, Any] = {"kind": "video", "address": FILM}
    await sent.types(plain, "partials/materials_desk.html:title", desk, path, 100, **film)
    film |= {"title": "录音"}
    await sent.types(plain, "partials/materials_desk.html:address", desk, path, 500, **film)
    nothing: dict[str, Any] = {"kind": "picture", "title": "现场"}
    await sent.types(plain, "partials/materials_desk.html:alt", desk, path, 300, **nothing)
    for at, text in enumerate(pieces(300)):
        await plain.opens(desk)
        words = {"kind": "picture", "title": text[:100], "alt": text}
        await uploads(plain, path, f"{text[:40]}.jpg", picture(size=(64, 40 + at)), **words)
        assert close(text[:100]) in close(html.unescape(plain.text)), text
    await uploads(plain, path, "<b>=1+1.pdf", PDF, kind="document", title=pieces(100)[0])
    for no, text in enumerate(pieces(1_000), 1):
        act = f"{path}/{no}/remove"
        await sent.types_one(plain, "partials/materials_desk.html:reason", desk, act, text)


async def accounts(sent: Sent) -> None:
    """管理员小马 opens accounts under such names, in such bodies."""
    plain = await signed_in(sent, "admin")
    act = "/admin/accounts"
    await sent.types(plain, "admin.html:name", "/admin", act, 40, role="office")
    twice: dict[str, Any] = {"name": "office", "role": "clerk"}
    await sent.types(plain, "admin.html:new_body", "/admin", act, 80, **twice)
    await sent.types(plain, "admin.html:email", "/admin", act, 200, **(twice | {"role": "office"}))
    await plain.opens("/admin")
    await plain.sends(act, name="新来的", role="clerk", new_body=pieces(80)[0])
    assert close(pieces(80)[0]) in close(html.unescape(plain.text))


async def bodies(sent: Sent) -> None:
    """周科长 renames a body, and types addresses that are none; the last name stays."""
    plain, number = await signed_in(sent, "office"), sent.town.city.bodies["水务局"]
    page, act = "/office/bodies", f"/office/bodies/{number}"
    renamed: dict[str, Any] = {"email": "", "remark": "改名了"}
    await sent.types(plain, "office_bodies.html:name", page, act, 80, **renamed)
    await sent.types(plain, "office_bodies.html:email", page, act, 254, name="示例市水务局", remark="改")
    await sent.types(plain, "office_bodies.html:remark", page, act, 500, name="", email="")
    await sent.types(
        plain, "office_bodies.html:short", page, act, 80, name="示例市水务局", email="", remark="改"
    )
    await sent.types(plain, "office_bodies.html:on", page, act, 20, name="又改了", email="", remark="改")
    merge = f"{act}/merge"
    merged: dict[str, Any] = {"into": str(number), "on": "2026-03-01"}
    await sent.types(plain, "office_bodies.html:reason", page, merge, 500, **merged)


async def office_forms(sent: Sent) -> None:
    """The sentence that is tried, the second step of a login, and times that are none."""
    city, plain = sent.town.city, await signed_in(sent, "office")
    await sent.types(plain, "office_words.html:try", "/office/words", "/office/words/try", 2_000)
    page = "/office/interviews/new"
    planned: dict[str, Any] = {
        "theme": "医保", "starts_at": "2026-05-08T14:30", "ends_at": "2026-05-08T16:30", "venue": "", "back": page,
        "respondents": [str(city.bodies["医保局"])],
    }  # fmt: skip
    for name in ("starts_at", "ends_at"):
        key = f"office_schedule.html:{name}"
        await sent.types(plain, key, page, "/do/interview.schedule", 200, **_without(planned, name))
    await plain.opens("/account")
    await plain.sends("/account", act="start")
    await sent.types(plain, "account.html:code", "/account", "/account", 40, kept=False, act="confirm")
    plain = await signed_in(sent, "supervisor")
    page = "/supervise"
    moved: dict[str, Any] = {
        "interview": str(city.interview), "theme": "", "ground": "other", "reason": "场地", "back": page,
        "starts_at": "2026-05-08T14:30", "ends_at": "2026-05-08T16:30",
    }  # fmt: skip
    for name in ("starts_at", "ends_at"):
        key = f"supervise.html:{name}"
        await sent.types(plain, key, page, "/do/interview.change", 200, kept=False, **_without(moved, name))


def _without(given: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != name}


async def supervision(sent: Sent) -> None:
    """何主任 instructs, 许主任 answers, and a deviation that was asked for is decided."""
    city, plain = sent.town.city, await signed_in(sent, "supervisor")
    new = "/supervise/instructions/new"
    body = str(city.bodies["医保局"])
    wanted: dict[str, Any] = {"body": body, "due": "2026-03-20", "interview": "", "question": ""}
    await sent.types(plain, "supervise_instruct.html:text", new, new, 2_000, **wanted)
    for name in ("due", "question"):
        rest = _without(wanted, name) | {"text": "把没有答完的答完。"}
        await sent.types(plain, f"supervise_instruct.html:{name}", new, new, 100, **rest)
    await plain.opens(new)
    await plain.sends(new, **(wanted | {"text": "把没有答完的答完。"}))
    at = plain.path
    plain = await signed_in(sent, "clerk")
    desk = at.replace("/supervise/", "/desk/")
    await sent.types(plain, "desk_instruction.html:text", desk, f"{desk}/answer", 2_000, doer="")
    await sent.types(plain, "desk_instruction.html:doer", desk, f"{desk}/answer", 60, text="")
    await plain.sends(f"{desk}/answer", text=pieces(2_000)[0], doer=pieces(60)[0])
    plain = await signed_in(sent, "supervisor")
    form = "supervise_instruction.html"
    await sent.types(plain, f"{form}:reason", at, f"{at}/return", 1_000, due="2026-03-01")
    await sent.types(plain, f"{form}:due", at, f"{at}/return", 100, reason="没有办好。")
    for text in pieces(1_000):
        await sent.types_one(plain, f"{form}:remark", at, f"{at}/accept", text)
        await plain.sends(f"{at}/reopen")
    interview = await city.plan(cast.at("2026-06-05 14:30"))
    async with city.act("周科长", cast.DURING) as uow:
        asked = await waiver_requests.ask(uow, interview, "guests", pieces(1_000)[0])
    door = "/supervise/waivers"
    await sent.types(plain, "supervise_list.html:answer", door, f"{door}/{asked.id}", 1_000)
    await sent.reads("supervisor", "/supervise/instructions", door, f"{at}/paper")


async def assessments(sent: Sent) -> str:
    """何主任 opens a year and fills a sheet, 许主任 hands in and objects; the sheet's address."""
    city, plain = sent.town.city, await signed_in(sent, "supervisor")
    years, form = "/supervise/assessment", "assessment_sheet.html"
    await sent.types(plain, "assessment_years.html:year", years, years, 100, scheme="weighted")
    await plain.opens(years)
    await plain.sends(years, year="2026", scheme="weighted")
    sheet = f"{years}/2026/{city.bodies['医保局']}"
    found: dict[str, Any] = {"item": "unsafe", "text": "有漏洞。", "on": "2026-03-01", "times": "1"}
    await sent.types(plain, f"{form}:text", sheet, f"{sheet}/find", 1_000, **_without(found, "text"))
    for name in ("on", "times"):
        await sent.types(plain, f"{form}:{name}", sheet, f"{sheet}/find", 100, **_without(found, name))
    await plain.opens(sheet)
    refs = re.findall(r'name="ref" value="(finding:\d+)"', plain.text)
    for ref, text in zip(refs, pieces(1_000), strict=False):
        await sent.types_one(plain, f"{form}:reason", sheet, f"{sheet}/aside", text, ref=ref)
    await sent.types(plain, f"{form}:by", sheet, f"{sheet}/third", 60, points="90")
    await sent.types(plain, f"{form}:points", sheet, f"{sheet}/third", 100, by="评估中心")
    own, mine = "/desk/assessment/2026", "assessment_own.html"
    plain = await signed_in(sent, "clerk")
    half: dict[str, Any] = {"half": "1", "points": "96", "text": "都办了。"}
    await sent.types(plain, f"{mine}:text", own, f"{own}/self", 20_000, **_without(half, "text"))
    await sent.types(plain, f"{mine}:points", own, f"{own}/self", 100, **_without(half, "points"))
    await _fixed(sent, pieces(20_000)[0])
    plain = await signed_in(sent, "clerk")
    # The one objection that a body has: longer than a field takes, each comes back; the last one is kept.
    for text in [*(f"{one}{'长' * 1_000}" for one in pieces(1_000)), pieces(1_000)[0]]:
        await sent.types_one(plain, f"{mine}:reason", own, f"{own}/object", text)
    plain = await signed_in(sent, "supervisor")
    for text in [*(f"{one}{'长' * 1_000}" for one in pieces(1_000)), pieces(1_000)[0]]:
        await sent.types_one(plain, f"{form}:answer", sheet, f"{sheet}/answer", text, points="")
    return sheet


async def _fixed(sent: Sent, text: str) -> None:
    """Half a year handed in and checked with such words, behind the pages, and a result that is fixed."""
    city = sent.town.city
    body = city.bodies["医保局"]
    async with city.act("许主任", cast.at("2026-07-10 09:00")) as uow:
        await assessment_entries.hand_in(uow, 2026, Own(1, "96", text))
    plain = await signed_in(sent, "supervisor")
    sheet = f"/supervise/assessment/2026/{body}"
    for why in pieces(1_000):
        await sent.types_one(
            plain, "assessment_sheet.html:why", sheet, f"{sheet}/check", why, half="1", points="95"
        )
    async with city.act("何主任", cast.DURING) as uow:
        row = await assessment.of_year(uow, 2026)
        kept = {"body": body, "name": "医保局", "parts": {"daily": "98", "self": "95", "third": "90"}}
        row.result = [kept | {"problems": 1, "total": "94.4", "grade": "优秀"}]
        row.fixed_at = uow.now


async def notices(sent: Sent) -> None:
    """How a mail is worded, why one is not sent, where a gateway reaches somebody, and where a report was filed."""
    city, plain = sent.town.city, await signed_in(sent, "office")
    await plain.opens("/office/wordings")
    kind = re.search(r'href="(/office/wordings/[a-z_]+)"', plain.text)
    page = kind[1] if kind else ""
    await sent.types(plain, "office_wording.html:text", page, page, 2_000, act="preview", version="0")
    await sent.types(
        plain, "office_wording.html:subject", page, page, 100, act="preview", version="0", text="{notice}"
    )
    for at, text in enumerate(pieces(1_000)):
        async with city.act("周科长", cast.DURING) as uow:
            await outbox.queue(uow, f"calendar:x:{at}", "zhou@example.gov.cn", "日子改了", "请看。")
            letter = await uow.db.scalar(select(func.max(col(OutboxMail.id))))
        one = f"/office/outbox/{letter}"
        await sent.types_one(plain, "office_outbox_one.html:reason", one, one, text, act="cancel")
    yearly = "/office/yearly"
    for text in [*(f"{one}{'长' * 1_000}" for one in pieces(1_000)), pieces(1_000)[0]]:
        await sent.types_one(
            plain, "office_yearly.html:evidence", yearly, yearly, text, kind="quarter-4", year="2025"
        )
    async with city.act("周科长", cast.DURING) as uow:
        uow.db.add(NoticeContact(person_id=uow.actor.person_id or 0, address="13900000000"))
    for text in pieces(400):
        await sent.types_one(plain, "account.html:address", "/account", "/account/notifications", text)


async def beside_answers(sent: Sent, question: int, item: int) -> None:
    """许主任 lays files and entries beside an answer, and writes a day that is none to a promise."""
    city, plain = sent.town.city, await signed_in(sent, "clerk")
    desk = f"/desk/{city.interview}"
    page, act = f"{desk}?question={question}", f"{desk}/answers/{item}/attach"
    await sent.types(
        plain, "macros/attached.html:entry", page, act, 200, question=str(question), what="entry"
    )
    for name, limit, rest in (("title", 100, {"alt": "图"}), ("alt", 300, {"title": "图"})):
        for text in pieces(limit)[::6]:
            await plain.opens(page)
            given = {"question": str(question), "what": "file", name: text} | rest
            await uploads(plain, act, "a.png", picture(), **given)
            sent._is_read(plain, f"macros/attached.html:{name}", text, kept=name == "title")
    for text in pieces(400):
        await sent.types_one(
            plain, "macros/promise.html:due", page, "/do/promise.make", text, kept=False,
            item=str(item), what="放到网上", back=page,
        )  # fmt: skip


async def classes(sent: Sent) -> None:
    """The tree of classes, the steps of the review, the lexicon."""
    plain = await signed_in(sent, "office")
    page = f"{CATALOG}/classes"
    await sent.types(plain, "office_classes.html:name", page, page, 20, act="add", under="")
    name = pieces(20)[0]
    for text in pieces(18)[::4]:
        new = f"改{text}"
        await sent.types_one(
            plain, "office_classes.html:new", page, page, new, kept=False, act="rename", name=name
        )
        name = new if f"改{text}" in html.unescape(plain.text) else name
    page = f"{CATALOG}/steps"
    signers: dict[str, Any] = {"roles-1": "office"}
    await sent.types(plain, "office_steps.html:name-*", page, page, 12, **signers)
    await plain.sends(page, **{"name-1": "科长", "roles-1": "office"})
    page = f"{CATALOG}/lexicon"
    for text in pieces(40)[::2]:
        word = re.sub(r"[\s、，]", "", text)
        await sent.types_one(plain, "office_lexicon.html:words", page, page, word, act="add", kind="words")


async def entries(sent: Sent) -> int:
    """An entry's draft, what is said at its signing, and why it is to go; its number."""
    city, plain = sent.town.city, await signed_in(sent, "editor")
    page, form = f"{CATALOG}/new", "office_entry_form.html"
    for limits in (OF_AN_ENTRY, NAMED, NO_DAYS):
        rest: dict[str, Any] = {name: value for name, value in ENTRY.items() if name not in limits}
        await sent.types_together(plain, form, page, page, limits, **rest)
    number = await entry_of(city, "GK-1", "断缴怎样补", "三个月以内补缴。")
    page = f"{CATALOG}/{number}"
    gone: dict[str, Any] = {"reason": "过期了", "repealed_on": "2027-01-01", "successor": ""}
    for text in pieces(1_000):
        await sent.types_one(plain, "office_entry.html:reason", page, f"{page}/retire", text)
        await plain.sends(f"{page}/withdraw")
    for text in pieces(400):
        act = f"{page}/repeal"
        await sent.types_one(
            plain, "office_entry.html:successor", page, act, text, **_without(gone, "successor")
        )
        await plain.sends(f"{page}/withdraw")
        await sent.types_one(
            plain, "office_entry.html:repealed_on", page, act, text, **_without(gone, "repealed_on")
        )
    await _signing(sent, number)
    return number


async def _signing(sent: Sent, number: int) -> None:
    """Proposed by 目录编辑小林, returned by 周科长 with such words, and sent again."""
    city, page = sent.town.city, f"{CATALOG}/{number}"
    plain = await signed_in(sent, "editor")
    await plain.opens(f"{page}/edit")
    await plain.sends(f"{page}/edit", **(ENTRY | {"index_no": "GK-1", "body": "半年以内补缴。"}))
    plain = await signed_in(sent, "office")
    for text in pieces(500):
        async with city.act("目录编辑小林", cast.DURING) as uow:
            one = await open_of(uow.db, number)
            assert one is not None
            await review.submit(uow, one.id or 0)
        await plain.opens(page)
        seen = re.search(r'name="seen" value="([^"]*)"', plain.text)
        said: dict[str, Any] = {"decision": "return", "seen": seen[1] if seen else ""}
        await sent.types_one(plain, "macros/entries.html:comment", page, f"{page}/sign", text, **said)
        assert "退回了，起草人改好再送来" in plain.text


async def topics(sent: Sent) -> None:
    """What the bot could not answer becomes a theme, or nothing; each time it is opened again behind the page."""
    city, plain = sent.town.city, await signed_in(sent, "office")
    async with city.act("周科长", cast.DURING) as uow:
        about: dict[str, Any] = {"outcome": "handoff", "reason": "not_sure", "confidence": 0.2}
        uow.db.add_all(
            [Ask(text=text, at=uow.now, **about) for text in ("小区养狗怎样办证", "养狗办证去哪里")]
        )
    page = f"{CATALOG}/topics"
    await plain.opens(page)
    await plain.sends(page, act="refresh")
    async with city.units.read() as uow:
        topic = str(await uow.db.scalar(select(col(MissTopic.id)).order_by(col(MissTopic.id))))

    async def again() -> None:
        async with city.act("周科长", cast.DURING) as uow:
            await uow.db.execute(update(MissTopic).values(status="open", theme=None, note=None))

    for text in [*pieces(400), *pieces(60)[::8]]:
        chosen: dict[str, Any] = {"act": "theme", "topic": topic, "why": ""}
        await sent.types_one(plain, "office_topics.html:theme", page, page, text, kept=False, **chosen)
        if len(text) <= 60:
            await sent.reads_too(plain, "/office", text)
        await again()
    for text in pieces(1_000):
        chosen = {"act": "theme", "topic": topic, "theme": "养狗办证"}
        await sent.types_one(plain, "office_topics.html:why", page, page, text, kept=False, **chosen)
        await sent.reads_too(plain, "/office", text)
        for key, back in (("office.html:reason", "office"), ("office_topics.html:reason", "")):
            gone: dict[str, Any] = {"act": "dismiss", "topic": topic, "back": back}
            await sent.types_one(plain, key, page, page, text, kept=False, **gone)
            await sent.reads_too(plain, f"{page}?state=dismissed", text)
            await again()


async def themes(sent: Sent) -> None:
    """A theme that two interviews were asked about is set aside with such a reason; each time it is put back behind."""
    city, plain, page = sent.town.city, await signed_in(sent, "office"), "/office/themes"
    async with city.units.act(SYSTEM, cast.DURING) as uow:
        first = await uow.db.get_one(Interview, city.interview)
        second = Interview(**first.model_dump(exclude={"id"}) | {"theme": "第二场"})
        uow.db.add(second)
        await uow.db.flush()
        about: dict[str, Any] = {
            "asker_id": city.people["网友甲"].person_id,
            "kind": "inquiry",
            "submitted_at": uow.now,
        }
        for n, text in enumerate(("养狗怎样办证", "养狗办证要多少钱", "养狗办证去哪里", "养狗办证要带什么")):
            where = city.interview if n % 2 else second.id or 0
            row: dict[str, Any] = {"client_id": f"d{n}", "receipt": f"DOG{n}", "original": text, "text": text}
            uow.db.add(Question(interview_id=where, status="transferred", **about, **row))
    await plain.opens(page)
    key = re.search(r'id="t(\d+)"', plain.text)
    assert key is not None
    for text in pieces(500):
        chosen: dict[str, Any] = {"act": "aside", "theme": key[1]}
        await sent.types_one(plain, "office_themes.html:reason", page, page, text, kept=False, **chosen)
        await sent.reads_too(plain, page, text)
        async with city.act("周科长", cast.DURING) as uow:
            await uow.db.execute(update(ThemeDecision).values(decision="returned"))


async def candidates(sent: Sent, item: int) -> None:
    """A live answer is taken into the catalogue under such a title."""
    city = sent.town.city
    plain = await signed_in(sent, "office")
    page = f"{CATALOG}/candidates?interview={city.interview}"
    about: dict[str, Any] = {"act": "take", "item": str(item), "interview": str(city.interview)}
    early: dict[str, Any] = about | {"review_on": "2020-01-01"}
    await sent.types(plain, "office_candidates.html:title", page, f"{CATALOG}/candidates", 120, **early)
    await sent.types(plain, "office_candidates.html:review_on", page, f"{CATALOG}/candidates", 100, **about)
    await plain.opens(page)
    await plain.sends(f"{CATALOG}/candidates", **about, title=pieces(120)[0])


async def imports(sent: Sent) -> None:
    """A letter whose parts are corrected in place, a table of such rows, a plan and a list of words as files."""
    plain = await signed_in(sent, "editor")
    await plain.opens(f"{CATALOG}/import")
    letter = "关于调整水价的通知\n各单位：\n水价每吨三元。\n2026年1月2日"
    await uploads(plain, f"{CATALOG}/import", f"{pieces(60)[0]}.txt", letter.encode())
    page = plain.path
    form = "office_catalog_import_one.html"
    await sent.types_together(
        plain, form, page, f"{page}/start", OF_A_LETTER, issuer="", **{"class": "政策法规"}, mode="draft"
    )
    await sent.types(plain, f"{form}:issuer", page, f"{page}/start", 200, title="", mode="draft")
    lines = [json.dumps({"id": f"q{at}", "q": text, "a": text}) for at, text in enumerate(pieces(300))]
    await plain.opens(f"{CATALOG}/import")
    await uploads(plain, f"{CATALOG}/import", f"{pieces(60)[1]}.jsonl", "\n".join(lines).encode())
    page = plain.path
    every: dict[str, Any] = {"all_issuer": 200, "all_published_on": 200}
    await sent.types_together(plain, form, page, f"{page}/start", every, mode="")
    plain = await signed_in(sent, "office")
    await plain.opens("/office/programme")
    plan = "theme,starts_at,ends_at,respondents,host,venue\n"
    rows = io.StringIO(newline="")
    csv.writer(rows).writerows(
        (text, text, "", text, text, text) for text in pieces(60) if text[0] not in "=+-@＝"
    )
    await uploads(plain, "/office/programme/import", "plan.csv", (plan + rows.getvalue()).encode())
    assert close(pieces(60)[0]) in close(html.unescape(plain.text))
    await plain.opens("/office/words")
    words = "\n".join(one for one in pieces(30) if "\n" not in one)
    await uploads(
        plain, "/office/words/import", "<img src=x onerror=ran()>.txt", words.encode(), kind="watch"
    )


async def referred(sent: Sent, asker: str) -> str:
    """People of the office reply to what the bot handed on; the page of its asker."""
    city, receipt = sent.town.city, ""
    plain = await signed_in(sent, "office")
    for text in pieces(2_000):
        async with city.act(asker, cast.DURING) as uow:
            made, _ = await referrals.refer(uow, text)
        receipt = made.receipt
        act = f"/office/referrals/{made.id}/reply"
        await sent.types_one(plain, "office_referrals.html:text", "/office/referrals", act, text, kept=False)
        sent.fields.setdefault("office_referrals.html:text", []).append(text)
    return f"/faq/referrals/{receipt}"


async def test_two_hundred_pieces_through_every_form(browser: Browser, sent: Sent) -> None:
    town, city = sent.town, sent.town.city
    town.client.app[FOLLOWING].offered = True
    await city.open()
    question = await city.published("网友甲", "断缴了还能补吗？")
    done = await city.does(
        "王处长",
        "question.answer",
        question=question,
        text="能。三个月以内补缴到账的，次月起住院费用照规定的比例报销，不用另外申请。",
    )
    open_one = await city.published("网友乙", "异地能报吗？")
    state = await city.state(f"interview:{city.interview}:public")
    live, room = city.interview, f"/interviews/{city.interview}"
    visitor = await auth.new_visitor(town.client.app[UNITS])
    city.people["asker"] = await auth.visitor(town.client.app[UNITS], visitor)

    await citizens(sent, done["item"], state["questions"][str(open_one)]["number"], room)
    slip = await entered(sent)
    await materials(sent)
    await accounts(sent)
    await bodies(sent)
    await supervision(sent)
    sheet = await assessments(sent)
    await notices(sent)
    city.interview = live
    await beside_answers(sent, question, done["item"])
    await classes(sent)
    number = await entries(sent)
    await topics(sent)
    await themes(sent)
    city.interview = live
    await city.does("李主持", "interview.close", interview=city.interview, reason="答完了")
    await candidates(sent, done["item"])
    await imports(sent)
    letter = await referred(sent, "asker")
    await office_forms(sent)
    assert sent.typed == typed.BY_FORM
    assert not sent.lost, "\n".join(sent.lost)

    reader = await eyes(browser, town)
    url = str(town.client.make_url("/"))
    cookie = {"name": asking.VISITOR_COOKIE, "value": visitor, "url": url}
    await reader.watch.page.context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict in the stubs
    await reader.look(
        sent, room, f"{room}/questions/1", f"/answers/{done['item']}/rating", letter, "/catalog", "/statistics",
        "/interviews", "/open-data", "/moderation",
    )  # fmt: skip
    everybody = [reader]
    for role, paths in (
        ("office", (
            "/office", f"/office{room}", "/office/bodies", "/office/themes", "/office/referrals",
            "/office/referrals?show=replied",
            f"{CATALOG}/asks", CATALOG, f"{CATALOG}/{number}", f"{CATALOG}/classes", f"{CATALOG}/steps",
            f"{CATALOG}/lexicon", f"{CATALOG}/topics", f"{CATALOG}/candidates", f"{CATALOG}/reviewed",
            f"{CATALOG}/import", "/office/words", "/office/programme", slip, "/office/outbox", "/office/wordings",
            "/office/yearly?year=2025",
        )),
        ("clerk", (f"/desk{room}", "/desk", f"/desk/{city.interview}", "/desk/assessment/2026")),
        ("supervisor", ("/supervise", sheet, "/supervise/assessment/2026")),
        ("admin", ("/admin",)),
    ):  # fmt: skip
        one = await eyes(browser, town, role)
        await one.look(sent, *paths)
        everybody.append(one)
    assert not [one for each in everybody for one in each.found]
    await sent.reads("office", f"{CATALOG}/asks", "/office/referrals?show=replied", f"/office{room}")
    assert not sent.missing(), "\n".join(sent.missing())
