"""The stage of both suites: one application, one city in which every party has something, and how they knock."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from sqlalchemy import func, select
from sqlmodel import col

from base import file_kinds, outbox
from base.clock import office_date
from base.errors import forbidden
from base.outbox import OutboxMail
from base.people import Person, Role
from faq import catalog_file, imports, library, referrals, review
from faq.models import CatalogEntry, Openness, RevisionAction
from faq.table_file import Row
from interviews import (
    assessment,
    assessment_entries,
    body_contacts,
    instructions,
    materials,
    programme,
    proxy_entry,
    waiver_requests,
)
from interviews.assessment_entries import Found
from interviews.lifecycle import Kind
from interviews.materials import MaterialKind, Sent
from interviews.models import Delivery, Question
from interviews.proxy_entry import Way
from interviews.questions import Submission
from tests import cast
from tests.base.files_at_hand import PDF
from web import asking, auth, checkpoints, monthly_seals, settings
from web.app import create_app
from web.database import migrate
from web.keys import DESK, SEAL, SETTINGS, UNITS

PASSWORD = "ceng-ceng-ba-guan-2026"
BROWSER = "one-browser-of-the-tests"
HELD = cast.at("2026-01-16 14:30")
"""When the interview that is over by now began; a working Friday seven weeks before the one that is live."""
NO_NUMBER = 987654

NAMES = {
    "office": "周科长",
    "supervisor": "何主任",
    "clerk": "许主任",
    "other_clerk": "外单位老吴",
    "guest": "王处长",
    "other_guest": "外单位老郑",
    "host": "李主持",
    "other_host": "别场主持",
    "moderator": "审核员小张",
    "other_moderator": "别场审核员",
    "recipient": "陈秘书",
    "other_recipient": "刘秘书",
    "editor": "目录编辑小林",
    "auditor": "审计员老何",
    "admin": "管理员小马",
}
NEWCOMERS = {
    "外单位老郑": (Role.GUEST, "水务局"),
    "别场审核员": (Role.MODERATOR, None),
    "刘秘书": (Role.RECIPIENT, "人大办"),
    "审计员老何": (Role.AUDITOR, None),
    "新来的审核员": (Role.MODERATOR, None),
}


@dataclass(frozen=True)
class Said:
    """What an answer comes to: its class, and its text for comparing it with another."""

    told: str
    status: int
    text: str
    leads_to: str = ""


@dataclass
class Stage:
    """The running application, the city in it, and what every party carries."""

    client: TestClient[Request, Application]
    app: Application
    city: cast.City
    names: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    visitors: dict[str, str] = field(default_factory=dict)
    bearers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    practised: dict[str, int] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, int]:
        """The names that stand for rows, as numbers."""
        return {name: int(value) for name, value in self.names.items() if value.isdecimal()}

    def headers(self, party: str) -> dict[str, str]:
        """How a party is known to a program's interface: by header, not by cookie."""
        if party in self.visitors:
            return {"X-Visitor": self.visitors[party]}
        if party in self.bearers:
            return {"Authorization": f"Bearer {self.bearers[party]}"}
        return {}

    def browser(self, party: str) -> dict[str, str]:
        """What a party's browser sends: its cookies, and the form's token as a header."""
        carried = {asking.BROWSER_COOKIE: BROWSER}
        if party in self.visitors:
            carried[asking.VISITOR_COOKIE] = self.visitors[party]
        if party in self.cookies:
            carried[asking.LOGIN_COOKIE] = self.cookies[party]
        joined = "; ".join(f"{name}={value}" for name, value in carried.items())
        return {"Cookie": joined, "X-CSRF-Token": self.app[SEAL].form_token(BROWSER)}

    async def sign_in(self, who: str) -> str:
        """The cookie of a fresh login of one of the cast."""
        token, _ = await auth.sign_in(self.app[UNITS], who, PASSWORD, demo=True)
        return token

    async def knocks(
        self, party: str, method: str, address: str, sent: Mapping[str, Any] | None = None
    ) -> Said:
        """One request of a party: by cookie on pages, by header under ``/api``."""
        to_program = address.startswith("/api/")
        headers = self.headers(party) if to_program else self.browser(party)
        body: dict[str, Any] = {}
        if method not in asking.SAFE:
            body = {"json": dict(sent or {})} if to_program else {"data": dict(sent or {})}
        said = await self.sends(method, address, headers, **body)
        if (method, address) == ("POST", "/logout") and party in self.cookies:
            self.cookies[party] = await self.sign_in(NAMES[party])
        return said

    async def sends(self, method: str, address: str, headers: Mapping[str, str], **body: Any) -> Said:
        """One request as it is; what differs from page to page anyway is left out of its text."""
        request = self.client.request(method, address, headers=headers, allow_redirects=False, **body)
        async with request as answer:
            text = (await answer.read()).decode("utf-8", "replace")
            leads_to = answer.headers.get("Location", "")
            plain = re.sub(r'name="csrf" value="[^"]*"', "csrf", text).replace(address, "HERE")
            return Said(_class(answer.status, leads_to, text), answer.status, plain, leads_to)


