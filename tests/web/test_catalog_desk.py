"""目录编辑 writes, the office and the supervisor sign, in a browser without scripts."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date, utcnow
from base.people import SYSTEM, Person, Role
from faq import drafts, library, review
from faq.models import Ask, CatalogEntry, EntryRevision, RevisionAction
from tests import cast
from tests.faq.reviewing import DEARER, WATER
from tests.web.browser import Browser
from tests.web.conftest import Town

PATH = "/office/catalog"
TYPED = {
    "title": "自来水水费怎样计算",
    "question": "水费多少钱一吨",
    "alts": "一吨水多少钱\n\n 水价 ",
    "body": "每立方米2.8元。",
    "category": "办事指南",
    "index_no": "SL-2026-0501",
    "issuer": "示例市水务局",
    "openness": "主动公开",
    "in_force": "yes",
}


@pytest.fixture
def browser(town: Town) -> Browser:
    return Browser(town)


async def sent(browser: Browser, path: str, **typed: Any) -> int:
    """Send a form of the page that is open, with what it remembers of the revision."""
    seen = re.search(r'name="seen" value="([^"]*)"', browser.text)
    return await browser.sends(path, **({"seen": seen[1] if seen else ""} | typed))


async def in_review(browser: Browser, **other: str) -> str:
    """目录编辑 writes an entry and sends it into the review; its address."""
    await browser.signs_in("editor", f"{PATH}/new")
    await sent(browser, f"{PATH}/new", **(TYPED | other), then="submit")
    assert browser.status == 200, browser.text
    return browser.path


async def test_the_page_names_who_may_sign_next_or_says_that_nobody_can(browser: Browser, town: Town) -> None:
    entry = await in_review(browser)
    assert "等签字，周科长能签" in browser.text
    async with town.city.act("周科长", cast.DURING) as uow:
        for person in await uow.db.scalars(select(Person).where(col(Person.role) == Role.OFFICE)):
            person.disabled_at = uow.now
    await browser.opens(entry)
    assert "没有人能签" in browser.text
    assert "请管理员再开一个账号" in browser.text


async def test_an_entry_walks_from_the_editor_to_the_public(browser: Browser) -> None:
    entry = await in_review(browser)
    assert "送审了" in browser.text
    assert "等签字" in browser.text
    assert "同意，签字" not in browser.text
    public = entry.replace(PATH, "/faq/entries")
    await browser.signs_in("office", PATH)
    assert ">待我签</h2>" in browser.text
    await browser.opens(entry)
    await sent(browser, f"{entry}/sign", decision="pass", comment="数字核过")
    assert "已经到下一步" in browser.text
    assert "您不在这一步的签字人里" not in browser.text
    assert "您已经签过前面一步" in browser.text
    assert await browser.opens(public) == 404
    await browser.signs_in("supervisor", entry)
    await sent(browser, f"{entry}/sign", decision="pass")
    assert "这是最后一步，已经生效" in browser.text
    assert "数字核过" in browser.text
    assert await browser.opens(public) == 200
    assert "每立方米2.8元。" in browser.text
    await browser.sends("/faq", text="一吨水多少钱")
    assert "每立方米2.8元。" in browser.text


async def test_a_returned_one_says_why_and_is_written_again(browser: Browser) -> None:
    entry = await in_review(browser)
    await browser.signs_in("office", entry)
    await sent(browser, f"{entry}/sign", decision="return", comment=" ")
    assert browser.status == 400
    assert "退回要写明要改什么" in browser.text
    await sent(browser, f"{entry}/sign", decision="return", comment="价格不对")
    await browser.signs_in("editor", entry)
    assert "退回：价格不对" in browser.text
    await browser.opens(f"{entry}/edit")
    assert ">每立方米2.8元。</textarea>" in browser.text
    assert "一吨水多少钱\n水价</textarea>" in browser.text
    await sent(browser, f"{entry}/edit", **(TYPED | {"body": "每立方米3元。"}), then="submit")
    assert "送审了" in browser.text


async def test_a_change_shows_what_differs_before_anybody_signs(browser: Browser) -> None:
    entry = await brought_in(browser.town)
    await browser.signs_in("editor", f"{entry}/edit")
    await sent(browser, f"{entry}/edit", **TYPED | {"body": "每立方米3元。"}, then="submit")
    assert "<del>2.8</del>" in browser.text
    assert "<ins><mark>3</mark></ins>" in browser.text
    await browser.opens(entry.replace(PATH, "/faq/entries"))
    assert "每立方米2.8元。" in browser.text
    assert "每立方米3元。" not in browser.text


async def brought_in(town: Town, **other: Any) -> str:
    """An entry that the operator brought in; its address at the desk."""
    async with town.city.units.act(SYSTEM, cast.DURING) as uow:
        await library.import_rows(uow, [WATER], publish_too=True)
        number = (await uow.db.execute(select(col(CatalogEntry.id)))).scalars().first()
    return f"{PATH}/{number}"


async def test_what_somebody_else_saved_is_shown_and_not_written_over(browser: Browser, town: Town) -> None:
    await browser.signs_in("editor", f"{PATH}/new")
    await sent(browser, f"{PATH}/new", **TYPED, then="keep")
    entry = browser.path
    await browser.opens(f"{entry}/edit")
    async with town.city.act("周科长", cast.DURING) as uow:
        revision = (await uow.db.scalars(select(EntryRevision))).one()
        await review.edit(uow, revision.id or 0, DEARER)
    await sent(browser, f"{entry}/edit", **TYPED | {"title": "水费"}, then="keep")
    assert browser.status == 409
    assert "您打开以后，别人存过这一份" in browser.text
    assert "别人存的和您写的差在哪里" in browser.text
    assert 'value="水费"' in browser.text
    await sent(browser, f"{entry}/edit", **TYPED | {"title": "水费"}, then="keep")
    assert browser.status == 200
    assert "存成草稿了" in browser.text


async def test_the_form_says_beside_each_field_what_is_wrong(browser: Browser) -> None:
    await browser.signs_in("editor", f"{PATH}/new")
    assert re.search(r'name="index_no"[^>]*value="GK-\d{4}-0001"', browser.text)
    await sent(browser, f"{PATH}/new", **TYPED | {"title": " ", "made_on": "五月", "openness": "随便"})
    assert browser.status == 400
    for said in ("请写上标题。", "成文日期要写成2026-05-18这样。", "请选公开属性。"):
        assert said in browser.text
    assert ">每立方米2.8元。</textarea>" in browser.text
    await sent(browser, f"{PATH}/new", **TYPED | {"openness": "不予公开"}, then="submit")
    assert "只能存草稿，不能送审发布" in browser.text
    await sent(browser, f"{PATH}/new", **TYPED | {"openness": "不予公开"}, then="keep")
    assert "存成草稿了" in browser.text
    await browser.opens(f"{PATH}/new")
    assert 'value="SL-2026-0502"' in browser.text or 'value="SL-20' in browser.text


async def test_a_title_of_marks_alone_is_refused_beside_its_field(browser: Browser) -> None:
    await browser.signs_in("editor", f"{PATH}/new")
    for then in ("keep", "submit"):
        assert await sent(browser, f"{PATH}/new", **(TYPED | {"title": "💧？！"}), then=then) == 400
        assert "标题只有符号，至少要有一个字、字母或者数字。请改写。" in browser.text
        assert 'value="💧？！"' in browser.text


async def test_a_day_of_publication_that_has_not_come_is_refused_beside_its_field(browser: Browser) -> None:
    await browser.signs_in("editor", f"{PATH}/new")
    late = TYPED | {"published_on": (office_date(utcnow()) + timedelta(days=2)).isoformat()}
    for then in ("keep", "submit"):
        assert await sent(browser, f"{PATH}/new", **late, then=then) == 400
        assert re.search(
            r'id="published_on-e">发布日期\d+年\d+月\d+日还没有到。请写今天或者以前的日期', browser.text
        )
    await sent(
        browser, f"{PATH}/new", **TYPED | {"published_on": office_date(utcnow()).isoformat()}, then="keep"
    )
    assert "存成草稿了" in browser.text


async def test_taking_down_and_repealing_are_sent_into_review(browser: Browser) -> None:
    entry = await brought_in(browser.town)
    await browser.signs_in("editor", entry)
    await sent(browser, f"{entry}/repeal", repealed_on="x", reason="新价目")
    assert browser.status == 400
    assert "请填“废止日期”" in browser.text
    await sent(browser, f"{entry}/repeal", repealed_on="2026-03-01", reason="新价目", successor="SL-2")
    assert "废止送审了" in browser.text
    await sent(browser, f"{entry}/withdraw")
    assert "撤回了" in browser.text
    await sent(browser, f"{entry}/retire", reason=" ")
    assert "撤下要写明原因" in browser.text
    await sent(browser, f"{entry}/retire", reason="重了")
    assert "撤下送审了" in browser.text
    assert await browser.opens(entry.replace(PATH, "/faq/entries")) == 200
    await sent(browser, f"{entry}/edit", **TYPED)
    assert "已经在办这一条" in browser.text


async def test_the_list_is_narrowed_by_its_address(browser: Browser) -> None:
    await brought_in(browser.town)
    entry = await in_review(browser, index_no="SL-2026-0777", title="公园几点开门", category="公告")
    for query, there, gone in (
        ("", ("公园几点开门", "自来水水费"), ()),
        ("?status=draft", ("公园几点开门",), ("自来水水费",)),
        ("?status=published&class=办事指南", ("自来水水费",), ("公园几点开门",)),
        ("?open=review", ("公园几点开门", "发布，等科室负责人签"), ("自来水水费",)),
        ("?q=公园 开门", ("公园几点开门",), ("自来水水费",)),
        ("?q=没有的词", ("没有这样的条目",), ("自来水水费", "公园几点开门")),
        ("?due=1", ("没有这样的条目",), ()),
    ):
        await browser.opens(PATH + query)
        listed = browser.text.partition('id="h-list"')[2]
        assert all(text in listed for text in there), query
        assert not any(text in listed for text in gone), query
    assert entry.removeprefix(PATH + "/").isdecimal()


async def test_the_month_is_a_page_and_a_file_without_formulas(browser: Browser, town: Town) -> None:
    entry = await in_review(browser, title="=1+1")
    await browser.signs_in("office", entry)
    await sent(browser, f"{entry}/sign", decision="pass", comment="@核过")
    await browser.opens(f"{PATH}/reviewed")
    assert "=1+1" in browser.text
    assert "周科长" in browser.text or "同意" in browser.text
    async with town.client.get(f"{PATH}/reviewed.xlsx") as answer:
        sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "=1+1" in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    async with town.client.get(f"{PATH}/reviewed.csv") as answer:
        assert "'=1+1" in await answer.text()
    await browser.opens(f"{PATH}/reviewed?month=2001-02")
    assert "这个月没有审过的" in browser.text


async def test_a_clerk_signs_what_their_own_body_answered_and_sees_no_other(
    browser: Browser, town: Town
) -> None:
    numbers = {}
    for index_no, body in (("A-1", "医保局"), ("A-2", "水务局")):
        async with town.city.act("周科长", cast.DURING) as uow:
            row = replace(WATER, index_no=index_no, title=f"{body}答的")
            one = await review.propose(
                uow, None, RevisionAction.PUBLISH, row, body_id=town.city.bodies[body], origin="answer:1"
            )
            await review.submit(uow, one.id or 0)
            numbers[body] = one.id
    await browser.signs_in("clerk", "/desk/catalog")
    assert "医保局答的" in browser.text
    assert "水务局答的" not in browser.text
    assert await browser.opens(f"/desk/catalog/{numbers['水务局']}") == 404
    assert await browser.opens(f"/desk/catalog/{numbers['医保局']}") == 200
    seen = re.search(r'name="seen" value="([^"]*)"', browser.text)
    assert seen is not None
    assert (
        await browser.sends(f"/desk/catalog/{numbers['水务局']}/sign", decision="pass", seen=seen[1]) == 404
    )
    await browser.opens(f"/desk/catalog/{numbers['医保局']}")
    await sent(browser, f"/desk/catalog/{numbers['医保局']}/sign", decision="pass")
    assert "没有等本单位签的" in browser.text


async def proposed(town: Town, who: str, *index_nos: str, **more: Any) -> dict[str, int]:
    """New entries of somebody's that wait for their first signature; the revision of each by 索引号."""
    numbers = {}
    for index_no in index_nos:
        async with town.city.act(who, cast.DURING) as uow:
            row = replace(WATER, index_no=index_no, title=f"{index_no}号水价", body=f"{index_no}的正文。")
            one = await review.propose(uow, None, RevisionAction.PUBLISH, row, **more)
            await review.submit(uow, one.id or 0)
            numbers[index_no] = one.id or 0
    return numbers


