"""周科长 edits the tree of classes, and the entries follow."""

from dataclasses import replace

import pytest

from base.db import UnitOfWork, Units
from base.errors import Refusal
from faq import classes, drafts, library
from faq.models import CLASSES

from .reviewing import DEARER, NOW, WATER, Desk, gathered


@pytest.fixture
async def desk(units: Units) -> Desk:
    return await gathered(units)


async def shape(uow: UnitOfWork) -> list[str]:
    return [
        "　" * node.depth + node.name + ("" if node.listed else "？") for node in await classes.tree(uow.db)
    ]


async def test_a_catalogue_starts_with_the_known_classes(desk: Desk) -> None:
    async with desk.units.read() as uow:
        assert await shape(uow) == list(CLASSES)
        assert await classes.below(uow.db, "办事指南") == ["办事指南"]


async def test_the_office_grows_and_orders_the_tree(desk: Desk) -> None:
    async with desk.units.act(desk.people["周科长"], NOW) as uow:
        await classes.add(uow, "医保", "办事指南")
        await classes.add(uow, "水电气", "办事指南")
        await classes.add(uow, "水费", "水电气")
        await classes.order(uow, "水电气", "up")
        await classes.order(uow, "水电气", "up")
        await classes.move(uow, "公告", "政策法规")
        await classes.drop(uow, "规划计划")
    async with desk.units.read() as uow:
        assert await shape(uow) == [
            "机构职能", "政策法规", "　公告", "业务工作", "办事指南", "　水电气", "　　水费", "　医保", "其他",
        ]  # fmt: skip
        assert await classes.below(uow.db, "办事指南") == ["办事指南", "水电气", "水费", "医保"]
        assert await classes.path(uow.db, "水费") == ["办事指南", "水电气", "水费"]
        assert (await classes.tree(uow.db)).path("没有的") == ["没有的"]


async def test_entries_and_drafts_follow_a_class_that_is_renamed(desk: Desk) -> None:
    entry = await desk.brought_in()
    number = await desk.in_review("编辑小何", entry, "change", DEARER)
    async with desk.units.act(desk.people["周科长"], NOW) as uow:
        before = await library.version(uow.db)
        assert await classes.rename(uow, "办事指南", "服务指南") == 1
        assert await library.version(uow.db) > before
    stored = await desk.entry(entry)
    assert stored.category == "服务指南"
    assert stored.revision > before
    assert drafts.of_revision(await desk.revision(number)).row.category == "服务指南"
    await desk.sign("周科长", number)
    await desk.sign("何主任", number)
    assert ((await desk.entry(entry)).category, (await desk.entry(entry)).body) == ("服务指南", DEARER.body)


async def test_a_class_that_only_a_file_knew_is_shown_and_can_join_another(desk: Desk) -> None:
    entry = await desk.brought_in(replace(WATER, category="通知公告"))
    async with desk.units.act(desk.people["周科长"], NOW) as uow:
        assert (await shape(uow))[-1] == "通知公告？"
        with pytest.raises(Refusal, match="没有找到"):
            await classes.drop(uow, "通知公告")
        await classes.rename(uow, "通知公告", "公告")
        assert await shape(uow) == list(CLASSES)
    assert (await desk.entry(entry)).category == "公告"


async def test_what_would_break_the_tree_is_refused_in_words(desk: Desk) -> None:
    await desk.brought_in()
    await desk.propose("编辑小何", None, "publish", replace(WATER, index_no="SL-2", category="公告"))
    async with desk.units.act(desk.people["周科长"], NOW) as uow:
        await classes.add(uow, "医保", "业务工作")
        for act, code in (
            (classes.drop(uow, "办事指南"), "class.used"),
            (classes.drop(uow, "公告"), "class.used"),
            (classes.drop(uow, "业务工作"), "class.children"),
            (classes.drop(uow, "没有的"), "not_found"),
            (classes.add(uow, "医保"), "class.exists"),
            (classes.add(uow, " "), "text.empty"),
            (classes.add(uow, "类" * 21), "text.too_long"),
            (classes.rename(uow, "医保", "公告"), "class.exists"),
            (classes.rename(uow, "没有的", "别的"), "not_found"),
            (classes.move(uow, "业务工作", "医保"), "class.loop"),
            (classes.move(uow, "业务工作", "业务工作"), "class.loop"),
        ):
            with pytest.raises(Refusal) as refused:
                await act
            assert refused.value.code == code
        await classes.add(uow, "三层", "医保")
        await classes.add(uow, "四层", "三层")
        with pytest.raises(Refusal, match="最多4层"):
            await classes.add(uow, "五层", "四层")
        with pytest.raises(Refusal, match="最多4层"):
            await classes.move(uow, "业务工作", "政策法规")


async def test_only_the_office_edits_the_tree(desk: Desk) -> None:
    for who in ("编辑小何", "何主任", "管理员老孙", "许主任"):
        async with desk.units.act(desk.people[who], NOW) as uow:
            for act in (
                classes.add(uow, "新的"),
                classes.rename(uow, "公告", "新的"),
                classes.move(uow, "公告", "其他"),
                classes.order(uow, "公告", "up"),
                classes.drop(uow, "公告"),
            ):
                with pytest.raises(Refusal, match="您的账号不能"):
                    await act