def _class(status: int, leads_to: str, text: str) -> str:
    """The outcome class of an answer; what is none of them is named, so that a test shows it."""
    if status == 303 and leads_to.startswith("/login"):
        return "login"
    for of_status, codes, told in (
        (401, ("login.required", "visitor.missing"), "login"),
        (403, ("forbidden", forbidden().message), "forbidden"),
        (404, ("not_found",), "missing"),
    ):
        if status == of_status:
            return told if any(code in text for code in codes) else f"{status} {text[:80]}"
    if status >= 500 or "input.invalid" in text or status in (401, 403, 404, 405, 429):
        return f"{status} {text[:80]}"
    return "in"


@asynccontextmanager
async def opened(data: Path, at: datetime = cast.DURING) -> AsyncIterator[Stage]:
    """The application with the cast in it, its interview live, while that instant ticks on."""
    given: dict[str, Any] = {"secret_key": "0123456789abcdef" * 2, "base_url": "http://127.0.0.1:8080"}
    app = create_app(settings.load(**given, data=data, demo=True, pace="off"))
    await migrate(app[UNITS].database)
    city = await cast.settle(app[UNITS].database)
    await _newcomers(city)
    city.units = app[UNITS]
    over = await held(city, HELD, "去年的报销单还能交吗？")
    await city.open()
    with time_machine.travel(at, tick=True):
        async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
            stage = Stage(client, app, city)
            await _identities(stage)
            stage.names = {"over": str(over), "live": str(city.interview)}
            stage.names["elsewhere"] = str(await _elsewhere(city))
            stage.names["newcomer"] = str(city.people["新来的审核员"].person_id)
            await _rehearsal(stage)
            await _things(stage)
            yield stage


async def _newcomers(city: cast.City) -> None:
    """Those whom the short cast lacks, and an account for everybody."""
    hashed = auth.hash_password(PASSWORD)
    async with city.act("周科长", cast.PLANNED) as uow:
        for name, (role, body) in NEWCOMERS.items():
            person = Person(
                role=role,
                display_name=name,
                body_id=city.bodies[body] if body else None,
                created_at=uow.now,
            )
            uow.db.add(person)
            await uow.db.flush()
            city.people[name] = person.actor()
        for person in await uow.db.scalars(select(Person).where(col(Person.role) != Role.CITIZEN)):
            person.login, person.password_hash = person.display_name, hashed
            person.must_change_password = person.display_name == "新来的审核员"


async def held(city: cast.City, start: datetime, asked: str, *, report: bool = True) -> int:
    """An interview of the past: asked, answered, closed, and its report sent or not; its number."""
    await city.plan(start)
    await city.announce(start)
    await city.prepare(start)
    await city.does("李主持", "interview.open", start, interview=city.interview)
    question = await city.asks("网友甲", asked, start)
    await city.does("审核员小张", "question.publish", start, question=question)
    await city.does("王处长", "question.answer", start, question=question, text="三月底以前都能办。")
    end = start + timedelta(hours=2)
    await city.does("李主持", "interview.close", end, interview=city.interview)
    if report:
        await city.does("周科长", "summary.send", end, interview=city.interview)
    return city.interview


