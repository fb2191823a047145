"""Forms without a script: what was typed, what was wrong with it, and the command that it means.

A form sends strings. Here they become the one object of a command, by the command's own schema, so that a field
the schema does not know never reaches it. On a refusal the page is drawn again with everything that was typed.
"""

import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from pydantic import AwareDatetime

from base.clock import SHANGHAI
from base.errors import Refusal
from chat.registry import REGISTRY
from chat.schemas import GuestLine

Typed = dict[str, Any]

_FIELD = re.compile(r"^“([a-z_]+)[.\d]*”这一项")
_SEVERAL = frozenset({"respondents", "pick"})
_TEXT_NAMES = {
    "称呼": "nickname",
    "问题": "text",
    "答复": "text",
    "要说的话": "text",
    "访谈内容": "text",
    "公开的文字": "text",
    "主题": "theme",
    "地点": "venue",
    "不予答复的理由": "reason",
    "会后答复的理由": "reason",
    "退回的理由": "reason",
    "承诺的事": "what",
    "延长的原因": "reason",
    "变动的原因": "reason",
    "取消的原因": "reason",
    "例外的理由": "reason",
    "提前结束的原因": "reason",
    "可以公开的部分": "partial",
    "姓名": "guests",
    "职务": "guests",
    "词": "words",
    "备注": "note",
    "例句": "text",
    "总的情况": "overview",
    "反映出来的问题": "problems",
    "意见和建议": "proposals",
    "意见": "comment",
}
_PLACES = {
    "schedule.end": "ends_at",
    "schedule.past": "starts_at",
    "schedule.too_long": "ends_at",
    "schedule.bodies": "respondents",
    "schedule.copy": "theme",
    "schedule.body_taken": "respondents",
    "schedule.host": "host",
    "schedule.host_taken": "host",
    "promise.due": "due",
}
WORDS = {
    "contact": "电子邮箱写得不对。请写成name@example.com这样，或者不填。",
    "interview": "请选是哪一场。",
    "duty": "请选是哪一项。",
    "kind": "请选咨询、意见或者建议。",
    "way": "请选怎么来的：电话、窗口或者来信。",
    "text": "请写上内容再交。",
    "theme": "请写上题目。",
    "reason": "请写明原因。",
    "ground": "请选一项依据。",
    "into": "请选要并入的问题。",
    "minutes": "请选延长多少分钟。",
    "what": "请写上答应办什么。",
    "due": "请选哪一天以前办结。",
    "starts_at": "请写上开始的日期和时间。",
    "ends_at": "请写上结束的日期和时间。",
    "respondents": "请至少选一个答复单位。",
    "guests": "请一人写一行：姓名，职务。",
    "venue": "请写上地点。",
    "words": "请至少写一个词，一行写一个。",
    "word": "请写上这个词。",
    "words.add.kind": "请选一个归类。",
    "word.case.add.kind": "请选一个归类，或者选“不该有提示”。",
    "word.case.add.text": "请写上例句。",
}
"""What is said beside a field that is empty or makes no sense; for one command alone under its name."""
FIRST_YEAR, LAST_YEAR = 2000, 2199
"""The years in which anything can take place, as ``chat/schemas.py`` has them."""
_FAR = f"年份太远。请写{FIRST_YEAR}年到{LAST_YEAR}年之间的日期。"
_LONG_YEAR = re.compile(r"\+?[0-9]{5,}-")


class Unreadable(Refusal):
    """A form of which one field or several were wrong; ``errors`` says which and how."""

    def __init__(self, errors: Mapping[str, str], message: str = "有几处要改。请看标出来的地方。") -> None:
        super().__init__("input.invalid", message, status=400)
        self.errors = dict(errors)


