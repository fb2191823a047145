"""The words of a summary report: what took place, the main questions, what is left open, the transcript. Pure.

It knows a report only as JSON values: the press that prints one must not load the database first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from interviews.lifecycle import Ground, Kind

Content = dict[str, Any]
"""A version of a report; ``interviews.report_content`` says what is in it."""
STAMP = "stamp"
"""The part of a content that is not record: its version, its date, what it replaces."""
PROSE = "prose"
PROSE_PARTS = {"overview": "总的情况", "problems": "反映出来的问题", "proposals": "意见和建议"}
"""What the office may write in its own words, in the order of the paper; everything else is the record."""

GROUNDS = MappingProxyType(
    {
        Ground.STATE_SECRET: "国家秘密",
        Ground.TRADE_SECRET: "商业秘密",
        Ground.PERSONAL_PRIVACY: "个人隐私",
    }
)
FATES = (
    ("已答复", "answered"),
    ("等会后答复", "waiting"),
    ("依法不予答复", "refused"),
    ("并入相同的问题", "merged"),
    ("没有公开", "declined"),
    ("转给别的单位", "transferred"),
    ("提问人撤回", "withdrawn"),
    ("撤下", "removed"),
    ("还在等审核", "pending"),
)
"""The rows of the report's first table; with the total they add up to what was received."""
KINDS = {Kind.INQUIRY: "咨询", Kind.OPINION: "意见", Kind.SUGGESTION: "建议"}
MAIN = 3
"""Questions shown of each group."""
ALL_MAIN = 10
"""Up to so many questions in all, every one is shown."""
MAIN_TEXT = 400
"""Characters of an answer among the main ones; the whole of it stands in the transcript."""
TOLD_EACH = 8
"""Open questions that are still told one by one; of more only the numbers."""
OPEN_TEXT = 40
UNPUBLIC = "（文字不公开）"
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Group:
    """Main questions under one heading, each with the lines that follow it."""

    title: str
    questions: list[tuple[str, list[str]]]
    cut: bool


_LISTS_ADDED = ("themes", "open", "appeals", "plots", "promises", "attachments")
_NUMBERS_ADDED: dict[str, Any] = {"appealed": 0, "peak": 0, "transferred_to": {}}


def completed(content: Content) -> Content:
    """A content with every key that paper reads: the versions kept before 2026-11-21 lack the younger ones."""
    return content | {
        **{name: content.get(name, []) for name in _LISTS_ADDED},
        "numbers": _NUMBERS_ADDED | content["numbers"],
        "transcript": [{"of": None, "reason": None} | item for item in content["transcript"]],
        "unpublished": [{"body": None} | fate for fate in content["unpublished"]],
    }


def title_of(theme: str) -> str:
    """The report's title, as an official document writes it."""
    return f"关于“{theme}”网上访谈情况的汇总报告"


def cn_date(iso: str) -> str:
    """``2026年9月30日`` of a date or instant in RFC 3339."""
    moment = datetime.fromisoformat(iso)
    return f"{moment.year}年{moment.month}月{moment.day}日"


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


def listed(words: list[str], none: str = "无") -> str:
    """Words with 、 between them."""
    return "、".join(words) or none


