"""网友 ask what the catalogue does not say; 目录编辑小林 reads in topics what it was, and decides about them."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry
from base.db import Units
from base.errors import Refusal
from base.people import SYSTEM, Actor, Person, Role
from faq import clusters, misses, topics
from faq.clusters import Wording
from faq.models import Ask, MissTopic, Referral
from tests.cast import at
from tests.timing import within

NOW = at("2026-11-18 10:00")
"""A Wednesday."""
LIN = Actor(None, Role.EDITOR, "目录编辑小林")
WANG = Actor(None, Role.GUEST, "王处长")

PET = ["养狗要办什么证", "养狗需要办什么证件", "在小区养狗要办什么证"]
BATTERY = ["电动车电池哪里回收", "电动车的旧电池在哪里回收"]


async def asked(units: Units, *texts: str, when: datetime = NOW, **more: Any) -> list[int]:
    """Misses, unless said otherwise."""
    about: dict[str, Any] = {"outcome": "handoff", "reason": "not_sure", "confidence": 0.2} | more
    async with units.act(SYSTEM, when) as uow:
        rows = [Ask(text=text, at=uow.now, **about) for text in texts]
        uow.db.add_all(rows)
        await uow.db.flush()
        return [row.id or 0 for row in rows]


async def together(units: Units) -> dict[str, list[str]]:
    """Label to the texts of every topic."""
    async with units.read() as uow:
        query = select(MissTopic, col(Ask.text)).join(Ask, col(Ask.topic_id) == col(MissTopic.id))
        found: dict[str, list[str]] = {}
        for topic, text in await uow.db.execute(query.order_by(col(Ask.id))):
            found.setdefault(topic.label, []).append(text)
        return found


async def topic_with(units: Units, text: str) -> int:
    """The topic that a text is in."""
    async with units.read() as uow:
        query = select(col(Ask.topic_id)).where(col(Ask.text) == text, col(Ask.topic_id).is_not(None))
        return int((await uow.db.scalars(query)).first() or 0)


async def test_misses_gather_in_topics_and_new_ones_join_them(units: Units) -> None:
    await asked(units, PET[0], BATTERY[0], PET[1], PET[0])
    assert await misses.refresh(units, LIN) == misses.Refreshed(4, 2)
    assert await together(units) == {PET[0]: [PET[0], PET[1], PET[0]], BATTERY[0]: [BATTERY[0]]}
    assert await misses.refresh(units) == misses.Refreshed(0, 0)
    await asked(units, PET[2], BATTERY[1], "公园几点关门")
    assert await misses.refresh(units) == misses.Refreshed(3, 1)
    assert {len(texts) for texts in (await together(units)).values()} == {4, 2, 1}


async def test_only_misses_are_gathered(units: Units) -> None:
    await asked(units, "养狗要办什么证", reason="no_entry")
    await asked(units, "路灯坏了找谁", outcome="answer", reason=None, useful=False)
    await asked(units, "哪里能学游泳", outcome="choices", reason="none_of_these", useful=False)
    await asked(units, "充电桩怎么申请", reason="none_of_these")
    left_out: dict[str, dict[str, Any]] = {
        "谢谢你": {"reason": "thanks"},
        "家里着火了": {"reason": "emergency"},
        "医保卡怎么补办": {"outcome": "answer", "reason": None},
        "公积金怎么提取": {"outcome": "answer", "reason": None, "useful": True},
        "落户要什么": {"outcome": "choices", "reason": "several_close"},
        "看过了的": {"taken": "dismissed"},
    }
    for text, more in left_out.items():
        await asked(units, text, **more)
    await misses.refresh(units)
    texts = [text for some in (await together(units)).values() for text in some]
    assert sorted(texts) == sorted(["养狗要办什么证", "路灯坏了找谁", "哪里能学游泳", "充电桩怎么申请"])


def test_order_does_not_matter_and_greetings_do_not_either() -> None:
    texts = [*PET, *BATTERY, "您好，想问一下，养狗要办什么证？谢谢", "公园几点关门"]
    waiting = [(number, text) for number, text in enumerate(texts, 1)]
    expected = {frozenset(group.asks) for group in misses.sort_out(misses.Waiting(tuple(waiting), (), ()))}
    assert frozenset({1, 2, 3, 6}) in expected
    for seed in range(5):
        mixed = random.Random(seed).sample(waiting, len(waiting))
        groups = misses.sort_out(misses.Waiting(tuple(mixed), (), ()))
        assert {frozenset(group.asks) for group in groups} == expected


async def test_a_topic_says_how_many_and_in_which_week_and_nothing_of_who(units: Units) -> None:
    await asked(units, PET[0], when=at("2026-11-16 00:10"), conversation="someone")
    await asked(units, PET[0], PET[1], when=at("2026-11-15 23:50"))
    await asked(units, PET[0], when=at("2026-10-05 09:00"))
    await misses.refresh(units)
    async with units.act(LIN, NOW) as uow:
        (topic,) = await topics.topics(uow)
        assert await topics.counts(uow) == {"open": 1}
    assert (topic.row.label, topic.size) == (PET[0], 4)
    assert topic.weeks == (0, 1, 0, 0, 0, 0, 2, 1)
    assert topic.examples == ((PET[0], 3), (PET[1], 1))
    assert "someone" not in repr(topic)


async def test_dismissed_misses_do_not_come_back_and_the_reason_is_not_in_the_audit(units: Units) -> None:
    await asked(units, *PET)
    await misses.refresh(units)
    topic = await topic_with(units, PET[0])
    async with units.act(LIN, NOW) as uow:
        await topics.dismiss(uow, topic, "归公安局答，已经转去")
    assert await misses.refresh(units) == misses.Refreshed(0, 0)
    async with units.act(LIN, NOW) as uow:
        assert await topics.topics(uow) == []
        (left,) = await topics.topics(uow, misses.DISMISSED)
        assert (left.row.decided_by, left.row.note) == ("目录编辑小林", "归公安局答，已经转去")
        notes = list(await uow.db.scalars(select(AuditEntry).where(col(AuditEntry.act) == "topic.dismissed")))
        assert "公安局" not in str([one.detail for one in notes])
        with pytest.raises(Refusal) as refused:
            await topics.dismiss(uow, topic, "再来一次")
    assert refused.value.code == "topic.decided"
    await asked(units, PET[1])
    assert await misses.refresh(units) == misses.Refreshed(1, 1)


async def test_a_theme_is_put_to_the_office_with_a_title_that_fits(units: Units) -> None:
    await asked(units, *PET)
    await misses.refresh(units)
    topic = await topic_with(units, PET[0])
    async with units.act(LIN, NOW) as uow:
        for wrong in ("", "养" * 61):
            with pytest.raises(Refusal):
                await topics.to_theme(uow, topic, wrong)
        await topics.to_theme(uow, topic, "小区里养狗，怎样办证", "一个月问了三十次")
    async with units.read(LIN) as uow:
        (theme,) = await topics.topics(uow, misses.THEME)
        assert (theme.row.theme, theme.size) == ("小区里养狗，怎样办证", 3)
        taken = set(await uow.db.scalars(select(col(Ask.taken))))
    assert taken == {"topic"}


async def test_topics_are_joined_and_split(units: Units) -> None:
    await asked(units, *PET, *BATTERY)
    await misses.refresh(units)
    pet, battery = await topic_with(units, PET[0]), await topic_with(units, BATTERY[0])
    async with units.act(LIN, NOW) as uow:
        with pytest.raises(Refusal):
            await topics.join(uow, pet, pet)
        await topics.join(uow, battery, pet)
    assert [len(texts) for texts in (await together(units)).values()] == [5]
    async with units.act(LIN, NOW) as uow:
        own = await topics.split(uow, pet, BATTERY[1])
        with pytest.raises(Refusal):
            await topics.split(uow, own.id or 0, BATTERY[1])
        with pytest.raises(Refusal):
            await topics.split(uow, pet, "没有人这样问过")
    assert (await together(units))[BATTERY[1]] == [BATTERY[1]]


async def test_who_does_not_edit_may_do_nothing(units: Units) -> None:
    await asked(units, *PET)
    with pytest.raises(Refusal):
        await misses.refresh(units, WANG)
    await misses.refresh(units)
    topic = await topic_with(units, PET[0])
    async with units.act(WANG, NOW) as uow:
        for deed in (
            topics.dismiss(uow, topic, "不办"),
            topics.to_theme(uow, topic, "养狗办证"),
            topics.split(uow, topic, PET[0]),
            topics.join(uow, topic, topic + 1),
        ):
            with pytest.raises(Refusal) as refused:
                await deed
            assert refused.value.code == "forbidden"


async def test_asks_are_forgotten_after_their_time_and_empty_topics_with_them(units: Units) -> None:
    long_ago = NOW - timedelta(days=misses.ASK_DAYS, minutes=1)
    old = await asked(units, *PET, when=long_ago)
    await misses.refresh(units)
    await asked(units, *BATTERY, when=long_ago + timedelta(minutes=2))
    await misses.refresh(units)
    async with units.act(SYSTEM, NOW) as uow:
        asker = Person(role="citizen", display_name="网友甲", created_at=NOW)
        uow.db.add(asker)
        await uow.db.flush()
        about: dict[str, Any] = {
            "asker_id": asker.id or 0,
            "ask_id": old[0],
            "due": NOW.date(),
            "created_at": NOW,
        }
        uow.db.add(Referral(receipt="R1", text="养狗", **about))
        await uow.db.flush()
        assert await misses.forget(uow) == 3
        assert await misses.forget(uow) == 0
        assert [one.ask_id for one in await uow.db.scalars(select(Referral))] == [None]
    assert list(await together(units)) == [BATTERY[0]]
    async with units.read() as uow:
        assert len(list(await uow.db.scalars(select(MissTopic)))) == 1


async def test_two_that_sort_at_once_place_a_miss_once(units: Units) -> None:
    await asked(units, *PET)
    async with units.read(LIN) as uow:
        groups = misses.sort_out(await misses.gather(uow))
    async with units.act(LIN, NOW) as uow:
        first = await misses.keep(uow, groups)
    async with units.act(SYSTEM, NOW) as uow:
        assert await misses.keep(uow, groups) == misses.Refreshed(0, 0)
    assert first == misses.Refreshed(3, 1)


def test_twenty_thousand_misses_are_sorted_within_seconds() -> None:
    rng = random.Random(5)
    things = [
        "居住证",
        "公积金",
        "养老保险",
        "电动车",
        "学区房",
        "营业执照",
        "停车位",
        "流浪狗",
        "自来水",
        "路灯",
    ]
    doings = ["补办", "提取", "转移", "投诉", "登记", "注销", "报修", "申请", "查询", "变更"]
    extra = ["周末", "网上", "异地", "老人", "孩子", "外地人", "代办", "加急", "免费", "夜里", "企业", "学生"]
    tails = ["怎么办", "去哪里", "要什么材料", "多少钱", "几天能好", "找谁", "能不能代办", "有没有电话"]

    def said() -> str:
        parts = [
            rng.choice(extra),
            rng.choice(things),
            rng.choice(doings),
            rng.choice(tails),
            rng.choice(extra),
        ]
        return "".join(parts) + str(rng.randrange(40))

    texts = list(dict.fromkeys(said() for _ in range(60_000)))[:20_000]
    assert len(texts) == 20_000
    with within(10):
        heads = clusters.grouped([], [Wording(text, 1) for text in texts])
    assert 20 < len(set(heads)) < 5_000
