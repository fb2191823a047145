"""Every staff form that changes what is stored, sent by two people who both had it open: the second sees the first.

Which forms there are is read from the templates: one that is new fails here until it says what it is drawn with, or
why nobody can write over anybody with it.
"""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import time_machine

from base.people import Person, Role
from faq import classes, lexicon
from interviews import assessment, body_contacts
from interviews.body_contacts import Sent
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.drawn_forms import form_to
from tests.web.test_calendar_import import NOTICE

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
FORM = re.compile(r'<form\b[^>]*method="post"[^>]*action="([^"]*)"([^>]*)>(.*?)</form>', re.DOTALL)
COMMAND = re.compile(r'\{% call act\(("[^"]*"[^,]*), (\{.*?\})[^%]*%\}(.*?)\{% endcall %\}', re.DOTALL)
ACT = re.compile(r'name="act" value="([a-z]+)"')
MARKED = re.compile(r'\bseen\(|name="(?:version|seen)"|"version":|"edition":|name="one" value="\{\{ r.value')
"""A mark, a version, or, where several are ticked, the stamp of each in its value (``web.signing``)."""
PUBLIC = frozenset(
    [
        *("composer.html", "bot_panel.html", "home.html", "faq.html", "question.html", "follow.html"),
        *("rating.html", "macros/rating.html", "macros/record.html", "report_link.html"),
        *("login.html", "password.html", "base.html"),
    ]
)
"""What citizens send, and one's own login: nobody else writes there."""

CHANGE = {
    "desk_interview.html:content.tell": "content",
    "desk_interview.html:guests.tell": "guests",
    "office_interview.html:venue.tell": "venue",
    "office_interview.html:/office/interviews/{{ interview.id }}/people": "people",
    "supervise.html:interview.change": "plan",
    "office_body.html:{{ at }}": "body",
    "office_body.html:{{ at }}/approval": "approval",
    "macros/contact_form.html:{{ action }}": "contact",
    "office_notifications.html:{{ page.path }}": "notifications",
    "office_outbox.html:{{ path }}": "delays",
    "office_lexicon.html:/office/catalog/lexicon": "lexicon",
    "partials/materials_desk.html:{{ path }}/describe": "material",
    "admin.html:/admin/accounts/{{ r.id }}/role": "role",
    "office_classes.html:/office/catalog/classes:move": "class",
    "office_steps.html:/office/catalog/steps": "steps",
    "office_wording.html:{{ page.path }}": "wording",
    "assessment_sheet.html:{{ at }}/third": "third",
    "assessment_sheet.html:{{ at }}/check": "check",
    "assessment_own.html:/desk/assessment/{{ year }}/self": "self",
}
"""Each form that changes something, and the case below that sends it twice."""

ELSEWHERE = {
    "office_calendar.html:/office/calendar/notice": "test_a_notice_is_looked_at_again_where_its_effect_changed",
    "report_desk.html:report.edit": "test_report_pages.py",
    "report_desk.html:report.sign": "test_report_pages.py",
    "office_entry_form.html:{{ back ~ '/edit' if entry else '/office/catalog/new' }}": "test_catalog_desk.py",
    "office_entry.html:{{ at }}/submit": "test_catalog_desk.py",
    "macros/entries.html:{{ action }}": "test_catalog_desk.py",
    "macros/approval.html:answer.approve": "test_desk_work.py",
}
"""Forms with marks that are sent twice in another test."""

_STATE = "a step of its subject's life, which it takes once: the second is told that it was taken"
_ADDS = "only adds; what another adds at the same time stands beside it"
_OWN = "one's own, and nobody else's"
_READS = "stores nothing, or only what is looked at again before it is taken in"
_SETS = "says on its button what will be so, and two who press the same agree"
_NAMES = "names what it is about; where that is gone or called otherwise, it is refused"