def short(text: str, limit: int) -> str:
    """A text on one line, cut with …… where it is longer than the limit."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[:limit]}……"


def guests(content: Content) -> list[str]:
    """Who came for the bodies, with post and body, as 第十四条 has it told."""
    return [f"{one['name']}（{one['body']}{one['post']}）" for one in content["interview"]["guests"]]


def summary(content: Content) -> list[str]:
    """The first paragraphs: what took place, what became of the questions, what is left open."""
    told, numbers = content["interview"], content["numbers"]
    bodies = listed([one["name"] for one in told["respondents"]])
    took = f"，共{told['minutes']}分钟" if told["minutes"] is not None else ""
    held = f"{span(told['opened_at'] or told['starts_at'], told['closed_at'])}，{bodies}就“{told['theme']}”"
    peak = f"最多时{numbers['peak']}人同时在看。" if numbers["peak"] else ""
    found = [f"{held}在市政府网站与公众在线问答{took}。{peak}现将情况报告如下。"]
    if not numbers["received"]:
        return [*found, "这场没有收到提问。"]
    found.append(
        f"共收到提问{numbers['received']}个，会前{numbers['asked_before']}个，现场{numbers['asked_live']}个。"
        f"其中公开{numbers['public']}个，{numbers['supported']}个有人表示也想问，共{numbers['supports']}人次。"
        f"已答复{numbers['answered']}个，依法不予答复{numbers['refused']}个，"
        f"等会后答复{numbers['waiting']}个，没有公开{numbers['declined']}个。"
    )
    if numbers["waiting"]:
        by = f"最迟{cn_date(content['answer_by'])}答复" if content["answer_by"] else "答复以后另行公布"
        found.append(f"还没有答的{numbers['waiting']}个，由答复单位会后办理，{by}（第八条）。")
    if numbers["transferred"]:
        handed = listed([f"{body}{count}个" for body, count in numbers["transferred_to"].items()], "答复单位")
        found.append(f"不属这场访谈的{numbers['transferred']}个已经转出，由接收单位书面答复：{handed}。")
    if promises := content.get("promises"):
        kept = sum(one["status"] == "kept" for one in promises)
        found.append(f"答复中作出承诺{len(promises)}项，已办结{kept}项。")
    return found


def main_questions(content: Content) -> list[Group]:
    """The groups of ``themes``, in each the most supported questions with their replies and errata."""
    questions = {one["number"]: one for one in content["questions"]}
    items = {item["no"]: item for item in content["transcript"]}
    errata, enclosed = errata_of(content), enclosed_by(content)
    groups = []
    shown_of_each = (
        MAIN if sum(len(theme["questions"]) for theme in content["themes"]) > ALL_MAIN else ALL_MAIN
    )
    for theme in content["themes"]:
        count = len(theme["questions"])
        title = f"提到“{theme['word']}”的提问{count}个" if theme["word"] else f"其他提问{count}个"
        shown = [questions[number] for number in theme["questions"][:shown_of_each]]
        lines = [(_asked(one), list(_about(one, items, errata, enclosed))) for one in shown]
        groups.append(Group(title, lines, cut=count > shown_of_each))
    return groups


def _asked(question: dict[str, Any]) -> str:
    return f"{question['number']}号　{short(question['text'] or UNPUBLIC, MAIN_TEXT)}"


def _about(
    question: dict[str, Any],
    items: dict[int, dict[str, Any]],
    errata: dict[int, list[dict[str, Any]]],
    enclosed: dict[int, str],
) -> Iterator[str]:
    kind = KINDS[Kind(question["kind"])]
    yield f"{asker(question['nickname'])}，{kind}，{_supported(question)}结果：{question['outcome']}。"
    for no in question["replies"]:
        item = items[no]
        said = text_of(item)
        cut = short(said, MAIN_TEXT) + f"（全文见附件2第{no}段）" if len(said) > MAIN_TEXT else said
        yield f"{voice(item)}{_said_as(item)}（{moment(item['at'])}）：{cut}"
        if no in enclosed:
            yield enclosed[no]
        for erratum in errata.get(no, []):
            yield erratum_words(erratum)


def _supported(question: dict[str, Any]) -> str:
    return f"{question['supports']}人也想问。" if question["supports"] else f"{moment(question['at'])}提出。"


def open_rows(content: Content) -> Iterator[tuple[str, str, str, str]]:
    """What waits for an answer: which questions, by whom, by what date, why; one row for each such three."""
    texts = {one["number"]: one["text"] for one in content["questions"]}
    grouped: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for one in content["open"]:
        by = cn_date(one["due"]) if one["due"] else "没有期限"
        grouped.setdefault((one["body"], by, one["why"]), []).append(one)
    for (body, by, why), rows in grouped.items():
        numbers = [row["number"] for row in rows if row["number"] is not None]
        unseen = sum(row["count"] for row in rows if row["number"] is None)
        if len(numbers) > TOLD_EACH:
            words = f"{ranges(numbers)}号，共{len(numbers)}个"
        else:
            words = "\n".join(
                f"{number}号　{short(texts[number] or UNPUBLIC, OPEN_TEXT)}" for number in numbers
            )
        more = f"没有公开的{unseen}个" if unseen else ""
        yield "\n".join(part for part in (words, more) if part), body, by, why


def ranges(numbers: Iterable[int]) -> str:
    """``2、5、7—19`` of rising numbers."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return "、".join(str(first) if first == last else f"{first}—{last}" for first, last in runs)


def asker(nickname: str | None) -> str:
    """Who asked, as the report calls them."""
    return f"网友“{nickname}”" if nickname else "未留称呼"