def ticks(page: str) -> dict[int, str]:
    """What can be ticked on a page, by revision."""
    found = re.findall(r'type="checkbox" name="one" value="((\d+) [^"]+)"', page)
    return {int(number): value for value, number in found}


async def statuses(town: Town) -> dict[str, tuple[str, int]]:
    async with town.city.units.read() as uow:
        every = await uow.db.scalars(select(EntryRevision))
        return {one.fields["index_no"]: (one.status, one.step) for one in every}


async def test_several_are_read_and_signed_on_one_page(browser: Browser, town: Town) -> None:
    theirs = await proposed(town, "目录编辑小林", "A-1", "A-2", "A-3")
    await browser.signs_in("office", f"{PATH}?open=mine")
    for said in (
        "发布：A-1号水价",
        "A-1的正文。",
        "目录编辑小林起草",
        "等“科室负责人”签",
        "<dt>别的问法</dt>",
    ):
        assert said in browser.text
    there = ticks(browser.text)
    assert set(there) == set(theirs.values())
    await browser.sends(f"{PATH}/sign", decision="pass", one=[there[theirs["A-1"]], there[theirs["A-3"]]])
    assert "签好了2份，已经到下一步" in browser.text
    assert set(ticks(browser.text)) == {theirs["A-2"]}
    assert await statuses(town) == {"A-1": ("review", 1), "A-2": ("review", 0), "A-3": ("review", 1)}
    await browser.signs_in("supervisor", f"{PATH}?open=mine")
    await browser.sends(f"{PATH}/sign", decision="pass", one=list(ticks(browser.text).values()))
    assert "签好了2份，都是最后一步，已经生效" in browser.text
    await browser.opens("/catalog")
    assert "A-1号水价" in browser.text
    assert "A-2号水价" not in browser.text


