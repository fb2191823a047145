"""Everything in the city that nobody may find, each with words of its own, and a little that everybody may.

A secret's text holds two made-up words. Whoever looks for the first, on pages that repeat what was looked for, must
not be told the second.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from base import file_kinds
from base.people import SYSTEM, Person
from faq import candidates, library, review
from faq.models import CatalogEntry, Openness, RevisionAction
from interviews import approvals, body_contacts, following, judging, materials
from interviews.materials import MaterialKind, Sent
from interviews.models import Interview, Item, Question, Report
from interviews.rating_models import Why
from tests import cast
from tests.access import personal, stage
from tests.access.stage import Stage
from tests.base.files_at_hand import VTT, word
from web.keys import FOLLOWING

ENDED = cast.at("2026-01-23 14:30")
AHEAD = cast.START + timedelta(days=28)
CALLED_OFF = cast.START + timedelta(days=25)
AFTERWARDS = ENDED + timedelta(days=3)
PEOPLE = ("网友甲", "网友乙", "网友丙")


@dataclass
class Hidden:
    """The secrets by name, what of them was public once, and what is public now.

    Attributes:
        names: every secret.
        once_public: those that were rightly heard before they were taken down.
        open: public texts, which every search must find, or the crawl looks at nothing.
        questions: the questions that are not public, by their secret.
        late: taken down only when ``take_down`` is called.
    """

    names: list[str] = field(default_factory=list)
    once_public: set[str] = field(default_factory=set)
    open: list[str] = field(default_factory=list)
    questions: dict[str, int] = field(default_factory=dict)
    late: list[tuple[str, int, int]] = field(default_factory=list)
    rehearsal: int | None = None

    def text(self, name: str) -> str:
        """The text of a new secret."""
        self.names.append(name)
        return f"{first(name)}这件事，{second(name)}能不能办？"

    def shown(self, name: str) -> str:
        """The text of something public."""
        self.open.append(name)
        return f"{first(name)}这件事，{second(name)}能不能办？"


def first(name: str) -> str:
    """The word by which a text is looked for."""
    return f"zq{name}a"


def second(name: str) -> str:
    """The word that must not come back."""
    return f"zq{name}b"


async def fill(town: Stage) -> Hidden:
    """An interview in every state, with something to hide in each; the live one is the stage's own."""
    hidden, city = Hidden(), town.city
    live = city.interview
    await _waiting(town, hidden, "live", cast.DURING)
    await _talked(town, hidden)
    await _personal(town)
    await _catalogue(town, hidden)
    ended = await stage.held(city, ENDED, hidden.shown("ended"), report=False)
    await _late(town, hidden, ended)
    await _taken_in(town, hidden, ended)
    await _said_afterwards(town, hidden, ended)
    ahead = await city.plan(AHEAD)
    await city.announce(AHEAD)
    await _waiting(town, hidden, "ahead", cast.DURING)
    await city.plan(CALLED_OFF)
    await city.announce(CALLED_OFF)
    await _called_off(town, hidden)
    await _rehearsed(town, hidden)
    await _on_shelves(town, hidden, ahead, live)
    city.interview = live
    await _on_file(town, hidden)
    await _contacts(town, hidden)
    return hidden


async def _contacts(town: Stage, hidden: Hidden) -> None:
    """Whom staff call at the body that answers: a name, a post, an address and a note."""
    parts = ("contactname", "contactpost", "contactmail", "contactnote")
    hidden.names += parts
    name, post, mail, note = map(second, parts)
    sent = body_contacts.Sent(name, post, "0000-0000102", "", f"{mail}@example.com", note)
    async with town.city.act("周科长", cast.DURING) as uow:
        await body_contacts.add(uow, town.city.bodies["医保局"], sent, first=True)


async def _ask(town: Stage, hidden: Hidden, name: str, when: datetime) -> int:
    """A question to hide, with a nickname and a contact that are secrets too."""
    nickname, contact = f"{second(name + 'nick')}", f"{second(name + 'mail')}@example.com"
    hidden.names += [f"{name}nick", f"{name}mail"]
    asked = await town.city.asks("asker", hidden.text(name), when, nickname=nickname[:20], contact=contact)
    hidden.questions[name] = asked
    return asked