def voice(item: dict[str, Any]) -> str:
    """Who speaks, with the body spoken for."""
    if item["role"] == "host":
        return f"主持人{(item['speaker'] or '').removesuffix('（主持人）')}"
    return f"{item['body'] or ''}{item['speaker'] or ''}" or "未留称呼"


def text_of(item: dict[str, Any]) -> str:
    """What an item says; of one that was taken down, that it was, and why where a reason was given."""
    if item["text"] is not None:
        return str(item["text"])
    return f"（已撤下：{item['reason']}）" if item["reason"] else UNPUBLIC


def _said_as(item: dict[str, Any]) -> str:
    """What kind of word it was: given live or afterwards, a refusal with its ground, a deferral."""
    if item["kind"] == "answer":
        return "会后答复" if item["origin"] == "after" else "现场答复"
    if item["kind"] == "refusal":
        return f"不予答复，依据{GROUNDS[item['ground']]}"
    return "说明" if item["kind"] == "deferral" else ""


def done_words(duty: dict[str, Any], as_of: str) -> str:
    """How a duty was met, in words: when, and how late; of one still open, whether its date was past by then."""
    if duty["status"] == "by_report":
        return "随本报告办理"
    if duty["done_at"]:
        done = datetime.fromisoformat(duty["done_at"])
        late = f"晚了{duty['late_days']}天" if duty["late_days"] else "按时"
        return f"{done.month}月{done.day}日，{late}"
    if duty["status"] == "superseded":
        return "不再需要"
    return "还没有办，已经过期" if duty["due"] < as_of[:10] else "还没有办"


def errata_of(content: Content) -> dict[int, list[dict[str, Any]]]:
    """The errata by the number of the item each stands beside."""
    found: dict[int, list[dict[str, Any]]] = {}
    for item in content["transcript"]:
        if item["kind"] == "erratum":
            found.setdefault(item["of"] or 0, []).append(item)
    return found


def enclosed_by(content: Content) -> dict[int, str]:
    """What was enclosed with an answer, as one line, by the number of its item."""
    found: dict[int, list[str]] = {}
    for one in content.get("attachments", []):
        note = f"（{one['note']}）" if one["note"] else ""
        found.setdefault(one["no"], []).append(f"《{one['title']}》{note}")
    return {no: f"随答复附：{'、'.join(parts)}。" for no, parts in found.items()}


def promise_words(one: dict[str, Any], as_of: str) -> str:
    """How a promise stands, in words."""
    if one["status"] == "kept":
        place = f"，见第{one['kept_by']}段" if one["kept_by"] else ""
        return f"{moment(one['done_at'])}办结{place}"
    return "在办，已经过期" if one["due"] < as_of[:10] else "在办"


def erratum_words(item: dict[str, Any]) -> str:
    """An erratum, with its own place in the transcript and its reason."""
    why = f"（更正的原因：{item['reason']}）" if item["text"] is not None and item["reason"] else ""
    return f"更正（第{item['no']}段，{moment(item['at'])}，{voice(item)}）：{text_of(item)}{why}"


def transcript_lines(content: Content) -> Iterator[str]:
    """Every item with its number; an erratum beside the text that it corrects; last the head of the chain."""
    if not content["transcript"]:
        yield "这场没有留下实录。"
        return
    errata, enclosed = errata_of(content), enclosed_by(content)
    for item in content["transcript"]:
        if item["kind"] != "erratum":
            yield f"第{item['no']}段　{moment(item['at'])}　{_heading(item)}：{text_of(item)}"
            if item["no"] in enclosed:
                yield enclosed[item["no"]]
            yield from (erratum_words(one) for one in errata.get(item["no"], []))
    chain = content["chain"]
    beside = "更正写在被更正的那一段下面。" if errata else ""
    yield f"以上共{chain['items']}段。{beside}每段和前一段连在一起计算校验值，最后一段的校验值是："
    half = len(chain["head"]) // 2
    yield f"{chain['head'][:half]}\n{chain['head'][half:]}"


def _heading(item: dict[str, Any]) -> str:
    number = f"{item['number']}号提问" if item["number"] else "提问"
    if item["kind"] == "question":
        return f"{number}，{asker(item['speaker'])}"
    if item["kind"] == "said":
        return f"{voice(item)}（补录）" if item["origin"] == "supplement" else voice(item)
    if item["kind"] == "refusal":
        return f"{voice(item)}对{number}的答复（不予答复，依据{GROUNDS[item['ground']]}）"
    return f"{voice(item)}对{number}的{_said_as(item)}"
