"""A record of any length, written straight into the tables: two thousand items by the verbs would take minutes."""

from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col

from interviews.lifecycle import InterviewStatus, QuestionStatus
from interviews.models import Interview, Item, Question
from tests import cast

SENTENCE = "断缴三个月以上的，从补缴到账的次月起重新计算等待期，住院待遇按规定恢复。"


async def long_record(city: cast.City, items: int, waiting: int = 0) -> None:
    """The live interview of the cast gets so many items, half of them questions and half their answers.

    Answers are of many lengths, in an order that is the same each time.

    Args:
        city: its interview is live and empty.
        items: how many; even.
        waiting: how many questions more, of which none is answered; they are not among the items.
    """
    asker = city.people["网友甲"].person_id
    async with city.act("周科长", cast.END) as uow:
        asked: list[dict[str, Any]] = [
            {
                "id": at,
                "interview_id": city.interview,
                "asker_id": asker,
                "client_id": f"long-{at}",
                "receipt": f"L{at:012}",
                "number": at,
                "item_id": 2 * at - 1,
                "original": f"第{at}个问题：断缴以后怎么补？",
                "text": f"第{at}个问题：断缴以后怎么补？",
                "kind": "inquiry",
                "flags": [],
                "status": QuestionStatus.ANSWERED if at <= items // 2 else QuestionStatus.PUBLISHED,
                "supports": at % 7,
                "submitted_at": cast.DURING,
                "published_at": cast.DURING,
                "settled_at": cast.DURING,
            }
            for at in range(1, items // 2 + waiting + 1)
        ]
        await uow.db.execute(insert(Question), asked)
        await uow.db.execute(
            insert(Item), [row for one in asked[: items // 2] for row in _items(city, one["id"])]
        )


async def archive(city: cast.City) -> None:
    """The interview is over and archived."""
    async with city.act("周科长", cast.END) as uow:
        ended = {"status": InterviewStatus.ARCHIVED, "closed_at": cast.END}
        await uow.db.execute(update(Interview).where(col(Interview.id) == city.interview).values(**ended))


def _items(city: cast.City, at: int) -> list[dict[str, Any]]:
    common = {"interview_id": city.interview, "question_id": at, "at": cast.DURING, "digest": "", "chain": ""}
    own: dict[str, Any] = {"kind": "question", "role": "citizen", "speaker": None, "text": ""}
    given = {
        "kind": "answer",
        "role": "guest",
        "speaker": "王处长（待遇处处长）",
        "body_name": "示例市医疗保障局",
        "origin": "live",
        "text": "\n".join([SENTENCE * (1 + at % 4)] * (1 + at * at % 5)),
    }
    shared = {"body_name": None, "origin": None}
    return [
        common | shared | own | {"id": 2 * at - 1, "no": 2 * at - 1},
        common | given | {"id": 2 * at, "no": 2 * at},
    ]
