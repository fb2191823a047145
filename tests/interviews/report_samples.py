"""Reports of interviews that nobody held: the record made up row by row, so that any size and any fate can be had."""

from datetime import timedelta
from typing import Any

from base.audit import text_digest
from interviews import report_content
from interviews.changes import DeviationFacts, InterviewFacts, PersonFacts, RespondentFacts
from interviews.lifecycle import QuestionStatus
from interviews.models import Duty, Item, Question
from interviews.report_content import Content
from tests.cast import END, START

THEMES = ("电梯", "停车位", "医保缴费", "异地就医备案", "供暖温度", "公交线路")
HEAD = "0123456789abcdef" * 4


def _told(bodies: tuple[str, ...], **changed: Any) -> InterviewFacts:
    told: dict[str, Any] = {
        "id": 7,
        "ordinal": 3,
        "theme": "城乡居民医保缴费和异地就医",
        "status": "ended",
        "starts_at": START,
        "ends_at": END,
        "venue": "二楼访谈室",
        "content": "谈三件事：缴费、断缴和异地就医。",
        "host": "李主持",
        "announced_at": START - timedelta(days=20),
        "opened_at": START,
        "limit_at": END,
        "closed_at": END,
        "close_reason": None,
        "respondents": tuple(
            RespondentFacts(place, name, place == 1) for place, name in enumerate(bodies, 1)
        ),
        "guests": tuple(PersonFacts("王立言", "处长", name) for name in bodies),
        "deviations": (),
        "changes": (),
    }
    return InterviewFacts(**(told | changed))


def _question(number: int, text: str, status: str, **more: Any) -> Question:
    told: dict[str, Any] = {
        "id": number,
        "interview_id": 7,
        "asker_id": number,
        "client_id": str(number),
        "receipt": str(number),
        "original": text,
        "text": text,
        "kind": "inquiry",
        "nickname": "小明" if number % 2 else None,
        "status": status,
        "number": number,
        "supports": number * 7 % 23,
        "submitted_at": START + timedelta(seconds=number * 7000 // 5000),
        "settled_at": END,
    }
    return Question(**(told | more))


def _item(no: int, kind: str, text: str, **more: Any) -> Item:
    at = START + timedelta(seconds=no // 2)
    told: dict[str, Any] = {
        "id": no,
        "interview_id": 7,
        "no": no,
        "kind": kind,
        "text": text,
        "at": at,
        "role": "guest",
    }
    return Item(**(told | {"digest": text_digest(text), "chain": ""} | more))


def sample(
    questions: int = 30,
    *,
    bodies: tuple[str, ...] = ("示例市医疗保障局",),
    text: str = "",
    answer: str = "您好，带身份证到市民中心二楼窗口办理，也可以在网上办理，五个工作日办结。",
    peak: int = 321,
    **told: Any,
) -> Content:
    """A report on so many questions, four of five answered, the rest deferred; one answer has an erratum."""
    asked: list[Question] = []
    said: list[Item] = []
    for number in range(1, questions + 1):
        about = THEMES[number % len(THEMES)]
        words = text or f"我们小区的{about}问题{number}什么时候能办，要带哪些材料、到哪个窗口去？"
        done = number % 5 != 0
        asked.append(
            _question(number, words, "answered" if done else "deferred", reason=None if done else "time")
        )
        no = len(said) + 1
        who = {"speaker": "小明" if number % 2 else None, "role": "citizen"}
        said.append(_item(no, "question", words, question_id=number, **who))
        if done:
            body = bodies[number % len(bodies)]
            more = {"question_id": number, "speaker": "王立言（处长）", "body_name": body, "origin": "live"}
            said.append(_item(no + 1, "answer", answer, **more))
    if questions:
        more = {
            "question_id": 1,
            "of_id": 2,
            "note": "楼层说错了。",
            "speaker": "王立言（处长）",
            "body_name": bodies[0],
        }
        said.append(_item(len(said) + 1, "erratum", "应为三楼窗口。", **more))
    return _stamped(_told(bodies, **told), asked, said, peak)


def _stamped(told: InterviewFacts, asked: list[Question], said: list[Item], peak: int) -> Content:
    due: dict[str, Any] = {
        "interview_id": 7,
        "due": END.date() + timedelta(days=7),
        "act_by": END.date() + timedelta(days=7),
    }
    owed = [
        Duty(
            id=one.id,
            rule="follow-up",
            article="第八条",
            title="处理没能当场答复的问题",
            owed_by="respondent",
            body_id=one.id,
            **due,
        )
        for one in told.respondents
    ]
    by_status = {status.value: 0 for status in QuestionStatus}
    for one in asked:
        by_status[one.status] += 1
    counts = by_status | {
        "received": len(asked),
        "public": len(asked),
        "supports": sum(one.supports for one in asked),
        "live": by_status["answered"],
        "after": 0,
        "waiting": by_status["deferred"],
    }
    rows = report_content._Rows(
        told, asked, said, owed, counts, frozenset({"summary"}), frozenset({"follow-up"}), peak, HEAD
    )
    record = {
        "regulation": {"id": "shili", "name": "示例市网上访谈办法"},
        "office": "示例市信息化工作办公室",
        "recipients": [
            "示例市委办公室",
            "示例市人大常委会办公室",
            "示例市人民政府办公室",
            "示例市政协办公室",
        ],
    } | report_content._put_together(rows)
    return report_content.stamped(record, 1, "2026-03-09T10:00:00+08:00")


def closed_early() -> Content:
    """Over after half an hour, with the reason on record."""
    text = "提前结束。原因：访谈室停电，设备不能用。"
    deviation = DeviationFacts("第十三条", text, START + timedelta(minutes=30))
    return sample(8, closed_at=START + timedelta(minutes=30), close_reason=text, deviations=(deviation,))


MANY_BODIES = ("示例市医疗保障局", "示例市水务局", "示例市人力资源和社会保障局", "示例市住房和城乡建设局")
