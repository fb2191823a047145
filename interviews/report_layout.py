"""How a summary report is laid out: its content as a row of lines and tables. Pure.

Word and HTML show the same row, each in its own way, so that no sentence stands in one and not in the other.
The order of the parts is that of an official document (GB/T 9704-2012): title, addressees, text, attachments,
signature, date; the transcript follows as the attachment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from interviews.lifecycle import DECLINE_WORDS, Kind
from interviews.report_content import GROUNDS, STAMP, Content, cn_date, title_of

KINDS = {Kind.INQUIRY: "咨询", Kind.OPINION: "意见", Kind.SUGGESTION: "建议"}
TITLE_CHARACTERS = 20
_WEEKDAYS = "一二三四五六日"


class Style(StrEnum):
    """What a line is."""

    TITLE = "title"
    ADDRESSEE = "addressee"
    HEADING = "heading"
    QUESTION = "question"
    BODY = "body"
    CLOSING = "closing"
    ATTACHMENTS = "attachments"
    SIGNATURE = "signature"
    DATE = "date"
    ATTACHMENT_MARK = "attachment-mark"
    ATTACHMENT_TITLE = "attachment-title"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph."""

    style: Style
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; ``widths`` are parts of the text's width, ``right`` the columns set to the right."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    right: frozenset[int] = frozenset()


Block = Line | Table


def moment(iso: str) -> str:
    """``9月30日 10:19``."""
    at = datetime.fromisoformat(iso)
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def span(start: str, end: str | None) -> str:
    """``2026年9月30日（周三）09:00—10:58``, with the second date where it is another one."""
    began = datetime.fromisoformat(start)
    words = f"{cn_date(start)}（周{_WEEKDAYS[began.weekday()]}）{began:%H:%M}"
    if end is None:
        return words
    over = datetime.fromisoformat(end)
    after = f"{over:%H:%M}" if over.date() == began.date() else moment(end)
    return f"{words}—{after}"


def _listed(words: list[str], none: str = "无") -> str:
    return "、".join(words) or none


def guests(content: Content) -> list[str]:
    """Who came for the bodies, with post and body, as 第十四条 has it told."""
    return [f"{one['name']}（{one['body']}{one['post']}）" for one in content["interview"]["guests"]]


def summary(content: Content) -> list[str]:
    """The first paragraphs: what took place, what became of the questions, what is left open."""
    told, numbers = content["interview"], content["numbers"]
    bodies = _listed([one["name"] for one in told["respondents"]])
    took = f"，共{told['minutes']}分钟" if told["minutes"] is not None else ""
    held = f"{span(told['opened_at'] or told['starts_at'], told['closed_at'])}，{bodies}就“{told['theme']}”"
    found = [f"{held}在市政府网站与公众在线问答{took}。现将情况报告如下。"]
    if not numbers["received"]:
        return [*found, "这场没有收到提问。"]
    found.append(
        f"共收到提问{numbers['received']}个，会前{numbers['asked_before']}个，现场{numbers['asked_live']}个。"
        f"其中公开{numbers['public']}个，另有{numbers['supports']}人次表示也想问。"
        f"已答复{numbers['answered']}个，依法不予答复{numbers['refused']}个，"
        f"等会后答复{numbers['waiting']}个，没有公开{numbers['declined']}个。"
    )
    if numbers["waiting"]:
        by = f"最迟{cn_date(content['answer_by'])}答复" if content["answer_by"] else "答复以后另行公布"
        found.append(f"还没有答的{numbers['waiting']}个，由答复单位会后办理，{by}（第八条）。")
    return found


