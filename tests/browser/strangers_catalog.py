"""Strangers' code through the forms of the catalogue's desk: classes, entries, topics, themes, candidates, imports."""

import csv
import html
import io
import json
import re
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from base.people import SYSTEM
from faq import referrals, review
from faq.models import Ask, MissTopic
from faq.recurring import ThemeDecision
from faq.revisions import open_of
from interviews.models import Interview, Question
from tests import cast
from tests.access.stage import entry_of
from tests.browser.by_form import signed_in, uploads, without
from tests.browser.strangers import Sent, close, pieces

CATALOG = "/office/catalog"
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
            plain, "office_entry.html:successor", page, act, text, **without(gone, "successor")
        )
        await plain.sends(f"{page}/withdraw")
        await sent.types_one(
            plain, "office_entry.html:repealed_on", page, act, text, **without(gone, "repealed_on")
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