async def _waiting(town: Stage, hidden: Hidden, at: str, when: datetime) -> None:
    """What never became public: pending, declined, transferred, withdrawn, merged, appealed."""
    city = town.city
    await _ask(town, hidden, f"{at}pending", when)
    declined = await _ask(town, hidden, f"{at}declined", when)
    await city.does("审核员小张", "question.decline", when, question=declined, reason="abuse")
    withdrawn = await _ask(town, hidden, f"{at}withdrawn", when)
    await city.does("asker", "question.withdraw", when, question=withdrawn)
    merged = await _ask(town, hidden, f"{at}merged", when)
    target = await city.asks("网友甲", hidden.shown(f"{at}target"), when)
    await city.does("审核员小张", "question.publish", when, question=target)
    await city.does("审核员小张", "question.merge", when, question=merged, into=target)
    away = await _ask(town, hidden, f"{at}away", when)
    await city.does("审核员小张", "question.transfer", when, question=away, body=city.bodies["水务局"])
    appealed = await _ask(town, hidden, f"{at}appealed", when)
    await city.does("审核员小张", "question.decline", when, question=appealed, reason="not_a_question")
    text = hidden.text(f"{at}appeal")
    await city.does("asker", "question.appeal", when, question=appealed, text=text)


async def _talked(town: Stage, hidden: Hidden) -> None:
    """In the live room: what is public, drafts, and what will be taken down or taken back later."""
    city = town.city
    open_question = await city.staged("网友乙", hidden.shown("question"))
    await city.does("王处长", "question.answer", question=open_question, text=hidden.shown("answer"))
    await city.does("李主持", "interview.say", interview=city.interview, text=hidden.shown("remark"))
    drafted = await city.staged("网友丙", "窗口中午开不开？")
    await city.does("王处长", "answer.draft", question=drafted, text=hidden.text("draft"))
    await city.asks_a_second_person()
    await city.does("许主任", "question.answer", question=drafted, text=hidden.text("laidup"))
    async with city.act("周科长", cast.DURING) as uow:
        await approvals.set_rule(uow, city.bodies["医保局"], False)
    kept = await city.asks("网友甲", hidden.text("wording"))
    await city.does("审核员小张", "question.publish", question=kept, text="（审核员改过的文字）")
    asked = await city.published("asker", hidden.text("gone"))
    answered = await city.staged("网友甲", "补贴什么时候发？")
    said = await city.does("王处长", "question.answer", question=answered, text=hidden.text("goneanswer"))
    remark = await city.does(
        "李主持", "interview.say", interview=city.interview, text=hidden.text("goneremark")
    )
    state = await city.state(f"interview:{city.interview}:public")
    gone = state["questions"][str(asked)]["item"]
    hidden.questions["gone"] = asked
    hidden.late += [("remove", gone, 0), ("remove", said["item"], 0), ("remove", remark["item"], 0)]
    taken_back = await city.published("asker", hidden.text("takenback"))
    hidden.questions["takenback"] = taken_back
    hidden.late.append(("withdraw", 0, taken_back))
    hidden.once_public |= {"gone", "goneanswer", "goneremark", "takenback"}
    other = await city.does("李主持", "interview.say", interview=city.interview, text="欢迎大家。")
    erratum = {"item": other["item"], "text": hidden.text("goneerratum"), "reason": "说错了"}
    corrected = await city.does("李主持", "erratum.publish", **erratum)
    hidden.late.append(("remove", corrected["item"], 0))
    hidden.once_public.add("goneerratum")


async def take_down(town: Stage, hidden: Hidden) -> None:
    """What was public until now is taken down by its moderator, or back by its asker."""
    for act, item, question in hidden.late:
        if act == "material":
            async with town.city.act("许主任", cast.DURING) as uow:
                await materials.take_down(uow, item, question, "说到了个人")
        elif act == "remove":
            await town.city.does("审核员小张", "question.remove", item=item, reason="说到了个人")
        else:
            await town.city.does("asker", "question.withdraw", question=question)
    await asyncio.sleep(0.2)