REASONS: dict[str, dict[str, tuple[str, ...]]] = {
    _STATE: {
        "supervise_instruction.html": ("accept", "return", "withdraw", "reopen"),
        "desk_instruction.html": ("answer",),
        "supervise_list.html": ("{{ a.id }}", "/supervise/instructions/accept"),
        "assessment_year.html": ("fix", "publish"),
        "assessment_sheet.html": ("answer", "aside"),
        "assessment_own.html": ("object",),
        "office_outbox.html": ("hold",),
        "office_duties.html": ("urge", "urge"),
        "macros/duties.html": ("{{ d.act.post }}",),
        "office_body.html": ("merge",),
        "office_themes.html": ("/office/themes",),
        "office_outbox_one.html": ("{{ page.path }}", "{{ page.path }}"),
        "office_catalog_import_one.html": ("start", "cancel"),
        "office_catalog_import_undo.html": ("undo",),
        "office_entry.html": ("withdraw", "retire", "repeal"),
        "office_referrals.html": ("reply#r{{ r.id }}",),
        "office_topics.html": ("/office/catalog/topics",),
        "office.html": ("/office/catalog/topics",),
        "office_candidates.html": ("candidates:still", "candidates:take"),
        "office_phrasings.html": ("/office/catalog/phrasings",),
        "office_yearly.html": ("/office/yearly",),
        "office_interview.html": (
            "interview.announce",
            "questions.forward",
            "interview.open",
            "question.remove",
        ),
        "supervise.html": ("plan.issue", "interview.cancel"),
        "host.html": ("interview.open", "question.unstage", "interview.close"),
        "report_desk.html": ("summary.send",),
        "report.html": ("report.acknowledge",),
        "macros/approval.html": ("answer.return", "answer.recall"),
        "macros/promise.html": ("promise.keep",),
        "macros/staff.html": (
            "question.claim",
            "question.hold",
            "question.merge",
            "question.publish",
            "question.decline",
            "question.transfer",
            "question.stage",
            "question.remove",
            "promise.cancel",
            "question.answer",
            "question.defer",
            "question.refuse",
            "several",
        ),
    },
    _ADDS: {
        "office_enter.html": ("{{ page.path }}",),
        "partials/materials_desk.html": ("{{ shelf.path }}",),
        "macros/attached.html": ("attach",),
        "assessment_sheet.html": ("find",),
        "assessment_years.html": ("/supervise/assessment",),
        "supervise_instruct.html": ("new",),
        "supervise.html": ("waiver.grant",),
        "office_interview.html": ("waivers", "erratum.publish"),
        "admin.html": ("/admin/accounts",),
        "office_lexicon.html": ("lexicon:add",),
        "office_classes.html": ("classes:add",),
        "office_words.html": ("words.add", "word.case.add", "/office/words/import"),
        "office_schedule.html": ("interview.schedule",),
        "office_programme.html": ("interview.schedule", "apply"),
        "macros/staff.html": ("erratum.publish",),
        "macros/promise.html": ("promise.make",),
        "macros/reports.html": ("report.resend",),
        "report_desk.html": ("report.draft",),
        "desk.html": ("interview.say",),
        "host.html": ("interview.say", "interview.extend", "interview.rehearse"),
        "office_interviews.html": ("people",),
    },
    _OWN: {"account.html": ("/account", "/account/notifications")},
    _READS: {
        "audit_verify.html": ("/audit/verify",),
        "admin_backups.html": ("/admin/backups",),
        "macros/work.html": ("cancel",),
        "office_catalog_import.html": ("/office/catalog/import",),
        "office_calendar.html": ("/office/calendar/notice",),
        "office_programme.html": ("import",),
        "office_words.html": ("/office/words/try",),
    },
    _SETS: {
        "office_body.html": ("first",),
        "admin.html": ("{{ act }}", "enable", "revoke"),
        "macros/staff.html": ("publication.delay",),
        "office_words.html": ("/office/words/drop",),
    },
    _NAMES: {
        "office_body.html": ("remove", "restore"),
        "partials/materials_desk.html": ("up", "down", "remove"),
        "macros/attached.html": ("detach",),
        "macros/staff.html": ("order",),
        "office_classes.html": ("classes:rename", "/office/catalog/classes"),
        "office_words.html": ("word.case.drop",),
    },
}
"""Why the other forms need no mark: template to how their address ends (and their ``act``)."""