def blocks(content: Content) -> Iterator[Block]:
    """The whole report, from its title to the end of the transcript."""
    yield Line(Style.TITLE, _title(content["interview"]["theme"]))
    if content["recipients"]:
        yield Line(Style.ADDRESSEE, _listed(content["recipients"]) + "：")
    for text in _version(content) + summary(content):
        yield Line(Style.BODY, text)
    yield Line(Style.HEADING, "一、基本情况")
    for text in _facts(content):
        yield Line(Style.BODY, text)
    yield Line(Style.HEADING, "二、提问和办理")
    yield Table(
        "表1　提问的去向", ("去向", "个数", "说明"), tuple(fates(content)), (32, 12, 56), frozenset({1})
    )
    yield Line(Style.HEADING, "三、每个问题和结果")
    yield from _questions(content)
    yield Line(Style.HEADING, "四、与规定不一致的情况")
    for text in _deviations(content):
        yield Line(Style.BODY, text)
    yield Line(Style.HEADING, "五、各项办理的时限")
    heads = ("事项", "依据", "谁办", "最迟", "办理情况")
    yield Table("表2　各项办理的时限", heads, tuple(_duties(content)), (24, 13, 22, 21, 20))
    yield Line(Style.CLOSING, "特此报告。")
    yield Line(Style.ATTACHMENTS, "附件：访谈实录")
    yield Line(Style.SIGNATURE, content["office"])
    yield Line(Style.DATE, cn_date(content[STAMP]["made_at"]))
    yield Line(Style.ATTACHMENT_MARK, "附件")
    yield Line(Style.ATTACHMENT_TITLE, "访谈实录")
    yield from _transcript(content)


def _title(theme: str) -> str:
    """The title, broken between words where it needs two lines of size 2 (twenty characters each)."""
    title = title_of(theme)
    return title if len(title) <= TITLE_CHARACTERS else f"关于“{theme}”\n网上访谈情况的汇总报告"


def _version(content: Content) -> list[str]:
    stamp = content[STAMP]
    if stamp["version"] is None:
        return ["这是草稿，还没有报送。"]
    if stamp["replaces"] is not None:
        return [f"这是第{stamp['version']}版，代替已经报送的第{stamp['replaces']}版。"]
    return []


def _facts(content: Content) -> Iterator[str]:
    told = content["interview"]
    number = f"（本年第{told['no']}场）" if told["no"] else ""
    yield f"主题：{told['theme']}{number}"
    yield f"原定时间：{span(told['starts_at'], told['ends_at'])}"
    if told["opened_at"]:
        yield f"实际时间：{span(told['opened_at'], told['closed_at'])}"
    yield f"答复单位：{_listed([one['name'] for one in told['respondents']])}"
    yield f"参加人员：{_listed(guests(content), '没有报来')}"
    yield f"主持：{told['host'] or '没有指定'}"
    if told["venue"]:
        yield f"地点：{told['venue']}"
    yield f"依据：{content['regulation']['name']}"


def _named(counts: dict[str, int], words: Any) -> str:
    return "，".join(f"{words[key]}{count}个" for key, count in counts.items() if count)


def fates(content: Content) -> Iterator[tuple[str, str, str]]:
    """What became of the questions: the rows add up to those received."""
    numbers = content["numbers"]
    both = numbers["live"] + numbers["after"] - numbers["answered"]
    answered = f"现场答复{numbers['live']}个，会后答复{numbers['after']}个" + (
        f"，两样都有的{both}个" if both > 0 else ""
    )
    by = f"最迟{cn_date(content['answer_by'])}" if content["answer_by"] and numbers["waiting"] else ""
    rows = [
        ("已答复", numbers["answered"], answered if numbers["answered"] else ""),
        ("等会后答复", numbers["waiting"], by),
        ("依法不予答复", numbers["refused"], _named(numbers["refused_by_ground"], GROUNDS)),
        ("并入相同的问题", numbers["merged"], ""),
        ("没有公开", numbers["declined"], _named(numbers["declined_by_reason"], DECLINE_WORDS)),
        ("转给别的单位", numbers["transferred"], ""),
        ("提问人撤回", numbers["withdrawn"], ""),
        ("撤下", numbers["removed"], ""),
        ("还在等审核", numbers["pending"], ""),
    ]
    for label, count, note in rows:
        yield label, str(count), note
    yield "合计收到", str(numbers["received"]), f"公开过{numbers['public']}个，支持{numbers['supports']}人次"