async def _personal(town: Stage) -> None:
    """Questions full of personal data, published as the machine masked them."""
    for number, item in enumerate(personal.ITEMS):
        await town.city.published(PEOPLE[number % 3], f"补贴没有到账，请联系我：{item}，谢谢。")


async def _late(town: Stage, hidden: Hidden, ended: int) -> None:
    """After the end: one that came at the last moment and waits, a written answer taken down, a draft."""
    city = town.city
    async with city.act("周科长", ENDED) as uow:
        found = await uow.db.get_one(Interview, ended)
        found.status = "live"
    await _ask(town, hidden, "lastpending", ENDED)
    declined = await _ask(town, hidden, "lastdeclined", ENDED)
    await city.does("审核员小张", "question.decline", ENDED, question=declined, reason="advertising")
    owed = await city.published("网友乙", hidden.shown("owed"), ENDED)
    async with city.act("周科长", ENDED) as uow:
        found = await uow.db.get_one(Interview, ended)
        found.status = "ended"
    await city.does("王处长", "answer.draft", AFTERWARDS, question=owed, text=hidden.text("lastdraft"))


async def _taken_in(town: Stage, hidden: Hidden, ended: int) -> None:
    """An answer that an editor took into the catalogue; the bot quotes it until the answer is taken down."""
    city = town.city
    async with city.act("周科长", ENDED) as uow:
        query = select(col(Question.id)).where(
            col(Question.interview_id) == ended, col(Question.status) == "answered"
        )
        asked = (await uow.db.scalars(query.order_by(col(Question.id)))).first() or 0
    text = f"{hidden.text('takenin')}带上身份证和户口本，到街道服务大厅办理，当天办完。"
    said = await city.does("王处长", "question.answer", AFTERWARDS, question=asked, text=text)
    async with city.act("周科长", AFTERWARDS) as uow:
        entry = (await candidates.take(uow, said["item"])).entry_id
    async with city.units.act(SYSTEM, AFTERWARDS) as uow:
        await library.publish(uow, entry)
    hidden.late.append(("remove", said["item"], 0))


async def _said_afterwards(town: Stage, hidden: Hidden, ended: int) -> None:
    """What somebody wrote beside a 没解决, and the address of somebody who follows a question."""
    async with town.city.act("asker", AFTERWARDS) as uow:
        query = select(Item).where(col(Item.interview_id) == ended, col(Item.kind) == "answer")
        item = (await uow.db.scalars(query.order_by(col(Item.no)))).first()
        words = judging.Beside(Why.OTHER, hidden.text("ratingwords"))
        await judging.rate(uow, item.id, judging.Verdict(False, None, words))
        address = town.app[FOLLOWING].address(f"{second('followmail')}@example.com")
        hidden.names.append("followmail")
        mark_of = town.app[FOLLOWING].mark_of
        await following.begin(uow, item.question_id, address, "a-key-nobody-has", mark_of)


async def _called_off(town: Stage, hidden: Hidden) -> None:
    """A cancelled interview: what waited is answered in writing, to its asker alone."""
    city = town.city
    when = cast.at("2026-03-02 15:00")
    asked = await _ask(town, hidden, "calledoff", when)
    await city.does("何主任", "interview.cancel", when, interview=city.interview, reason="另行安排")
    await city.does("许主任", "question.answer", question=asked, text=hidden.text("calledoffanswer"))


async def _rehearsed(town: Stage, hidden: Hidden) -> None:
    """A rehearsal in which everything is said that a real interview would publish."""
    city = town.city
    await city.plan(AHEAD + timedelta(days=7))
    made = await city.does("李主持", "interview.rehearse", interview=city.interview)
    city.interview = hidden.rehearsal = made["interview"]
    await city.does("李主持", "interview.open", interview=city.interview)
    async with city.act("周科长", cast.DURING) as uow:
        query = select(col(Question.id)).where(col(Question.interview_id) == city.interview)
        asked = [int(one) for one in await uow.db.scalars(query.order_by(col(Question.id)))]
        text = hidden.text("rehearsed")
        changed = update(Question).where(col(Question.id) == asked[0])
        await uow.db.execute(changed.values(text=text, original=text))
    hidden.questions["rehearsed"] = asked[0]
    await city.does("审核员小张", "question.publish", question=asked[0])
    await city.does("李主持", "question.stage", question=asked[0])
    await city.does("王处长", "question.answer", question=asked[0], text=hidden.text("rehearsedanswer"))
    await city.does("李主持", "interview.say", interview=city.interview, text=hidden.text("rehearsedword"))