def _found(template: Path) -> Iterator[tuple[str, bool]]:
    where, text = str(template.relative_to(TEMPLATES)), template.read_text(encoding="utf-8")
    for action, more, inner in FORM.findall(text):
        acts = ACT.findall(inner) if 'type="hidden" name="act"' in inner else []
        file = ["file"] if "multipart" in more and not MARKED.search(inner) else []
        yield ":".join([where, action, *acts[:1], *file]), MARKED.search(inner) is not None
    for name, fields, inner in COMMAND.findall(text):
        plain = name.strip('"') if name.count('"') == 2 else name
        yield f"{where}:{plain}", MARKED.search(fields + inner) is not None


def _every() -> dict[str, bool]:
    """Each staff form, and whether every one of that name is drawn with marks."""
    found: dict[str, bool] = {}
    for template in sorted(TEMPLATES.rglob("*.html")):
        where = str(template.relative_to(TEMPLATES))
        if where not in PUBLIC and template.name not in PUBLIC and where != "macros/forms.html":
            for key, marked in _found(template):
                found[key] = found.get(key, True) and marked
    return found


def _excused(key: str) -> bool:
    where, _, rest = key.partition(":")
    return any(_ends(rest, end) for forms in REASONS.values() for end in forms.get(where, ()))


def _ends(rest: str, end: str) -> bool:
    return rest.endswith(end) or rest.partition(":")[0].endswith(end)


def test_every_form_says_what_it_was_drawn_with_or_why_it_need_not() -> None:
    found = _every()
    assert len(found) > 90, "the templates are no longer read"
    marked = {key for key, has in found.items() if has}
    tried = {*CHANGE, *ELSEWHERE}
    assert marked - tried == set(), "these are sent twice nowhere"
    assert tried - marked == set(), "these carry no mark any more"
    assert {key for key in found if key not in tried and not _excused(key)} == set(), (
        "these write over others"
    )


def test_every_reason_is_one_of_a_form() -> None:
    found = set(_every())
    for forms in REASONS.values():
        for where, ends in forms.items():
            for end in ends:
                mine = [key.partition(":")[2] for key in found if key.startswith(f"{where}:")]
                assert any(_ends(rest, end) for rest in mine), (where, end)


# Sent twice


@dataclass
class Case:
    """A form, what the first and then the second person change, and what the second is told of the first."""

    role: str
    page: str
    action: str
    first: dict[str, Any]
    second: dict[str, Any]
    told: str
    having: dict[str, str] = field(default_factory=dict)
    when: Any = None


