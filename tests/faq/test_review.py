"""先审后发: 编辑小何 writes, 周科长 and 何主任 sign, and only then does 网友甲 hear of it."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry, note, verify
from base.db import Database, Units
from base.errors import Refusal
from base.people import SYSTEM, Actor, Role
from faq import desk as bot
from faq import drafts, library, review, review_steps, sources
from faq.models import CatalogEntry, CatalogState, EntryStatus, RevisionAction, RevisionStatus
from faq.review_steps import Step
from faq.reviewed import reviewed, table
from faq.revisions import waiting_for

from .reviewing import DEARER, NOW, WATER, Desk, gathered


@pytest.fixture
async def desk(units: Units) -> Desk:
    return await gathered(units)


async def asked(desk: Desk, one: bot.Desk, text: str) -> dict[str, object]:
    async with desk.units.act(SYSTEM, NOW) as uow:
        return await one.ask(uow, text)


async def waiting(desk: Desk, who: str) -> list[int]:
    async with desk.units.read(desk.people[who]) as uow:
        return [one.id or 0 for one in await waiting_for(uow)]


async def test_an_entry_is_public_with_its_last_signature_and_the_bot_knows_at_once(desk: Desk) -> None:
    other_process = bot.Desk()
    number = await desk.in_review("编辑小何", None, "publish", WATER, review_on=date(2027, 11, 5))
    entry = (await desk.revision(number)).entry_id
    assert (await asked(desk, other_process, "一吨水多少钱"))["outcome"] == "handoff"
    await desk.sign("周科长", number, comment="数字核过")
    assert (await desk.entry(entry)).status == EntryStatus.DRAFT
    assert (await asked(desk, other_process, "一吨水多少钱"))["outcome"] == "handoff"
    await desk.sign("何主任", number)
    stored = await desk.entry(entry)
    assert (stored.status, stored.review_on) == (EntryStatus.PUBLISHED, date(2027, 11, 5))
    assert (await desk.revision(number)).status == RevisionStatus.DONE
    assert (await asked(desk, other_process, "一吨水多少钱"))["text"] == WATER.body
    await other_process.close()


LATE = datetime(2026, 3, 5, 15, 59, tzinfo=UTC)
"""A minute before midnight in Shanghai."""
TOMORROW = replace(WATER, published_on=date(2026, 3, 6))


async def test_a_day_of_publication_that_has_not_come_is_refused_until_it_has(desk: Desk) -> None:
    with pytest.raises(
        Refusal, match="发布日期2026年3月6日还没有到。请写今天或者以前的日期，或者空着"
    ) as refused:
        await desk.propose("编辑小何", None, "publish", TOMORROW, at=LATE)
    assert refused.value.code == "entry.published_on"
    number = await desk.propose("编辑小何", None, "publish", replace(WATER, published_on=None), at=LATE)
    with pytest.raises(Refusal, match="还没有到"):
        await desk.edit("编辑小何", number, TOMORROW, at=LATE)
    await desk.edit("编辑小何", number, TOMORROW, at=LATE + timedelta(minutes=1))
    with pytest.raises(Refusal, match="还没有到"):
        await desk.submit("编辑小何", number, at=LATE)
    await desk.submit("编辑小何", number, at=LATE + timedelta(minutes=1))
    await desk.sign("周科长", number, at=LATE)
    with pytest.raises(Refusal, match="还没有到"):
        await desk.sign("何主任", number, at=LATE)
    entry = (await desk.revision(number)).entry_id
    assert (await desk.entry(entry)).status == EntryStatus.DRAFT
    await desk.sign("何主任", number, at=LATE + timedelta(minutes=1))
    assert (await desk.entry(entry)).published_on == TOMORROW.published_on


async def test_nothing_is_public_before_its_day_by_any_way_and_may_still_be_taken_down(desk: Desk) -> None:
    entry = await desk.brought_in()
    with pytest.raises(Refusal, match="还没有到"):
        await desk.propose("编辑小何", entry, "change", TOMORROW, at=LATE)
    for row in (TOMORROW, replace(TOMORROW, index_no="SL-9")):
        with pytest.raises(Refusal, match="还没有到"):
            async with desk.units.act(SYSTEM, LATE) as uow:
                await library.import_rows(uow, [row], publish_too=True)
    async with desk.units.act(SYSTEM, LATE) as uow:
        one = await uow.db.get(CatalogEntry, entry)
        assert one is not None
        one.published_on, one.status = TOMORROW.published_on, EntryStatus.DRAFT
    with pytest.raises(Refusal, match="还没有到"):
        async with desk.units.act(SYSTEM, LATE) as uow:
            await library.publish(uow, entry)
    async with desk.units.act(SYSTEM, LATE) as uow:
        await library.retire(uow, entry, "写错了")
    assert (await desk.entry(entry)).status == EntryStatus.RETIRED


async def test_an_empty_day_of_publication_becomes_the_day_of_the_last_signature(desk: Desk) -> None:
    number = await desk.in_review("编辑小何", None, "publish", replace(WATER, published_on=None))
    await desk.sign("周科长", number)
    await desk.sign("何主任", number, at=LATE)
    assert (await desk.entry((await desk.revision(number)).entry_id)).published_on == date(2026, 3, 5)


async def test_every_step_stands_in_the_audit_with_the_same_digest_of_what_was_signed(desk: Desk) -> None:
    number = await desk.in_review("编辑小何", None, "publish", WATER)
    await desk.sign("周科长", number)
    await desk.sign("何主任", number)
    async with desk.units.read() as uow:
        assert (await verify(uow)).ok
        rows = list(
            await uow.db.scalars(select(AuditEntry).where(col(AuditEntry.subject) == f"revision:{number}"))
        )
    acts = ["revision.propose", "revision.submit", "revision.sign", "revision.sign"]
    assert [row.act for row in rows] == acts
    assert {row.detail["content"] for row in rows} == {drafts.digest(await desk.revision(number))}
    assert [row.detail["step"] for row in rows[2:]] == ["科室负责人", "分管领导"]
    assert WATER.body not in str([row.detail for row in rows])


async def test_nobody_signs_their_own_and_nobody_signs_twice(desk: Desk) -> None:
    number = await desk.in_review("周科长", None, "publish", WATER)
    with pytest.raises(Refusal, match="不能自己签") as refused:
        await desk.sign("周科长", number)
    assert refused.value.code == "review.own"
    await desk.sign("吴科长", number)
    with pytest.raises(Refusal) as refused:
        await desk.sign("吴科长", number)
    assert refused.value.code == "review.twice"
    with pytest.raises(Refusal) as refused:
        await desk.sign("编辑小何", number)
    assert refused.value.code == "review.not_yours"
    assert await waiting(desk, "何主任") == [number]
    assert (
        await waiting(desk, "吴科长")
        == await waiting(desk, "周科长")
        == await waiting(desk, "编辑小何")
        == []
    )


async def test_who_has_edited_it_may_not_sign_it_either(desk: Desk) -> None:
    number = await desk.propose("编辑小何", None, "publish", WATER)
    await desk.edit("周科长", number, DEARER)
    await desk.submit("编辑小何", number)
    with pytest.raises(Refusal, match="不能自己签"):
        await desk.sign("周科长", number)
    await desk.sign("吴科长", number)


async def test_what_is_under_review_cannot_be_edited(desk: Desk) -> None:
    number = await desk.in_review("编辑小何", None, "publish", WATER)
    with pytest.raises(Refusal) as refused:
        await desk.edit("编辑小何", number, DEARER)
    assert refused.value.code == "review.closed"


async def test_a_returned_one_is_written_again_and_starts_its_signatures_anew(desk: Desk) -> None:
    number = await desk.in_review("编辑小何", None, "publish", WATER)
    await desk.sign("周科长", number)
    with pytest.raises(Refusal, match="写上意见"):
        await desk.sign("何主任", number, passed=False)
    await desk.sign("何主任", number, passed=False, comment="价格不对")
    assert (await desk.revision(number)).status == RevisionStatus.RETURNED
    assert await waiting(desk, "何主任") == []
    await desk.edit("编辑小何", number, DEARER)
    await desk.submit("编辑小何", number)
    assert (await desk.revision(number)).step == 0
    await desk.sign("周科长", number)
    await desk.sign("何主任", number)
    assert (await desk.entry(1)).body == DEARER.body


async def test_one_revision_at_a_time_and_the_second_is_told_who_has_it(desk: Desk) -> None:
    entry = await desk.brought_in()
    first = await desk.propose("编辑小何", entry, "change", DEARER)
    with pytest.raises(Refusal, match="编辑小何已经在办这一条（修改，还在起草）"):
        await desk.propose("编辑小唐", entry, "retire", None, reason="重了")
    with pytest.raises(Refusal, match="由起草人或者信息办撤回"):
        await desk.withdraw("编辑小唐", first)
    await desk.withdraw("编辑小何", first)
    await desk.propose("编辑小唐", entry, "retire", None, reason="重了")
    assert (await desk.entry(entry)).body == WATER.body


async def test_of_two_who_save_at_once_the_second_is_refused(desk: Desk) -> None:
    number = await desk.propose("编辑小何", None, "publish", WATER)
    seen = await desk.stamp(number)
    later = datetime(2026, 11, 5, 1, 1, tzinfo=UTC)
    await desk.edit("编辑小唐", number, DEARER, seen=seen, at=later)
    with pytest.raises(Refusal, match="别人存过") as refused:
        await desk.edit("编辑小何", number, WATER, seen=seen, at=later)
    assert refused.value.code == "review.changed"
    assert drafts.of_revision(await desk.revision(number)).row.body == DEARER.body
    changed = drafts.differences(drafts.Draft(WATER), drafts.of_revision(await desk.revision(number)))
    assert [(one.name, one.pieces) for one in changed] == [
        ("正文", (("same", "每立方米"), ("gone", "2.8"), ("new", "3"), ("same", "元。")))
    ]


async def test_of_two_who_sign_at_once_the_second_is_told_who_was_quicker(desk: Desk) -> None:
    number = await desk.in_review("编辑小何", None, "publish", WATER)
    seen = await desk.stamp(number)
    came = await asyncio.gather(
        desk.sign("周科长", number, seen=seen), desk.sign("吴科长", number, seen=seen), return_exceptions=True
    )
    [refused] = [one for one in came if isinstance(one, Refusal)]
    assert refused.code == "review.moved"
    assert "科长刚刚签了“科室负责人”这一步" in refused.message
    assert (await desk.revision(number)).step == 1


@pytest.mark.parametrize("openness", ["依申请公开", "不予公开"])
async def test_what_is_not_open_may_be_kept_but_not_sent_into_review(desk: Desk, openness: str) -> None:
    number = await desk.propose("编辑小何", None, "publish", replace(WATER, openness=openness))
    with pytest.raises(Refusal, match=f"{openness}.*只能存草稿") as refused:
        await desk.submit("编辑小何", number)
    assert refused.value.code == "entry.openness"


async def test_what_was_left_out_of_a_redacted_text_is_written_down(desk: Desk) -> None:
    row = replace(WATER, openness="删减后公开")
    number = await desk.propose("编辑小何", None, "publish", row)
    with pytest.raises(Refusal, match="删减了什么"):
        await desk.submit("编辑小何", number)
    await desk.edit("编辑小何", number, row, reason="删去用户的姓名，依据个人信息保护法")
    await desk.submit("编辑小何", number)


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ({"body": ""}, "还没有写正文。请写好再送审。"),
        ({"body": " \n　"}, "还没有写正文。"),
        ({"title": "", "issuer": " "}, "还没有写标题、发布机构。"),
    ],
)
async def test_what_has_no_text_no_title_or_no_issuer_is_not_sent_into_review(
    desk: Desk, lacks: dict[str, Any], said: str
) -> None:
    number = await desk.propose("编辑小何", None, "publish", replace(WATER, **lacks))
    with pytest.raises(Refusal, match=said) as refused:
        await desk.submit("编辑小何", number)
    assert refused.value.code == "review.lacking"
    assert (await desk.revision(number)).status == RevisionStatus.DRAFT
    entry = await desk.brought_in(replace(WATER, index_no="SL-8"))
    changed = await desk.propose("编辑小何", entry, "change", replace(WATER, index_no="SL-8", **lacks))
    with pytest.raises(Refusal, match=said):
        await desk.submit("编辑小何", changed)


async def test_a_title_without_words_is_not_sent_into_review_but_may_be_taken_down(desk: Desk) -> None:
    entry = await desk.brought_in(replace(WATER, title="💧💧"))
    changed = await desk.propose("编辑小何", entry, "change", replace(WATER, title="💧💧", body="新的正文"))
    with pytest.raises(
        Refusal, match="标题只有符号，至少要有一个字、字母或者数字。请改写再送审。"
    ) as refused:
        await desk.submit("编辑小何", changed)
    assert refused.value.code == "review.title"
    await desk.withdraw("编辑小何", changed)
    retired = await desk.propose("编辑小何", entry, "retire", None, reason="标题看不出是什么")
    await desk.submit("编辑小何", retired)
    assert (await desk.revision(retired)).status == RevisionStatus.REVIEW


async def test_retiring_and_repealing_are_signed_too(desk: Desk) -> None:
    entry = await desk.brought_in()
    ended = replace(WATER, repealed_on=date(2026, 11, 1), successor="SL-2026-0502")
    number = await desk.propose("编辑小何", entry, "repeal", ended)
    with pytest.raises(Refusal, match="原因"):
        await desk.submit("编辑小何", number)
    await desk.edit("编辑小何", number, ended, reason="新价目施行")
    await desk.submit("编辑小何", number)
    await desk.sign("周科长", number)
    assert (await desk.entry(entry)).speaks_on(date(2026, 11, 5))
    await desk.sign("何主任", number)
    stored = await desk.entry(entry)
    assert not stored.speaks_on(date(2026, 11, 5))
    assert stored.successor == "SL-2026-0502"
    number = await desk.in_review("编辑小何", entry, "retire", None, reason="已经归并")
    await desk.sign("周科长", number)
    await desk.sign("何主任", number)
    assert (await desk.entry(entry)).status == EntryStatus.RETIRED


async def test_a_change_that_changes_nothing_and_a_number_that_is_taken(desk: Desk) -> None:
    entry = await desk.brought_in()
    number = await desk.propose("编辑小何", entry, "change", WATER)
    with pytest.raises(Refusal, match="没有要改的"):
        await desk.submit("编辑小何", number)
    with pytest.raises(Refusal, match="已经用在另一条上"):
        await desk.propose("编辑小唐", None, "publish", replace(WATER, title="另一条"))


async def test_an_entry_that_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    entry = await desk.brought_in()
    number = await desk.in_review("编辑小何", entry, "change", replace(WATER, keywords="水费 水价"))
    await desk.sign("周科长", number)
    await desk.brought_in(DEARER)
    with pytest.raises(Refusal, match="起草以后，这一条另外改过") as refused:
        await desk.sign("何主任", number)
    assert refused.value.code == "review.entry_changed"
    assert (await desk.entry(entry)).body == DEARER.body
    await desk.sign("何主任", number, passed=False, comment="对照新价目再改")


async def test_what_officials_answered_is_signed_by_their_own_organisation_first(desk: Desk) -> None:
    number = await desk.in_review("编辑小何", None, "publish", WATER, body_id=2, origin="answer:12")
    assert (await desk.revision(number)).step == review_steps.BODY_STEP
    assert await waiting(desk, "外单位老吴") == [number]
    assert await waiting(desk, "许主任") == []
    with pytest.raises(Refusal, match="没有找到"):
        await desk.sign("许主任", number)
    with pytest.raises(Refusal, match="现在等“答复机构”签"):
        await desk.sign("周科长", number)
    await desk.sign("外单位老吴", number)
    await desk.sign("周科长", number)
    await desk.sign("何主任", number)
    stored = await desk.entry(1)
    assert (stored.status, stored.body_id, stored.origin) == (EntryStatus.PUBLISHED, 2, "answer:12")


async def test_a_city_of_four_steps_and_named_persons(desk: Desk) -> None:
    chief = desk.people["何主任"].person_id or 0
    four = [
        Step("科室负责人", (Role.EDITOR,)),
        Step("分管领导", (Role.OFFICE,)),
        Step("主要领导", (), (chief,)),
    ]
    under_way = await desk.in_review("编辑小何", None, "publish", WATER)
    await desk.sign("周科长", under_way)
    async with desk.units.act(desk.people["周科长"], NOW) as uow:
        assert await review_steps.set_steps(uow, four) == 1
    assert (await desk.revision(under_way)).step == 0
    for who in ("编辑小唐", "周科长"):
        await desk.sign(who, under_way)
    with pytest.raises(Refusal, match="现在等“主要领导”签"):
        await desk.sign("吴科长", under_way)
    await desk.sign("何主任", under_way)
    assert (await desk.entry(1)).status == EntryStatus.PUBLISHED


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ([], "steps.none"),
        ([Step("科室负责人")], "steps.nobody"),
        ([Step("签", (Role.OFFICE,)), Step("签", (Role.SUPERVISOR,))], "steps.same"),
        ([Step("签", (Role.ADMIN,))], "steps.person"),
        ([Step("签", (), (999,))], "steps.person"),
        ([Step("  ", (Role.OFFICE,))], "text.empty"),
        ([Step(f"第{n}步", (Role.OFFICE,)) for n in range(9)], "steps.many"),
    ],
)
async def test_steps_that_nobody_could_walk_are_refused(desk: Desk, wanted: list[Step], code: str) -> None:
    async with desk.units.act(desk.people["何主任"], NOW) as uow:
        with pytest.raises(Refusal) as refused:
            await review_steps.set_steps(uow, wanted)
        assert refused.value.code == code
        assert await review_steps.steps(uow.db) == list(review_steps.DEFAULT)


async def test_without_signatures_no_person_changes_what_is_public(desk: Desk) -> None:
    entry = await desk.brought_in()
    number = await desk.in_review("编辑小何", entry, "change", DEARER)
    half = await desk.revision(number)
    for who in ("编辑小何", "周科长", "何主任", "管理员老孙"):
        async with desk.units.act(desk.people[who], NOW) as uow:
            with pytest.raises(Refusal, match="您的账号不能"):
                await library.change(uow, entry, DEARER)
            with pytest.raises(Refusal, match="您的账号不能"):
                await library.publish(uow, entry, signed=half)
            with pytest.raises(Refusal, match="您的账号不能"):
                await library.retire(uow, entry, "原因")
            with pytest.raises(Refusal, match="您的账号不能"):
                await library.repeal(uow, entry, date(2026, 11, 1))
    async with desk.units.act(desk.people["编辑小何"], NOW) as uow:
        with pytest.raises(Refusal, match="起草修改"):
            await library.import_rows(uow, [DEARER])
        with pytest.raises(Refusal, match="您的账号不能"):
            await library.import_rows(uow, [DEARER], publish_too=True)
    async with desk.units.act(desk.people["管理员老孙"], NOW) as uow:
        with pytest.raises(Refusal, match="您的账号不能"):
            await library.import_rows(uow, [replace(WATER, index_no="SL-9")])
        with pytest.raises(Refusal, match="您的账号不能"):
            await review.propose(uow, entry, RevisionAction.CHANGE, DEARER)
    assert (await desk.entry(entry)).body == WATER.body


async def test_the_month_lists_what_was_signed_in_shanghai_time(desk: Desk) -> None:
    last_minute = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)
    first_minute = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    number = await desk.propose("编辑小何", None, "publish", WATER, at=last_minute)
    await desk.submit("编辑小何", number, at=last_minute)
    await desk.sign("周科长", number, comment="=1+1", at=last_minute)
    await desk.sign("何主任", number, at=first_minute)
    other = await desk.in_review("编辑小唐", None, "publish", replace(WATER, index_no="SL-2", title="退回的"))
    await desk.sign("周科长", other, passed=False, comment="重了")
    await desk.in_review("编辑小唐", None, "publish", replace(WATER, index_no="SL-3", title="没人签的"))
    async with desk.units.read(desk.people["周科长"]) as uow:
        october = table(await reviewed(uow, 2026, 10))
        november = table(await reviewed(uow, 2026, 11))
        assert await reviewed(uow, 2026, 12) == []
    assert [row[1] for row in october] == ["自来水水费怎样计算"]
    assert october[0][5] == "科室负责人 周科长 2026-10-31 23:59 同意：=1+1"
    assert [(row[1], row[3], row[6]) for row in november] == [
        ("自来水水费怎样计算", "编辑小何", "通过"),
        ("退回的", "编辑小唐", "退回"),
    ]
    assert november[0][5].endswith("分管领导 何主任 2026-11-01 00:00 同意")


async def test_the_version_rises_only_with_what_the_public_reads(desk: Desk) -> None:
    async def version() -> int:
        async with desk.units.read() as uow:
            state = await uow.db.get(CatalogState, 1)
        return state.version if state else 0

    entry = await desk.brought_in()
    before = await version()
    number = await desk.in_review("编辑小何", entry, "change", DEARER)
    await desk.sign("周科长", number)
    assert await version() == before
    await desk.sign("何主任", number)
    assert await version() > before
    assert (await desk.entry(entry)).body == DEARER.body


async def test_on_either_database_a_revision_walks_its_way(database: Database) -> None:
    desk = await gathered(Units(database))
    number = await desk.in_review("编辑小何", None, "publish", WATER)
    await desk.sign("周科长", number)
    await desk.sign("何主任", number)
    assert (await desk.entry((await desk.revision(number)).entry_id)).status == EntryStatus.PUBLISHED


async def test_taking_an_answer_down_and_signing_do_not_wait_for_each_other(database: Database) -> None:
    desk = await gathered(Units(database))
    number = await desk.in_review("编辑小何", None, "publish", WATER, body_id=2, origin="answer:12")
    noted, signing = asyncio.Event(), asyncio.Event()

    async def takes_down() -> int:
        async with desk.units.act(SYSTEM, NOW) as uow:
            await note(uow, "question.remove", "item:12")
            await uow.db.flush()
            noted.set()
            await signing.wait()
            # Long enough for the signer to come as far as it can.
            await asyncio.sleep(0.3)
            return await sources.silence(uow, [12])

    async def signs() -> None:
        await noted.wait()
        signing.set()
        await desk.sign("外单位老吴", number)

    fell, signed = await asyncio.gather(takes_down(), signs(), return_exceptions=True)
    assert fell == 1
    assert isinstance(signed, Refusal)
    assert signed.code == "review.not_open"
    assert (await desk.entry(1)).status == EntryStatus.RETIRED


async def test_a_programme_may_draft_but_never_sign(desk: Desk) -> None:
    async with desk.units.act(SYSTEM, NOW) as uow:
        revision = await review.propose(uow, None, RevisionAction.PUBLISH, WATER)
        await review.submit(uow, revision.id or 0)
        for actor in (SYSTEM, Actor(None, Role.OFFICE, "没有账号的人")):
            with pytest.raises(Refusal, match="您的账号不能"):
                await review.sign(uow.retold(actor, NOW), revision.id or 0, True)
