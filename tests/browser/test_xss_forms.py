"""The same two hundred pieces through every form that is no command: ratings, materials, the catalogue's desk, accounts.

Whatever is taken must be read as it was typed, whatever is refused must come back as it was typed; then the pages that
show it are opened in a browser. ``typed.BY_FORM`` names the fields, and the test says which it typed into.
"""

import html
import re
from typing import Any

import pytest
from playwright.async_api import Browser
from sqlalchemy import func, select
from sqlmodel import col

from base import outbox
from base.outbox import OutboxMail
from faq.models import Ask
from interviews import assessment, assessment_entries, waiver_requests
from interviews.assessment_entries import Own
from interviews.telling import NoticeContact
from tests import cast
from tests.base.files_at_hand import PDF, picture
from tests.browser import typed
from tests.browser.by_form import signed_in, uploads, without
from tests.browser.strangers import FILM, Sent, close, eyes, pieces
from tests.browser.strangers_catalog import (
    CATALOG,
    candidates,
    classes,
    entries,
    imports,
    referred,
    themes,
    topics,
)
from tests.web.browser import Browser as Plain
from web import asking, auth
from web.keys import FOLLOWING, UNITS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

TALK = "y" * 22


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
    # The same words from another caller.
    await plain.sends(page, again="1", **(rest | {"text": pieces(2_000)[0], "client_id": "rung-x-0002"}))
    assert plain.path.startswith("/office/entered/")
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
    page = act = f"/office/bodies/{number}"
    renamed: dict[str, Any] = {"email": "", "remark": "改名了"}
    await sent.types(plain, "office_body.html:name", page, act, 80, **renamed)
    await sent.types(plain, "office_body.html:email", page, act, 254, name="示例市水务局", remark="改")
    await sent.types(plain, "office_body.html:remark", page, act, 500, name="", email="")
    await sent.types(
        plain, "office_body.html:short", page, act, 80, name="示例市水务局", email="", remark="改"
    )
    await sent.types(plain, "office_body.html:on", page, act, 20, name="又改了", email="", remark="改")
    merge = f"{act}/merge"
    merged: dict[str, Any] = {"into": str(number), "on": "2026-03-01"}
    await sent.types(plain, "office_body.html:reason", page, merge, 500, **merged)


async def contacts(sent: Sent) -> None:
    """周科长 enters contacts under such names, and numbers that are none; the last ones stay."""
    plain, number = await signed_in(sent, "office"), sent.town.city.bodies["医保局"]
    page, form = f"/office/bodies/{number}", "macros/contact_form.html"
    act = f"{page}/contacts"
    rest: dict[str, Any] = {"name": "许静宜", "line": "0000-0000101"}
    await sent.types(plain, f"{form}:name", page, act, 30, **without(rest, "name"))
    await sent.types(plain, f"{form}:post", page, act, 60, **rest)
    await sent.types(plain, f"{form}:note", page, act, 200, **rest)
    await sent.types(plain, f"{form}:line", page, act, 40, **without(rest, "line"))
    await sent.types(plain, f"{form}:mobile", page, act, 40, **rest)
    await sent.types(plain, f"{form}:email", page, act, 254, **rest)


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
        await sent.types(plain, key, page, "/do/interview.schedule", 200, **without(planned, name))
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
        await sent.types(plain, key, page, "/do/interview.change", 200, kept=False, **without(moved, name))


async def supervision(sent: Sent) -> None:
    """何主任 instructs, 许主任 answers, and a deviation that was asked for is decided."""
    city, plain = sent.town.city, await signed_in(sent, "supervisor")
    new = "/supervise/instructions/new"
    body = str(city.bodies["医保局"])
    wanted: dict[str, Any] = {"body": body, "due": "2026-03-20", "interview": "", "question": ""}
    await sent.types(plain, "supervise_instruct.html:text", new, new, 2_000, **wanted)
    for name in ("due", "question"):
        rest = without(wanted, name) | {"text": "把没有答完的答完。"}
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
    await sent.types(plain, f"{form}:text", sheet, f"{sheet}/find", 1_000, **without(found, "text"))
    for name in ("on", "times"):
        await sent.types(plain, f"{form}:{name}", sheet, f"{sheet}/find", 100, **without(found, name))
    await plain.opens(sheet)
    refs = re.findall(r'name="ref" value="(finding:\d+)"', plain.text)
    for ref, text in zip(refs, pieces(1_000), strict=False):
        await sent.types_one(plain, f"{form}:reason", sheet, f"{sheet}/aside", text, ref=ref)
    await sent.types(plain, f"{form}:by", sheet, f"{sheet}/third", 60, points="90")
    await sent.types(plain, f"{form}:points", sheet, f"{sheet}/third", 100, by="评估中心")
    own, mine = "/desk/assessment/2026", "assessment_own.html"
    plain = await signed_in(sent, "clerk")
    half: dict[str, Any] = {"half": "1", "points": "96", "text": "都办了。"}
    await sent.types(plain, f"{mine}:text", own, f"{own}/self", 20_000, **without(half, "text"))
    await sent.types(plain, f"{mine}:points", own, f"{own}/self", 100, **without(half, "points"))
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
    await contacts(sent)
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

    reader, body = await eyes(browser, town), city.bodies["医保局"]
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
            "/office", f"/office{room}", "/office/bodies", f"/office/bodies/{body}",
            "/office/bodies/directory", "/office/themes", "/office/referrals",
            "/office/referrals?show=replied",
            f"{CATALOG}/asks", CATALOG, f"{CATALOG}/{number}", f"{CATALOG}/classes", f"{CATALOG}/steps",
            f"{CATALOG}/lexicon", f"{CATALOG}/topics", f"{CATALOG}/candidates", f"{CATALOG}/reviewed",
            f"{CATALOG}/import", "/office/words", "/office/programme", slip, "/office/outbox", "/office/wordings",
            "/office/yearly?year=2025",
        )),
        ("clerk", (f"/desk{room}", "/desk", f"/desk/{city.interview}", "/desk/assessment/2026")),
        ("supervisor", ("/supervise", sheet, "/supervise/assessment/2026", f"/supervise/bodies/{body}")),
        ("admin", ("/admin",)),
    ):  # fmt: skip
        one = await eyes(browser, town, role)
        await one.look(sent, *paths)
        everybody.append(one)
    assert not [one for each in everybody for one in each.found]
    await sent.reads("office", f"{CATALOG}/asks", "/office/referrals?show=replied", f"/office{room}")
    assert not sent.missing(), "\n".join(sent.missing())