def _cases(ids: dict[str, int]) -> dict[str, Case]:
    n, body, film = ids["interview"], ids["body"], f"/desk/interviews/{ids['interview']}"
    sheet = f"/supervise/assessment/2026/{body}"
    late = cast.at("2027-02-05 09:00")
    change = {"interview": str(n), "reason": "公众要求"}
    return {
        "content": Case(
            "clerk", f"/desk/interviews/{n}", "/do/content.tell",
            {"theme": "医保", "text": "甲写的。"}, {"theme": "医保", "text": "乙写的。"}, "现在是：甲写的。",
        ),
        "guests": Case(
            "clerk", f"/desk/interviews/{n}", "/do/guests.tell",
            {"guests": "甲某，处长"}, {"guests": "乙某，处长"}, "现在是：甲某，处长",
        ),
        "venue": Case(
            "office", f"/office/interviews/{n}", "/do/venue.tell",
            {"venue": "甲楼"}, {"venue": "乙楼"}, "现在是：甲楼",
        ),
        "people": Case(
            "office", f"/office/interviews/{n}", f"/office/interviews/{n}/people",
            {"host": str(ids["host"])}, {"host": "", "pick": []}, "“主持人”现在是：别场主持",
        ),
        "plan": Case(
            "supervisor", "/supervise", "/do/interview.change",
            change | {"theme": "甲改的题目"}, change | {"theme": "乙改的题目"}, "现在是：甲改的题目",
        ),
        "body": Case(
            "office", f"/office/bodies/{body}", f"/office/bodies/{body}",
            {"email": "one@example.gov.cn"}, {"email": "two@example.gov.cn"}, "现在是：one@example.gov.cn",
        ),
        "approval": Case(
            "office", f"/office/bodies/{body}", f"/office/bodies/{body}/approval",
            {"second": "yes"}, {"second": "yes", "approver": str(ids["clerk"])}, "现在是：要审定，谁都行",
        ),
        "contact": Case(
            "office", f"/office/bodies/{body}", f"/office/bodies/{body}/contacts/{ids['contact']}",
            {"line": "0000-0000111"}, {"line": "0000-0000222"}, "“办公电话”现在是：0000-0000111",
        ),
        "notifications": Case(
            "office", "/office/notifications", "/office/notifications",
            {"reminder.webhook": "must"}, {"reminder.webhook": "off"}, "现在是：",
        ),
        "delays": Case(
            "office", "/office/outbox", "/office/outbox",
            {"wait-reminder": "10"}, {"wait-reminder": "60"}, "现在是：等10分钟",
        ),
        "lexicon": Case(
            "office", "/office/catalog/lexicon", "/office/catalog/lexicon",
            {"act": "change", "words": "社保卡 甲卡"}, {"act": "change", "words": "社保卡 乙卡"},
            "现在是：社保卡 甲卡", {"line": str(ids["line"])},
        ),
        "material": Case(
            "clerk", film, f"{film}/materials/1/describe",
            {"title": "甲起的标题"}, {"title": "乙起的标题"}, "现在是：甲起的标题",
        ),
        "role": Case(
            "admin", "/admin", f"/admin/accounts/{ids['host']}/role",
            {"role": "moderator"}, {"role": "auditor"}, "“角色”现在是：审核员",
        ),
        "class": Case(
            "office", "/office/catalog/classes", "/office/catalog/classes",
            {"under": "甲类"}, {"under": "乙类"}, "“上级”现在是：甲类", {"act": "move", "name": "丙类"},
        ),
        "steps": Case(
            "office", "/office/catalog/steps", "/office/catalog/steps",
            {"name-1": "甲步"}, {"name-1": "乙步"}, "现在是：甲步",
        ),
        "wording": Case(
            "office", "/office/wordings/reminder", "/office/wordings/reminder",
            {"act": "save", "text": None}, {"act": "save", "text": None}, "第1版", {},
        ),
        "third": Case(
            "supervisor", sheet, f"{sheet}/third",
            {"by": "甲评估", "points": "90"}, {"by": "乙评估", "points": "80"}, "现在是：甲评估", when=late,
        ),
        "self": Case(
            "clerk", "/desk/assessment/2026", "/desk/assessment/2026/self",
            {"points": "90", "text": "甲写的。"}, {"points": "80", "text": "乙写的。"}, "现在是：甲写的。",
            {"half": "1"}, when=late,
        ),
        "check": Case(
            "supervisor", sheet, f"{sheet}/check",
            {"points": "88", "why": "甲的理由"}, {"points": "77", "why": "乙的理由"}, "现在是：88",
            {"half": "1"}, when=late,
        ),
    }  # fmt: skip