class Kept(dict[str, Any]):
    """What was typed; a field that did not come at all reads as empty, in the strict templates too."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True)
class Form:
    """What a page shows of a form: fresh, or with what was typed and what was wrong.

    Attributes:
        typed: field to what was typed; a list for fields that repeat.
        errors: field to the sentence beside it.
        message: the sentence above the form.
        act: the command that was refused, empty on a fresh page.
    """

    typed: Typed = field(default_factory=Kept)
    errors: dict[str, str] = field(default_factory=dict)
    message: str | None = None
    act: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "typed", Kept(self.typed))


async def posted(request: web.Request) -> Typed:
    """The fields of a form, those that repeat as lists; files are passed over."""
    sent = await request.post()
    found: Typed = {}
    for name in dict.fromkeys(sent):
        values = [value for value in sent.getall(name) if isinstance(value, str)]
        if values:
            found[name] = values if name in _SEVERAL else values[-1]
    return found


def refused(refusal: Refusal, typed: Typed, act: str = "") -> Form:
    """The form again, with the refusal's sentence and, where it is about one field, beside that field."""
    kept = {name: value for name, value in typed.items() if name not in ("csrf", "password")}
    if isinstance(refusal, Unreadable):
        return Form(kept, refusal.errors, refusal.message, act)
    place = _place(refusal)
    if place is None:
        return Form(kept, {}, refusal.message, act)
    sentence = refusal.message
    if refusal.code == "input.invalid" and "太长" not in sentence:
        sentence = WORDS.get(f"{act}.{place}") or WORDS.get(place, sentence)
    return Form(kept, {place: sentence}, sentence, act)


def _place(refusal: Refusal) -> str | None:
    found = _FIELD.match(refusal.message)
    if found is not None:
        return found[1]
    if refusal.code.startswith("text."):
        longest_first = sorted(_TEXT_NAMES, key=len, reverse=True)
        return next((_TEXT_NAMES[name] for name in longest_first if refusal.message.startswith(name)), None)
    return _PLACES.get(refusal.code)


def local_path(value: str | None, otherwise: str = "/") -> str:
    """An address of this site to go back to, or ``otherwise``; never one that leads elsewhere."""
    plain = value or ""
    inside = plain.startswith("/") and not plain.startswith(("//", "/\\"))
    if not inside or "\\" in plain or not plain.isprintable():
        return otherwise
    return plain


# From a form to a command


def command_object(name: str, typed: Typed) -> dict[str, Any]:
    """The one object of a command from a form's fields.

    Args:
        name: the command.
        typed: the form's fields; those that the command does not have are left out, empty ones too.

    Raises:
        Refusal: ``command.unknown``; ``input.invalid`` for people or times that cannot be read, with ``errors`` where
            the time is one that is typed wrong.
    """
    found = REGISTRY.get(name)
    if found is None:
        raise Refusal("command.unknown", "没有这个操作。请刷新页面再试。", status=404)
    built: dict[str, Any] = {}
    for key, about in found.schema.model_fields.items():
        value = typed.get(key)
        if value is None or (isinstance(value, str) and not value.strip() and not about.is_required()):
            continue
        built[key] = _read(key, value, about.annotation)
    return built


def _read(key: str, value: Any, annotation: Any) -> Any:
    kinds = _kinds(annotation)
    if key == "words":
        return [line.strip() for line in str(value).split("\n") if line.strip()]
    if kinds & {datetime, AwareDatetime}:
        return _instant(key, value)
    if any(isinstance(kind, type) and issubclass(kind, GuestLine) for kind in kinds):
        return guests(value)
    if list in kinds:
        return [_whole(one) for one in (value if isinstance(value, list) else [value])]
    if bool in kinds:
        return {"true": True, "false": False}.get(str(value), value)
    return _whole(value) if int in kinds else value


def _kinds(annotation: Any) -> set[Any]:
    """The plain types inside an annotation: ``list[Number] | None`` gives list, int and NoneType."""
    origin = typing.get_origin(annotation)
    if origin is None:
        return {annotation}
    inner: set[Any] = set().union(*(_kinds(part) for part in typing.get_args(annotation)))
    if origin is typing.Annotated:
        return _kinds(typing.get_args(annotation)[0])
    return inner if origin in (types.UnionType, typing.Union) else inner | {origin}