async def test_one_of_ones_own_among_several_is_named_and_stops_no_other(
    browser: Browser, town: Town
) -> None:
    theirs = await proposed(town, "目录编辑小林", "A-1", "A-2", "A-9")
    own = await proposed(town, "周科长", "B-7")
    await browser.signs_in("office", f"{PATH}?open=mine")
    there = ticks(browser.text)
    assert own["B-7"] not in there
    async with town.city.units.read() as uow:
        revision = await uow.db.get(EntryRevision, own["B-7"])
    assert revision is not None
    stale = f"{theirs['A-9']} review.1.0.2026-01-01T00:00:00+00:00"
    mine = f"{own['B-7']} {drafts.stamp(revision)}"
    chosen = [there[theirs["A-1"]], mine, stale, there[theirs["A-2"]], "99999 x", "x"]
    await browser.sends(f"{PATH}/sign", decision="pass", one=chosen)
    assert browser.status == 409
    for said in (
        "签好了2份",
        "3份没有办成",
        "B-7</b>：自己起草或者改过的",
        "A-9</b>：您打开以后",
        "第99999份</b>：没有找到",
    ):
        assert said in browser.text, said
    assert await statuses(town) == {
        "A-1": ("review", 1), "A-2": ("review", 1), "A-9": ("review", 0), "B-7": ("review", 0)
    }  # fmt: skip