async def _on_shelves(town: Stage, hidden: Hidden, ahead: int, live: int) -> None:
    """Materials that nobody may see yet, and some that will be taken down; each hides its words and its bytes."""
    planned = await town.city.plan(AHEAD + timedelta(days=14))
    async with town.city.act("许主任", cast.PLANNED) as uow:
        await materials.attach(uow, planned, _paper(hidden, "shelfpaper"))
        await materials.attach(uow, ahead, _film(hidden, "shelffilm"))
    async with town.city.act("许主任", cast.DURING) as uow:
        for sent in (_paper(hidden, "goneshelfpaper"), _film(hidden, "goneshelffilm")):
            row = await materials.attach(uow, live, sent)
            hidden.late.append(("material", live, row.no))


def _paper(hidden: Hidden, name: str) -> Sent:
    called, said = f"{second(name)}.docx", hidden.text(f"{name}inside")
    hidden.names.append(name)
    file = file_kinds.read(called, word(said), file_kinds.DOCUMENTS)
    return Sent(MaterialKind.DOCUMENT, f"{second(name)}一览", file=file)


def _film(hidden: Hidden, name: str) -> Sent:
    said = VTT.decode() + f"\n00:05.000 --> 00:06.000\n{hidden.text(f'{name}inside')}\n"
    hidden.names.append(name)
    file = file_kinds.read(f"{second(name)}.vtt", said.encode(), file_kinds.CAPTIONS)
    address = f"https://{second(name)}.example.gov.cn/a.mp4"
    return Sent(MaterialKind.VIDEO, f"{second(name)}录像", address=address, file=file)


async def _catalogue(town: Stage, hidden: Hidden) -> None:
    """Entries that are not published, were taken down, or may never be; and one that stands open."""
    city = town.city
    kinds: dict[str, dict[str, Any]] = {
        "entrydraft": {"publish": False},
        "entryrequest": {"openness": Openness.ON_REQUEST},
        "entryclosed": {"openness": Openness.CLOSED},
        "entryretired": {},
    }
    for number, (name, more) in enumerate(kinds.items()):
        text = hidden.text(name)
        entry = await stage.entry_of(city, f"GK-9{number}", text, text, question=text, alts=(text,), **more)
        if name == "entryretired":
            async with city.units.act(SYSTEM, cast.DURING) as uow:
                await library.retire(uow, entry, "作废")
    text = hidden.shown("entry")
    open_entry = await stage.entry_of(city, "GK-0002", text, text, question=text)
    async with city.act("周科长", cast.DURING) as uow:
        changed = stage.row_of("GK-0002", text, hidden.text("revision"), alts=(hidden.text("phrasing"),))
        proposed = await review.propose(
            uow, open_entry, RevisionAction.CHANGE, changed, hidden.text("reason")
        )
        await review.submit(uow, proposed.id or 0)
        # With one of the stage's own that is published, and one that waits for a signature.
        assert len(list(await uow.db.scalars(select(CatalogEntry)))) == 7


async def _on_file(town: Stage, hidden: Hidden) -> None:
    """What staff keep: a report's note, what the bot was asked, addresses and login names."""
    city = town.city
    async with city.act("周科长", cast.DURING) as uow:
        report = (await uow.db.scalars(select(Report))).first()
        assert report is not None
        report.content = report.content | {"note": hidden.text("report")}
        person = await uow.db.get_one(Person, city.people["审核员小张"].person_id)
        hidden.names += ["login", "email"]
        person.login, person.email = second("login"), f"{second('email')}@example.gov.cn"
    async with town.client.post("/api/faq/ask", json={"text": hidden.text("asked")}) as answer:
        ask = (await answer.json())["ask"]
    reason = {"ask": ask, "useful": False, "reason": hidden.text("feedback")}
    async with town.client.post("/api/faq/feedback", json=reason) as answer:
        assert answer.status == 200