def _whole(value: Any) -> Any:
    """A number written in ASCII digits; anything else is left for the schema to refuse."""
    plain = value.strip() if isinstance(value, str) else ""
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 12 else value


def _instant(key: str, value: str) -> str:
    """A ``datetime-local`` value as an instant in Asia/Shanghai."""
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise Refusal("input.invalid", f"“{key}”这一项没有填。请改好再交。", status=400)
    if _LONG_YEAR.match(text):
        raise Unreadable({key: _FAR}, _FAR)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        said = "这个日期和时间看不懂，或者没有这一天。请写成2026-03-06T14:30这样。"
        raise Unreadable({key: said}, said) from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Unreadable({key: _FAR}, _FAR)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return moment.isoformat()


def guests(text: str) -> list[dict[str, str]]:
    """The people of a text area, one a line: 「姓名，职务」.

    Raises:
        Refusal: ``input.invalid``; names the line without a post.
    """
    people = []
    for number, line in enumerate((line.strip() for line in text.split("\n")), 1):
        if not line:
            continue
        name, _, post = re.sub(r"[,、\t]", "，", line, count=1).partition("，")
        if not name.strip() or not post.strip():
            message = f"“guests”这一项第{number}行没有写全。请写成：姓名，职务。"
            raise Refusal("input.invalid", message, status=400)
        people.append({"name": name.strip(), "post": post.strip()})
    return people


Done = Callable[[Mapping[str, Any]], str]


def _added_words(done: Mapping[str, Any]) -> str:
    said = f"加上了{done.get('added', 0)}个词。"
    if done.get("changed"):
        said += f"另有{done['changed']}个改了归类或者恢复了。"
    return said + (f"有{done['known']}个本来就有。" if done.get("known") else "")


def _failing_words(done: Mapping[str, Any]) -> str:
    return failing_words(done.get("failing"))


def failing_words(failing: int | None) -> str:
    """How many cases the word lists fail now; nothing where they fail none."""
    return f"有{failing}个例句认得不对，请看“例句”一节。" if failing else ""