async def test_several_are_returned_with_one_comment_and_never_without(browser: Browser, town: Town) -> None:
    await proposed(town, "目录编辑小林", "A-1", "A-2")
    await browser.signs_in("office", f"{PATH}?open=mine")
    there = list(ticks(browser.text).values())
    await browser.sends(f"{PATH}/sign", decision="return", one=there, comment=" ")
    assert browser.status == 400
    assert "退回要写明要改什么" in browser.text
    assert browser.text.count(" checked>") == 2
    await browser.sends(f"{PATH}/sign", decision="return", comment="价格不对")
    assert browser.status == 400
    assert "还没有选" in browser.text
    assert "价格不对</textarea>" in browser.text
    await browser.sends(f"{PATH}/sign", decision="pass")
    assert "还没有选" in browser.text
    assert await statuses(town) == {"A-1": ("review", 0), "A-2": ("review", 0)}
    await browser.sends(f"{PATH}/sign", decision="return", one=there, comment="价格不对")
    assert "退回了2份" in browser.text
    assert await statuses(town) == {"A-1": ("returned", 0), "A-2": ("returned", 0)}


async def test_a_change_among_several_shows_what_differs(browser: Browser, town: Town) -> None:
    entry = await brought_in(town)
    number = int(entry.removeprefix(f"{PATH}/"))
    async with town.city.act("目录编辑小林", cast.DURING) as uow:
        one = await review.propose(uow, number, RevisionAction.CHANGE, DEARER)
        await review.submit(uow, one.id or 0)
    await proposed(town, "目录编辑小林", "A-1")
    async with town.city.act("目录编辑小林", cast.DURING) as uow:
        long = replace(WATER, index_no="A-2", title="很长的", body="水" * 5000)
        one = await review.propose(uow, None, RevisionAction.PUBLISH, long)
        await review.submit(uow, one.id or 0)
    await browser.signs_in("office", f"{PATH}?open=mine")
    assert "修改：自来水水费怎样计算" in browser.text
    assert "<del>2.8</del>" in browser.text
    assert "<ins><mark>3</mark></ins>" in browser.text
    assert "水" * 801 not in browser.text
    assert browser.text.count("很长，这里没有全列") == 1