def _questions(content: Content) -> Iterator[Block]:
    items = {item["no"]: item for item in content["transcript"]}
    if not content["questions"]:
        yield Line(Style.BODY, "没有公开的提问。")
    for question in content["questions"]:
        yield Line(Style.QUESTION, f"{question['number']}号　{question['text'] or '（文字不公开）'}")
        yield Line(Style.BODY, f"{_asker(question)}，{KINDS[Kind(question['kind'])]}，{_supported(question)}")
        yield Line(Style.BODY, f"结果：{question['outcome']}。")
        for no in question["replies"]:
            item = items[no]
            yield Line(Style.BODY, f"{voice(item)}{_said_as(item)}（{moment(item['at'])}）：{item['text']}")
    if content["unpublished"]:
        yield Line(Style.QUESTION, "没有公开过的提问")
        listed = [f"{fate['outcome']}，{fate['count']}个" for fate in content["unpublished"]]
        yield Line(Style.BODY, "；".join(listed) + "。文字不写进报告。")


def _asker(question: dict[str, Any]) -> str:
    return f"网友“{question['nickname']}”" if question["nickname"] else "未留称呼"


def _supported(question: dict[str, Any]) -> str:
    return f"{question['supports']}人也想问。" if question["supports"] else f"{moment(question['at'])}提出。"


def voice(item: dict[str, Any]) -> str:
    """Who speaks, with the body spoken for."""
    if item["role"] == "host":
        return f"主持人{(item['speaker'] or '').removesuffix('（主持人）')}"
    return f"{item['body'] or ''}{item['speaker'] or ''}" or "未留称呼"


def _said_as(item: dict[str, Any]) -> str:
    """What kind of word it was: given live or afterwards, a refusal with its ground, a deferral."""
    if item["kind"] == "answer":
        return "会后答复" if item["origin"] == "after" else "现场答复"
    if item["kind"] == "refusal":
        return f"不予答复，依据{GROUNDS[item['ground']]}"
    return "说明" if item["kind"] == "deferral" else ""


def _deviations(content: Content) -> Iterator[str]:
    if not content["deviations"]:
        yield "没有。"
    for one in content["deviations"]:
        yield f"{moment(one['at'])}，{one['text']}（{one['article']}）"


def _duties(content: Content) -> Iterator[tuple[str, ...]]:
    for duty in content["duties"]:
        due = cn_date(duty["due"]) + ("（暂定）" if duty["provisional"] else "")
        yield duty["title"], duty["article"], duty["who"], due, done_words(duty)


def done_words(duty: dict[str, Any]) -> str:
    """How a duty was met, in words: when, and how late."""
    if duty["status"] == "by_report":
        return "随本报告办理"
    if duty["done_at"]:
        done = datetime.fromisoformat(duty["done_at"])
        late = f"晚了{duty['late_days']}天" if duty["late_days"] else "按时"
        return f"{done.month}月{done.day}日，{late}"
    return {"open": "还没有办", "superseded": "不再需要"}.get(duty["status"], "还没有办")


def _transcript(content: Content) -> Iterator[Line]:
    if not content["transcript"]:
        yield Line(Style.BODY, "这场没有留下实录。")
    for item in content["transcript"]:
        text = item["text"] if item["text"] is not None else "（文字不公开）"
        yield Line(Style.BODY, f"第{item['no']}段　{moment(item['at'])}　{_heading(item)}：{text}")
    chain = content["chain"]
    yield Line(
        Style.BODY,
        f"以上共{chain['items']}段。每段和前一段连在一起计算校验值，最后一段的校验值是：{chain['head']}",
    )


def _heading(item: dict[str, Any]) -> str:
    number = f"{item['number']}号提问" if item["number"] else "提问"
    if item["kind"] == "question":
        return f"{number}，{_asker({'nickname': item['speaker']})}"
    if item["kind"] == "said":
        return voice(item)
    return f"{voice(item)}对{number}的{_reply(item)}"


def _reply(item: dict[str, Any]) -> str:
    if item["kind"] == "refusal":
        return f"答复（不予答复，依据{GROUNDS[item['ground']]}）"
    return _said_as(item)