DONE: dict[str, Done] = {
    "interview.schedule": lambda _: (
        "排上了，各件事的日子也排好了。下一步：答复单位报内容，您看过再发布预告。"
    ),
    "plan.issue": lambda done: (
        f"{done.get('year')}年计划第{done.get('version')}版印发了，共{done.get('interviews')}场。"
    ),
    "interview.change": lambda _: "改好了，各单位已经通知，原因已经公开。",
    "interview.cancel": lambda _: "取消了，原因已经公开，提问转答复单位书面答复。",
    "waiver.grant": lambda _: "例外登记了，理由已经公开，这一步不再拦住。",
    "content.tell": lambda _: "报上去了，信息办看得到。下一步：信息办发布预告；开始以前还要报参加人员。",
    "interview.announce": lambda _: "预告已发布，现在开始征集。下一步：开始前把收到的问题转交答复单位。",
    "questions.forward": lambda done: (
        f"转交好了，一共{done.get('questions', 0)}个问题。答复单位看了没有，写在这一页的“转交的问题”里。"
    ),
    "venue.tell": lambda _: "地点已经告知答复单位，也写进了可以打印的通知。",
    "guests.tell": lambda done: f"报上去了，一共{done.get('guests', 0)}人。人变了，改好再报一次。",
    "interview.open": lambda _: "访谈开始了，市民看得到现场。下一步：请问题上场。",
    "interview.say": lambda _: "说出去了，市民看得到。说错了，可以登更正。",
    "interview.extend": lambda _: "延长了，原因已经公开。",
    "interview.close": lambda _: "访谈结束了，没有答的都转会后答复。下一步：写答复，信息办拟汇总报告。",
    "question.publish": lambda done: (
        f"公开了，编为{done['number']}号。" if done.get("number") else "几秒以后公开，这以前可以撤回。"
    ),
    "question.decline": lambda _: "没有公开，原因登在审核公开里，提问人看得到，可以申诉一次。",
    "question.merge": lambda _: "合并了，支持的人数加过去了，两边的提问人都看得到同一个答复。",
    "question.remove": lambda _: "撤下了，从现在起哪一页都不再有它。",
    "question.stage": lambda done: f"{done.get('number')}号请到场上了。下一步：嘉宾答复。",
    "question.unstage": lambda done: f"{done.get('number')}号放回去了，可以再请上场。",
    "answer.draft": lambda _: "草稿存好了，只有您看得到。",
    "question.answer": lambda done: str(
        done.get("message") or "答复发布了，市民看得到，留了邮箱的提问人会收到信。"
    ),
    "question.refuse": lambda done: str(done.get("message") or "依据已经公开。"),
    "promise.make": lambda _: "承诺登记了，登在答复旁边。办结以后在这里写一条答复。",
    "promise.keep": lambda done: str(done.get("message") or "办结了，答复已经发布，提问和订阅的人会收到信。"),
    "promise.cancel": lambda _: "取消了，原因已经公开。登错的可以重新登记。",
    "answer.approve": lambda _: "审定了，已经发布，和您看的一字不差。",
    "answer.return": lambda _: "退回了，理由写的人看得到，那一份成了他的草稿。",
    "answer.recall": lambda _: "撤回了，是您的草稿，改好可以再交。",
    "question.defer": lambda _: "转会后答复了，原因已经公开。",
    "question.appeal": lambda _: "申诉收到了，会重新审核一次，结果还在这个页面上看。",
    "question.transfer": lambda done: f"转给{done.get('to')}了，由它书面答复，提问人已经看得到。",
    "question.claim": lambda _: "这个问题现在归您处理，两分钟内别人办不了。",
    "question.release": lambda _: "放回去了，别人可以办。",
    "question.hold": lambda _: "撤回了，这个问题还在等审核。",
    "publication.delay": lambda done: (
        f"以后公开都先等{done.get('seconds')}秒，等的时候可以撤回。"
        if done.get("seconds")
        else "以后点了公开就公开。"
    ),
    "question.order": lambda done: f"排好了，后面有{len(done.get('questions', ()))}个问题。",
    "interview.rehearse": lambda _: "演练准备好了，在您的访谈单子里，只有工作人员看得到。",
    "erratum.publish": lambda _: "更正发布了，登在原文旁边，原文不动。",
    "report.draft": lambda done: f"第{done.get('version')}版拟好了，请看一遍，再请另一个人核签。",
    "report.edit": lambda done: f"存成第{done.get('version')}版了。下一步：请另一个人核签。",
    "report.sign": lambda done: f"第{done.get('version')}版核签了。下一步：报送。",
    "report.resend": lambda _: "又发了一次，还是同一版。到了没有，写在这一页。",
    "report.acknowledge": lambda _: "回执已经送到信息办，不用再做什么。",
    "summary.send": lambda done: (
        f"汇总报告第{done.get('version')}版送出了。到了哪里、谁看过、谁回执了，都在这一页看。"
    ),
    "words.add": lambda done: _added_words(done) + _failing_words(done),
    "words.drop": lambda done: f"“{done.get('word')}”停用了。" + _failing_words(done),
    "words.restore": lambda done: f"“{done.get('word')}”恢复了。" + _failing_words(done),
    "word.case.add": lambda done: "例句记下了，每次改词表都重查它。" + _failing_words(done),
    "word.case.drop": lambda done: "例句删掉了，以后不再查它。" + _failing_words(done),
}
"""What is said once after a command of a form; gets the command's result."""


def done_words(name: str, result: Mapping[str, Any]) -> str:
    """The sentence after a command that was carried out."""
    said = DONE.get(name)
    return said(result) if said else "办好了。"