@pytest.fixture
async def stage(town: Town) -> dict[str, int]:
    """An interview to come, a line of words, three classes; the year is assessed and 许主任 handed in."""
    city = town.city
    await city.plan(cast.at("2026-04-24 14:30"))
    host = city.people["别场主持"].person_id or 0
    async with city.act("周科长", cast.DURING) as uow:
        person = await uow.db.get_one(Person, host)
        person.login = person.login or "other-host"
        line = await lexicon.add(uow, "same", ["社保卡", "社会保障卡"])
        contact = await body_contacts.add(uow, city.bodies["医保局"], Sent("许静宜", line="0000-0000101"))
        for name in ("甲类", "乙类", "丙类"):
            await classes.add(uow, name, None)
    async with city.act("何主任", cast.DURING) as uow:
        await assessment.open_year(uow, 2026, "weighted")
    clerk = city.people["许主任"]
    assert clerk.role is Role.CLERK
    return {
        "interview": city.interview,
        "host": host,
        "body": city.bodies["医保局"],
        "clerk": clerk.person_id or 0,
        "line": line.id or 0,
        "contact": contact.id or 0,
    }


async def _set(who: Browser, name: str, stage: dict[str, int]) -> None:
    """What must be there before a form is."""
    if name == "material":
        film = {"kind": "video", "title": "旧标题", "address": "https://media.example.gov.cn/a.mp4"}
        assert await who.sends(f"/desk/interviews/{stage['interview']}/materials", **film) == 200, who.text
    if name == "check":
        await who.signs_in("clerk", "/desk/assessment/2026")
        own = {"half": "1", "points": "96", "text": "都办了。"}
        assert await who.sends("/desk/assessment/2026/self", **own) == 200, who.text
        await who.signs_in("supervisor", f"/supervise/assessment/2026/{stage['body']}")


@pytest.mark.parametrize("name", sorted(CHANGE.values()))
async def test_the_second_sees_the_first_and_loses_nothing(
    town: Town, stage: dict[str, int], name: str
) -> None:
    case, who = _cases(stage)[name], Browser(town)
    with time_machine.travel(case.when, tick=True) if case.when else nullcontext():
        await who.signs_in(case.role, case.page)
        await _set(who, name, stage)
        assert await who.opens(case.page) == 200
        drawn = form_to(who.text, case.action, **case.having)
        first, second = ({**drawn.fields, **_typed(case, which, drawn.fields)} for which in (1, 2))
        assert await who.sends(case.action, **first) == 200, who.text
        assert "别人改过" not in who.text
        await who.opens(case.page)
        assert await who.sends(case.action, **second) == 409, who.text
        assert case.told in who.text, "who wrote first is not seen"
        again = form_to(who.text, case.action, **case.having)
        for key, value in _typed(case, 2, drawn.fields).items():
            wanted = value if isinstance(value, list) else [value]
            assert key == "act" or again.fields.get(key, []) == wanted, f"{key} was lost"
        assert await who.sends(case.action, **again.fields, **_act(case)) == 200, who.text


def _typed(case: Case, which: int, drawn: dict[str, list[str]]) -> dict[str, Any]:
    typed = case.first if which == 1 else case.second
    return {
        key: f"{drawn[key][0]}\n第{which}个人写的。" if value is None else value
        for key, value in typed.items()
    }


def _act(case: Case) -> dict[str, str]:
    """The button, where the form has it and not a hidden field."""
    return {"act": case.first["act"]} if "act" in case.first else {}


async def test_a_notice_is_looked_at_again_where_its_effect_changed(town: Town) -> None:
    city, who = town.city, Browser(town)
    start = cast.at("2027-03-05 14:30")
    with time_machine.travel(cast.at("2026-12-01 09:00"), tick=True):
        await who.signs_in("office", "/office/calendar?year=2027")
        file = _file()
        assert await who.sends("/office/calendar/notice", file=file) == 200, who.text
        drawn = form_to(who.text, "/office/calendar/notice")
        assert drawn.fields["seen.effect"]
        await city.plan(start)
        assert await who.sends("/office/calendar/notice", **drawn.fields) == 409, who.text
        assert "和原来列的不一样了" in who.text
        again = form_to(who.text, "/office/calendar/notice")
        assert await who.sends("/office/calendar/notice", **again.fields) == 200, who.text
        assert "收录了2027年的放假通知" in who.text


def _file() -> Any:
    return NOTICE.open("rb")