async def _elsewhere(city: cast.City) -> int:
    """An interview of another body, to which the others are assigned; its number."""
    start = cast.START + timedelta(days=31)
    planned = programme.Plan(
        "供水管网改造",
        start,
        start + timedelta(hours=2),
        (city.bodies["水务局"],),
        city.people["别场主持"].person_id,
        None,
    )
    async with city.act("周科长", cast.PLANNED) as uow:
        found = await programme.schedule(uow, planned)
        for who in ("外单位老郑", "别场审核员"):
            await programme.assign_person(uow, found.id or 0, city.people[who].person_id or 0)
        return found.id or 0


async def _rehearsal(stage: Stage) -> None:
    """A rehearsal of an interview that comes later, with one question public in it."""
    city = stage.city
    live = city.interview
    await city.plan(cast.START + timedelta(days=35))
    made = await city.does("李主持", "interview.rehearse", interview=city.interview)
    await city.does("李主持", "interview.open", interview=made["interview"])
    async with city.act("周科长", cast.DURING) as uow:
        query = select(col(Question.id)).where(col(Question.interview_id) == made["interview"])
        practice = (await uow.db.scalars(query.order_by(col(Question.id)))).first() or 0
    await city.does("审核员小张", "question.publish", question=practice)
    item = await city.does("王处长", "question.answer", question=practice, text="先到窗口登记。")
    stage.names |= {
        "rehearsal": str(made["interview"]),
        "practice": str(practice),
        "rehearsed": str(item["item"]),
    }
    stage.practised = {"interview": made["interview"], "question": practice, "item": item["item"]}
    city.interview = live


async def _identities(stage: Stage) -> None:
    """Visitors' tokens for citizens, a login and a bearer for every member of staff."""
    units = stage.app[UNITS]
    for party in ("asker", "citizen"):
        stage.visitors[party] = await auth.new_visitor(units)
        stage.city.people[party] = await auth.visitor(units, stage.visitors[party])
    async with stage.city.act("周科长", cast.DURING) as uow:
        for party, name in NAMES.items():
            stage.bearers[party] = await auth.bearer(uow, stage.city.people[name].person_id or 0, 30)
    for party, name in NAMES.items():
        stage.cookies[party] = await stage.sign_in(name)


