"""Scenes of planning: the plan, the announcement, the room, the opening and the end."""

from typing import Any

from tests.cast import ANNOUNCED, DURING, FORWARDED, LIMIT_PASSED, NEXT_DAY, PLANNED, START, City, at

CHANGED = at("2026-02-02 11:00")
"""The last day on which a change of the interview can be told in time."""


async def _collecting(city: City) -> None:
    await city.plan()
    await city.announce()


async def schedule(city: City) -> tuple[Any, ...]:
    sent = {
        "theme": "供热",
        "starts_at": "2026-05-18T09:00:00+08:00",
        "ends_at": "2026-05-18T10:30:00+08:00",
        "respondents": [city.bodies["水务局"]],
    }
    city.interview = 1
    return "周科长", "interview.schedule", PLANNED, sent


async def issue(city: City) -> tuple[Any, ...]:
    await city.plan()
    return "何主任", "plan.issue", PLANNED, {"year": 2026}


async def move(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    await city.published("网友甲", "断缴一年还能报吗？", ANNOUNCED)
    sent = {
        "interview": city.interview,
        "starts_at": "2026-04-10T09:00:00+08:00",
        "theme": "医保缴费",
        "ground": "public_demand",
        "reason": "网友要求错开春耕",
    }
    return "何主任", "interview.change", CHANGED, sent


async def cancel(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    public = await city.published("网友甲", "断缴一年还能报吗？", ANNOUNCED)
    await city.does("网友丙", "question.support", ANNOUNCED, question=public)
    await city.asks("网友乙", "没审的", ANNOUNCED)
    sent = {"interview": city.interview, "reason": "并入四月的一场"}
    return "何主任", "interview.cancel", CHANGED, sent


async def cancel_a_planned_one(city: City) -> tuple[Any, ...]:
    await city.plan()
    return "何主任", "interview.cancel", CHANGED, {"interview": city.interview, "reason": "并入四月的一场"}


async def _cancelled(city: City) -> tuple[int, int]:
    await _collecting(city)
    public = await city.published("网友甲", "断缴一年还能报吗？", ANNOUNCED)
    unread = await city.asks("网友乙", "没审的", ANNOUNCED)
    await city.does("何主任", "interview.cancel", CHANGED, interview=city.interview, reason="并入四月的一场")
    return public, unread


async def answer_on_a_cancelled_one(city: City) -> tuple[Any, ...]:
    question, _ = await _cancelled(city)
    return "许主任", "question.answer", FORWARDED, {"question": question, "text": "可以补缴。"}


async def answer_what_nobody_had_read(city: City) -> tuple[Any, ...]:
    _, question = await _cancelled(city)
    await city.does("许主任", "answer.draft", CHANGED, question=question, text="写到一半")
    return "许主任", "question.answer", FORWARDED, {"question": question, "text": "答复在这里。"}


async def waiver(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    sent = {"interview": city.interview, "duty": "guests", "reason": "人员名单当天才定"}
    return "何主任", "waiver.grant", FORWARDED, sent


async def supplement(city: City) -> tuple[Any, ...]:
    await city.open()
    await city.does("李主持", "interview.close", interview=city.interview, reason="technical")
    return (
        "李主持",
        "interview.say",
        NEXT_DAY,
        {"interview": city.interview, "text": "断线时王处长说：能报。"},
    )


async def content(city: City) -> tuple[Any, ...]:
    await city.plan()
    return (
        "许主任",
        "content.tell",
        ANNOUNCED,
        {"interview": city.interview, "theme": "医保", "text": "谈缴费。"},
    )


async def announce(city: City) -> tuple[Any, ...]:
    await city.plan()
    return "周科长", "interview.announce", ANNOUNCED, {"interview": city.interview}


async def venue(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    return "周科长", "venue.tell", FORWARDED, {"interview": city.interview, "venue": "二楼"}


async def guests(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    people = [{"name": "王立言", "post": "处长"}, {"name": "苏敏", "post": "科长"}]
    return "许主任", "guests.tell", FORWARDED, {"interview": city.interview, "guests": people}


async def opening(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    await city.prepare()
    return "李主持", "interview.open", START, {"interview": city.interview}


async def extend(city: City) -> tuple[Any, ...]:
    await city.open()
    return (
        "李主持",
        "interview.extend",
        DURING,
        {"interview": city.interview, "minutes": 10, "reason": "设备断线十分钟"},
    )


async def close(city: City) -> tuple[Any, ...]:
    await city.open()
    await city.staged("网友甲", "正在答的")
    await city.published("网友乙", "在等的")
    await city.asks("网友丙", "没审的")
    return "李主持", "interview.close", DURING, {"interview": city.interview, "reason": "断电，技术原因"}


async def forward(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    return "周科长", "questions.forward", FORWARDED, {"interview": city.interview}


async def summary(city: City) -> tuple[Any, ...]:
    await city.open()
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)
    return "周科长", "summary.send", NEXT_DAY, {"interview": city.interview}


async def rehearse(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    return "李主持", "interview.rehearse", FORWARDED, {"interview": city.interview}


async def delay(city: City) -> tuple[Any, ...]:
    await city.open()
    return "审核员小张", "publication.delay", DURING, {"interview": city.interview, "seconds": 10}