async def test_a_clerk_signs_several_of_their_own_body_and_learns_nothing_of_others(
    browser: Browser, town: Town
) -> None:
    own = await proposed(town, "周科长", "A-1", "A-2", body_id=town.city.bodies["医保局"], origin="answer:1")
    other = await proposed(town, "周科长", "W-1", body_id=town.city.bodies["水务局"], origin="answer:2")
    await browser.signs_in("clerk", "/desk/catalog")
    there = ticks(browser.text)
    assert set(there) == set(own.values())
    await browser.sends(
        "/desk/catalog/sign", decision="pass", one=[there[own["A-1"]], f"{other['W-1']} x"], comment=""
    )
    assert f"第{other['W-1']}份</b>：没有找到" in browser.text
    assert "W-1" not in browser.text
    assert set(ticks(browser.text)) == {own["A-2"]}
    await browser.sends("/desk/catalog/sign", decision="pass", one=list(ticks(browser.text).values()))
    assert "签好了1份" in browser.text
    assert "没有等本单位签的" in browser.text


async def test_the_page_of_an_entry_says_how_it_was_used(browser: Browser, town: Town) -> None:
    entry = await brought_in(town)
    number = int(entry.removeprefix(f"{PATH}/"))
    async with town.city.units.act(SYSTEM, cast.DURING) as uow:
        for text, useful, why, entries, at in (
            ("自来水怎么收钱", True, None, [number], uow.now),
            ("水费贵不贵", False, "没有说阶梯价", [number], uow.now),
            ("水价表在哪", None, None, [number], uow.now),
            ("旧的问法", False, "很久以前", [number], uow.now - timedelta(days=91)),
            ("别的条目", False, "别条的理由", [number + 1], uow.now),
        ):
            uow.db.add(
                Ask(
                    text=text,
                    at=at,
                    outcome="answer",
                    confidence=0.9,
                    entries=entries,
                    useful=useful,
                    feedback_reason=why,
                )
            )
    await browser.signs_in("editor", entry)
    assert "近90天机器人用它答了3次，1次说有用，1次说没有用" in browser.text
    assert "没有说阶梯价" in browser.text
    assert "很久以前" not in browser.text
    assert "别条的理由" not in browser.text
    assert "1种新的问法等着收" in browser.text
    await browser.opens(f"{PATH}/phrasings?entry={number}")
    assert "自来水怎么收钱（1次）" in browser.text