async def _things(stage: Stage) -> None:
    """The things that stand in addresses, and numbers under which there is nothing."""
    city = stage.city
    question = await city.published("asker", "在外地看病，怎么报销？")
    handed = await city.asks("asker", "水费单子寄到哪里？")
    await city.does("审核员小张", "question.transfer", question=handed, body=city.bodies["水务局"])
    followed = await city.published("asker", "断缴了还能补吗？")
    told = await city.published("网友甲", "补缴要带什么？")
    answer = await city.does("王处长", "question.answer", question=told, text="带身份证和缴费单。")
    entry = await entry_of(city, "GK-0001", "办理医保转移", "带上身份证到窗口办理。")
    async with city.act("陈秘书", cast.DURING) as uow:
        body = city.people["陈秘书"].body_id
        query = select(col(Delivery.id)).where(col(Delivery.body_id) == body)
        delivery = await uow.db.scalar(query)
        receipt = (await uow.db.get_one(Question, followed)).receipt
        ask = (await stage.app[DESK].ask(uow, "医保转移怎么办理？"))["ask"]
    async with city.act("asker", cast.DURING) as uow:
        referred, _ = await referrals.refer(uow, "医保断缴两年，要找人问。")
    async with city.act("许主任", cast.DURING) as uow:
        paper = file_kinds.read("标准.pdf", PDF, file_kinds.DOCUMENTS)
        await materials.attach(uow, city.interview, Sent(MaterialKind.DOCUMENT, "缴费标准", file=paper))
    async with city.act("何主任", cast.DURING) as uow:
        task = instructions.Wanted(city.bodies["医保局"], "补齐答复。", cast.at("2026-03-20 00:00").date())
        instructed = await instructions.give(uow, task)
    async with city.act("周科长", cast.DURING) as uow:
        waiver = await waiver_requests.ask(uow, int(stage.names["elsewhere"]), "guests", "换人了，名单晚到。")
    key = stage.app[SEAL].key(checkpoints.PURPOSE)
    with time_machine.travel(cast.at("2026-03-01 00:05"), tick=False):
        await monthly_seals.seal_last_month(city.units, stage.app[SETTINGS].data, key)
    async with city.act("目录编辑小林", cast.DURING) as uow:
        sent = (
            "index_no,title,body,issuer\nGK-9,供水,一户一表。,示例市水务局\nGK-10,供气,先约。,示例市水务局\n"
        )
        coming = await imports.propose(uow, "两条.csv", catalog_file.read("两条.csv", sent.encode()))
        row = row_of("GK-11", "断缴怎样补", "三个月以内补缴。")
        proposed = await review.propose(uow, None, RevisionAction.PUBLISH, row, body_id=city.bodies["医保局"])
        await review.submit(uow, proposed.id or 0)
    async with city.act("周科长", cast.DURING) as uow:
        rung = Submission("异地就医先备案吗？", Kind.INQUIRY, "rung-0001")
        entered, _ = await proxy_entry.enter(uow, city.interview, rung, Way.PHONE)
        await outbox.queue(uow, "calendar:stage:1", "zhou@example.gov.cn", "日子改了", "请登录以后看。")
        letter = await uow.db.scalar(select(func.max(col(OutboxMail.id))))
        contact = await body_contacts.add(
            uow, city.bodies["水务局"], body_contacts.Sent("老吴", line="0000-0000101")
        )
    assessed, paper_no = await _assessment_of(city)
    stage.names |= {
        "assessed": str(assessed),
        "paper": str(paper_no),
        "entered": entered.receipt,
        "body": str(city.bodies["水务局"]),
        "question": str(question),
        "answer": str(answer["item"]),
        "handed": str(handed),
        "receipt": receipt,
        "entry": str(entry),
        "delivery": str(delivery),
        "ask": str(ask),
        "referral": referred.receipt,
        "referred": str(referred.id),
        "import": str(coming.id),
        "instruction": str(instructed.id),
        "waiver": str(waiver.id),
        "revision": str(proposed.id),
        "letter": str(letter),
        "contact": str(contact.id),
    }
    # A receipt is no secret, its page is there for anyone who holds it; and those elsewhere know their interview.
    known = ("receipt", "referral", "elsewhere")
    stage.missing = {name: str(NO_NUMBER) for name in stage.names if name not in known}


async def _assessment_of(city: cast.City) -> tuple[int, int]:
    """A published assessment of 2026 with a problem of 医保局 that has a document; the body and the problem."""
    body = city.bodies["医保局"]
    kept = {"body": body, "name": "示例市医疗保障局", "parts": {"daily": "98.5", "self": "95", "third": "90"}}
    kept |= {"problems": 1, "total": "94.55", "grade": "优秀"}
    async with city.act("何主任", cast.DURING) as uow:
        row = await assessment.open_year(uow, 2026, "weighted")
        paper = file_kinds.read("通报.pdf", PDF, file_kinds.DOCUMENTS)
        day = office_date(uow.now)
        found = Found("unsafe", "网站有漏洞，没有按期整改。", day, 1, paper)
        problem = await assessment_entries.find(uow, 2026, body, found)
        row.result, row.fixed_at, row.published_at = [kept], uow.now, uow.now
    return body, problem.id or 0


def row_of(index_no: str, title: str, body: str, **more: Any) -> Row:
    """A row of the catalogue, openly published unless said otherwise."""
    plain = Row(
        index_no, "办事指南", title, "", (), body, "示例市医疗保障局", None, None, None,
        cast.at("2026-01-05 09:00").date(), None, Openness.OPEN, True, None, None,
    )  # fmt: skip
    return replace(plain, **more)


async def entry_of(city: cast.City, index_no: str, title: str, body: str, **more: Any) -> int:
    """An entry of the catalogue; published where its 公开属性 lets it, unless ``publish=False``; its number."""
    publish = more.pop("publish", True)
    async with city.act("周科长", cast.PLANNED) as uow:
        await library.import_rows(uow, [row_of(index_no, title, body, **more)], publish_too=publish)
        query = select(col(CatalogEntry.id)).where(col(CatalogEntry.index_no) == index_no)
        return int((await uow.db.execute(query)).scalar_one())
