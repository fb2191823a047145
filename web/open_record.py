"""The public record of one interview as open data: the same facts as its page, as an object or as one flat table.

Pure: from the public state (``chat.views``) to rows. What was taken down keeps its number and says why, and nothing
else; what its asker took back keeps its number and its fate.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from interviews.lifecycle import InterviewStatus, QuestionStatus
from interviews.plan_tables import harmless

State = dict[str, Any]
Row = dict[str, Any]

LICENCE = "可以自由使用、复制和再发布。请注明来源、编号和取得的日期，以网站上的文字为准。"


class Field(NamedTuple):
    """One column of a table, and what stands in it."""

    name: str
    says: str


RECORD = (
    Field("no", "实录编号，一场里从1起连续"),
    Field("kind", "question 提问，said 发言，answer 答复，refusal 不予答复，deferral 转会后，erratum 更正"),
    Field("at", "时间，RFC 3339，+08:00"),
    Field("number", "提问的编号；答复写它答的是几号"),
    Field(
        "status",
        "提问的下落：published 等待答复，staged 正在答，answered 已答复，refused 依法不予答复，"
        "deferred 会后答复，merged 已合并，withdrawn 提问人已撤回",
    ),
    Field("about", "提问的种类：inquiry 咨询，opinion 意见，suggestion 建议"),
    Field("supports", "提问有多少人支持"),
    Field("merged_into", "合并到几号"),
    Field("speaker", "说话的人；提问是提问人自己填的称呼"),
    Field("role", "citizen 提问人，host 主持人，guest 嘉宾，clerk 答复单位"),
    Field("body", "说话的人是哪个单位的"),
    Field("origin", "live 现场答复，after 会后答复，supplement 补录"),
    Field("text", "文字"),
    Field("ground", "不予答复的依据：state_secret 国家秘密，trade_secret 商业秘密，personal_privacy 个人隐私"),
    Field("promise", "答复里答应办的事"),
    Field("promise_due", "答应哪一天以前办结"),
    Field("promise_status", "open 没有办结，kept 已办结，cancelled 登错了已取消；没有办结又过了日子的是逾期"),
    Field("promise_done_at", "办结、取消的时间"),
    Field("attached", "答复旁边的文件和目录条目，站内的网址；表格里用 | 隔开"),
    Field("corrects", "更正的是第几条"),
    Field("removed", "撤下了没有；撤下的只留编号和原因"),
    Field("reason", "撤下、更正的原因"),
)  # fmt: skip
"""The columns of one interview's record, in order, with what each says."""

PROGRAMME = (
    Field("id", "访谈的号，网址里用它"),
    Field("no", "这一年的第几场；还没有办的没有"),
    Field("theme", "主题"),
    Field("status", "planned 已列入计划，announced 征集中，live 正在进行，ended 整理中，archived 已归档，cancelled 已取消"),
    Field("starts_at", "开始，RFC 3339，+08:00"),
    Field("ends_at", "结束"),
    Field("respondents", "答复单位，牵头的在前；表格里用 | 隔开"),
    Field("questions", "公开了几个提问"),
    Field("answered", "答复了几个，不予答复的也算"),
    Field("url", "访谈的网页"),
    Field("data", "这一场的实录数据"),
)  # fmt: skip
"""The columns of a year's list."""


def files_of(interview_id: int, status: str) -> list[dict[str, str]]:
    """The links to one interview's data, for its page; none before it was held."""
    if status not in (InterviewStatus.ENDED, InterviewStatus.ARCHIVED):
        return []
    at = f"/interviews/{interview_id}/data"
    return [
        {"label": "实录数据 CSV", "href": f"{at}.csv", "note": "用表格软件打开"},
        {"label": "实录数据 JSON", "href": f"{at}.json", "note": "给程序用"},
    ]


def record_rows(state: State) -> list[Row]:
    """The record in the order of its numbers, corrections among it; every row has every column.

    Args:
        state: of the public, from ``chat.views``.
    """
    found = [_row(state, item) for item in state["items"]]
    found += [_erratum(item["no"], one) for item in state["items"] for one in item["errata"]]
    return sorted(found, key=lambda row: int(row["no"]))


def _row(state: State, item: Mapping[str, Any]) -> Row:
    question = state["questions"].get(str(item["question"]))
    if item["kind"] == "question":
        return _question(state, item, question or {})
    if item["removed"]:
        return _gone(item["no"], item["because"])
    return _filled(
        no=item["no"],
        kind=item["kind"],
        at=item["at"],
        number=question["number"] if question else None,
        speaker=item["speaker"],
        role=item["role"],
        body=item["body"],
        origin=item["origin"],
        text=item["text"],
        ground=item["ground"],
        reason=item["because"],
        attached=[one["url"] for one in item.get("attached") or ()] or None,
        **_promised(item.get("promise")),
    )


def _promised(promise: Mapping[str, Any] | None) -> Row:
    if promise is None:
        return {}
    return {
        "promise": promise["what"],
        "promise_due": promise["due"],
        "promise_status": promise["status"],
        "promise_done_at": promise["done_at"],
    }


def _question(state: State, item: Mapping[str, Any], question: Mapping[str, Any]) -> Row:
    if not question or question["status"] == QuestionStatus.REMOVED:
        return _gone(item["no"], question.get("reason") or item["because"])
    into = state["questions"].get(str(question["into"]))
    return _filled(
        no=item["no"],
        kind="question",
        at=question["at"],
        number=question["number"],
        status=question["status"],
        about=question["kind"],
        supports=question["supports"],
        merged_into=into["number"] if into else None,
        speaker=question["nickname"],
        role="citizen",
        text=question["text"],
    )


def _erratum(of: int, one: Mapping[str, Any]) -> Row:
    if one["removed"]:
        return _gone(one["no"], one["reason"])
    told = {name: one[name] for name in ("no", "at", "speaker", "role", "body", "text", "reason")}
    return _filled(**told, kind="erratum", corrects=of)


def _gone(number: int, reason: str | None) -> Row:
    return _filled(no=number, removed=True, reason=reason)


def _filled(**known: Any) -> Row:
    return {column.name: None for column in RECORD} | {"removed": False} | known


def bare(row: Row) -> Row:
    """A row as the object has it: without the columns that say nothing of it; one taken down is told as such."""
    return {name: value for name, value in row.items() if value is not None and value is not False}


def csv_text(columns: Sequence[Field], rows: Iterable[Row]) -> str:
    """Rows as CSV (RFC 4180) that Excel opens as UTF-8, no cell a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    writer.writerows([harmless(_cell(row.get(column.name))) for column in columns] for row in rows)
    # The mark by which Excel knows UTF-8.
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return "|".join(value) if isinstance(value, list) else str(value)


def tag_of(*told: object) -> str:
    """A tag that is another one as soon as anything that is told changes."""
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, default=str).encode()).hexdigest()[:20]