async def test_the_office_sets_the_steps_and_the_editor_reads_them(browser: Browser) -> None:
    await browser.signs_in("editor", f"{PATH}/steps")
    assert "改成这样" not in browser.text
    assert await browser.sends(f"{PATH}/steps", **{"name-1": "我", "roles-1": "editor"}) == 404
    await browser.signs_in("supervisor", f"{PATH}/steps")
    await browser.sends(f"{PATH}/steps", **{"name-1": "科长", "roles-1": "office", "name-2": "主要领导"})
    assert "“主要领导”还没有选由谁签" in browser.text
    assert 'value="主要领导"' in browser.text
    wanted = {"name-1": "科长", "roles-1": "office", "name-3": "主要领导", "roles-3": "supervisor"}
    await browser.sends(f"{PATH}/steps", **wanted)
    assert "步骤改好了" in browser.text
    assert "<b>主要领导</b><span>主管部门</span>" in browser.text


async def test_the_office_edits_the_classes(browser: Browser) -> None:
    await brought_in(browser.town)
    await browser.signs_in("office", f"{PATH}/classes")
    for typed, said in (
        ({"act": "add", "name": "水电气", "under": "办事指南"}, "加上了“水电气”"),
        ({"act": "add", "name": "水电气"}, "已经有“水电气”"),
        ({"act": "rename", "name": "办事指南", "new": "服务"}, "1条跟着改了"),
        ({"act": "up", "name": "服务"}, "上移了一位"),
        ({"act": "move", "name": "水电气", "under": ""}, "移到了最上一层"),
        ({"act": "drop", "name": "服务"}, "里还有1条"),
        ({"act": "drop", "name": "水电气"}, "删掉了"),
        ({"act": "burn", "name": "服务"}, "没有这个操作"),
    ):
        await browser.sends(f"{PATH}/classes", **typed)
        assert said in browser.text, typed
    await browser.signs_in("editor", f"{PATH}/classes")
    assert "加一个类别" not in browser.text


async def test_the_editor_starts_at_the_catalogue_and_the_administrator_finds_nothing(
    browser: Browser,
) -> None:
    await browser.signs_in("editor")
    assert browser.path == PATH
    await browser.signs_in("admin")
    assert browser.path == "/admin"
    entry = await brought_in(browser.town)
    for path in (PATH, entry, f"{entry}/edit", f"{PATH}/new", f"{PATH}/steps", f"{PATH}/reviewed"):
        assert await browser.opens(path) == 404, path
    assert Role.ADMIN not in library.EDITORS
