"""What is like what: offered to 网友 who type, shown to 审核员小张, sorted for 许主任 and 周科长 beforehand."""

import re
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlmodel import col

from base.people import SYSTEM
from faq import library
from faq.models import Ask
from faq.table_file import Row
from interviews.models import Question
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from web import alike

TEXT = "居民医保断缴一年，补交以后住院能不能报销？"
NEARLY = "居民医保断缴一年，补交以后住院还能不能报销？"
ENTRY = "居民医保断缴后怎样补缴"
WAITS = "断缴一年住院报销的事，还没有审核的那一个？"


@pytest.fixture
async def browser(town: Town) -> Browser:
    return Browser(town)


@pytest.fixture
async def catalogue(town: Town) -> None:
    """One entry about what is asked."""
    row = Row(
        index_no="SL-2026-0001",
        category="办事指南",
        title=ENTRY,
        question="居民医保断缴一年，补缴以后住院能不能报销",
        alts=(),
        body="断缴后补缴的，从缴费之日起三个月以后享受待遇。",
        issuer="示例市医疗保障局",
        section=None,
        document_no=None,
        keywords=None,
        made_on=None,
        published_on=cast.PLANNED.date(),
        openness="主动公开",
        in_force=True,
        repealed_on=None,
        successor=None,
    )
    async with town.city.units.act(SYSTEM, cast.DURING) as uow:
        await library.import_rows(uow, [row], publish_too=True)


async def similar(town: Town, text: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    path = f"/api/interviews/{town.city.interview}/similar"
    headers = headers or {"X-Visitor": await town.visitor()}
    async with town.client.post(path, json={"text": text}, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        told: dict[str, Any] = await answer.json()
        return told


# While 网友 type


@pytest.mark.usefixtures("catalogue")
async def test_whoever_types_is_offered_what_is_public_and_what_an_entry_says(town: Town) -> None:
    city = town.city
    public = await city.published("网友乙", TEXT)
    await city.published("网友乙", "配眼镜能刷个人账户吗？")
    await city.asks("网友丙", WAITS)
    told = await similar(town, "断缴一年，住院报销")
    assert told["questions"] == [
        {
            "id": public,
            "number": 1,
            "text": TEXT,
            "supports": 0,
            "status": "published",
            "url": f"/interviews/{city.interview}#q1",
            "can_support": True,
        }
    ]
    (entry,) = (await similar(town, TEXT))["entries"]
    assert entry == {
        "entry": 1,
        "question": "居民医保断缴一年，补缴以后住院能不能报销",
        "url": "/faq/entries/1",
        "in_force": True,
    }


async def test_no_more_than_five_and_nothing_for_nothing(town: Town) -> None:
    for number in range(7):
        await town.city.published("网友乙", f"断缴{number}个月，住院能不能报销？")
    assert len((await similar(town, "断缴几个月住院能不能报销"))["questions"]) == alike.OFFERED
    for text in ("", "   ", "断", "？？？", "😀😀😀", "断缴" * 400):
        assert set(await similar(town, text)) == {"questions", "entries", "elsewhere"}
    assert (await similar(town, "红烧鱼怎么做才好吃"))["questions"] == []
    assert (await similar(town, ""))["questions"] == []


async def test_nothing_of_what_waits_was_declined_or_taken_down_is_offered(town: Town) -> None:
    city = town.city
    declined = await city.asks("网友丙", WAITS)
    await city.does("审核员小张", "question.decline", question=declined, reason="not_a_question")
    await city.asks("网友丙", TEXT)
    visitor = {"X-Visitor": await town.visitor()}
    assert (await town.ask(visitor["X-Visitor"], NEARLY, "client-own-1"))[0] == 201
    for headers in ({}, visitor, await town.bearer("周科长"), await town.bearer("审核员小张")):
        assert (await similar(town, TEXT, headers))["questions"] == []
    removed = await city.published("网友乙", TEXT)
    assert len((await similar(town, TEXT))["questions"]) == 1
    async with city.act("审核员小张", cast.DURING) as uow:
        item = (await uow.db.get_one(Question, removed)).item_id
    await city.does("审核员小张", "question.remove", item=item, reason="有电话号码")
    assert (await similar(town, TEXT))["questions"] == []


async def test_ones_own_and_what_one_supports_already_cannot_be_supported_again(town: Town) -> None:
    visitor = await town.visitor()
    headers = {"X-Visitor": visitor}
    _, asked = await town.ask(visitor, TEXT, "client-own-2")
    await town.city.does("审核员小张", "question.publish", question=asked["question"])
    other = await town.city.published("网友乙", NEARLY)
    assert {q["id"]: q["can_support"] for q in (await similar(town, TEXT, headers))["questions"]} == {
        asked["question"]: False,
        other: True,
    }
    async with town.client.post(
        "/api/commands/question.support", json={"question": other}, headers=headers
    ) as answer:
        assert answer.status == 200
    assert not any(q["can_support"] for q in (await similar(town, TEXT, headers))["questions"])


async def test_what_was_typed_is_kept_nowhere_and_too_fast_is_refused(town: Town) -> None:
    statements: list[str] = []
    engine = town.city.units.database.writer.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    headers = {"X-Visitor": await town.visitor()}
    await similar(town, TEXT)
    statements.clear()
    await similar(town, TEXT, headers)
    assert [one for one in statements if one.split()[0] in ("INSERT", "UPDATE", "DELETE")] == []
    async with town.city.act("周科长", cast.DURING) as uow:
        assert await uow.db.scalar(select(func.count(col(Ask.id)))) == 0
    path = f"/api/interviews/{town.city.interview}/similar"
    statuses = []
    for _ in range(95):
        async with town.client.post(path, json={"text": "x"}, headers=headers) as answer:
            statuses.append(answer.status)
    assert statuses.count(429) >= 5
    assert statuses[0] == 200


async def test_a_form_without_a_script_offers_once_and_loses_nothing(browser: Browser) -> None:
    city = browser.town.city
    await city.published("网友乙", TEXT)
    await browser.opens(f"/interviews/{city.interview}")
    path = f"/interviews/{city.interview}/questions"
    typed = {"text": NEARLY, "kind": "opinion", "nickname": "水边人", "client_id": "form-similar-1"}
    assert await browser.sends(path, **typed) == 200
    assert "已经有人问过很像的" in browser.text
    assert f">{NEARLY}</textarea>" in browser.text
    assert 'value="水边人"' in browser.text
    assert 'value="opinion" checked' in browser.text
    assert 'name="client_id" value="form-similar-1"' in browser.text
    assert 'name="anyway" value="yes"' in browser.text
    assert "仍要提交我的" in browser.text
    async with city.act("周科长", cast.DURING) as uow:
        assert await uow.db.scalar(select(func.count(col(Question.id)))) == 1
    assert await browser.sends(path, **typed, anyway="yes") == 200
    assert browser.path.startswith("/questions/")
    # Sent again by an impatient finger: the same receipt, no offer in between.
    receipt = browser.path
    await browser.opens(f"/interviews/{city.interview}")
    await browser.sends(path, **typed)
    assert browser.path == receipt


async def test_whoever_finds_it_asked_already_supports_it_by_form(browser: Browser) -> None:
    city = browser.town.city
    question = await city.published("网友乙", TEXT)
    await browser.opens(f"/interviews/{city.interview}")
    typed = {"text": NEARLY, "kind": "inquiry", "client_id": "form-similar-2"}
    await browser.sends(f"/interviews/{city.interview}/questions", **typed)
    assert re.search(
        rf'<form id="too-{question}" method="post" action="/questions/{question}/support">', browser.text
    )
    assert f'form="too-{question}"' in browser.text
    back = f"/interviews/{city.interview}#q1"
    assert await browser.sends(f"/questions/{question}/support", back=back) == 200
    assert browser.path == f"/interviews/{city.interview}"
    assert (await similar(browser.town, TEXT))["questions"][0]["supports"] == 1


async def test_another_matter_and_a_useless_text_are_not_held_up(browser: Browser) -> None:
    city = browser.town.city
    await city.published("网友乙", TEXT)
    await browser.opens(f"/interviews/{city.interview}")
    path = f"/interviews/{city.interview}/questions"
    other = {"text": "药店买药能走统筹吗？", "kind": "inquiry", "client_id": "form-similar-3"}
    await browser.sends(path, **other)
    assert browser.path.startswith("/questions/")
    await browser.opens(f"/interviews/{city.interview}")
    assert await browser.sends(path, text="  ", kind="inquiry", client_id="form-similar-4") == 400
    assert await browser.sends(path, text=NEARLY, kind="inquiry", client_id="bad\x00id") == 400


async def test_a_programs_submission_is_never_held_up(town: Town) -> None:
    await town.city.published("网友乙", TEXT)
    assert (await town.ask(await town.visitor(), TEXT, "client-same-1"))[0] == 201


# 审核员小张


@pytest.mark.usefixtures("catalogue")
async def test_the_moderator_sees_how_alike_and_merges_with_one_press(browser: Browser) -> None:
    city = browser.town.city
    into = await city.published("网友乙", TEXT)
    asked = await city.asks("网友丙", "居民医保断缴一年，补缴以后住院能不能报销？")
    await browser.signs_in("moderator", f"/host/{city.interview}")
    card = browser.text[browser.text.index('<ol id="queue">') : browser.text.index('id="queue-empty"')]
    assert "<b>很像1号</b>" in card
    assert "并进1号" in card
    assert f'<a href="/faq/entries/1">{ENTRY}</a>（SL-2026-0001）' in card
    await browser.sends("/do/question.merge", question=asked, into=into, back=f"/host/{city.interview}")
    assert "合并了" in browser.text
    assert "很像" not in browser.text


async def test_of_two_that_wait_neither_can_be_merged_yet(browser: Browser) -> None:
    city = browser.town.city
    first, second = await city.asks("网友乙", TEXT), await city.asks("网友丙", NEARLY)
    await browser.signs_in("moderator", f"/host/{city.interview}")
    assert browser.text.count("<b>很像还在等审核的一个</b>") == 2
    assert "并进" not in browser.text
    path = f"/host/{city.interview}/similar?questions={first},{second},abc,{10**12}"
    async with browser.client.get(path) as answer:
        told = await answer.json()
    assert set(told) == {str(first), str(second)}
    assert told[str(first)]["similar"] == [
        {"question": second, "number": None, "text": NEARLY, "words": "很像", "can_merge": False}
    ]
    assert told[str(first)]["entry"] is None


async def test_a_question_of_another_interview_is_not_told_about(browser: Browser) -> None:
    city = browser.town.city
    here, asked = city.interview, await city.asks("网友乙", TEXT)
    await city.plan(cast.at("2026-04-10 14:30"))
    there, city.interview = city.interview, here
    await browser.signs_in("office", f"/host/{there}")
    async with browser.client.get(f"/host/{there}/similar?questions={asked}") as answer:
        assert await answer.json() == {}


async def test_the_console_looks_at_the_first_twenty_alone(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "LOOKED_AT", 1)
    city = browser.town.city
    await city.published("网友乙", TEXT)
    await city.asks("网友丙", NEARLY)
    await city.asks("网友甲", NEARLY)
    await browser.signs_in("moderator", f"/host/{city.interview}")
    assert browser.text.count("很像1号") == 1


# The question's own page


async def test_beside_a_question_stand_the_public_ones_near_to_it(browser: Browser) -> None:
    city = browser.town.city
    question = await city.published("网友乙", TEXT)
    await city.published("网友丙", NEARLY)
    await city.published("网友丙", "配眼镜能刷个人账户吗？")
    await city.asks("网友甲", WAITS)
    async with city.act("周科长", cast.DURING) as uow:
        receipt = (await uow.db.get_one(Question, question)).receipt
    await browser.opens(f"/questions/{receipt}")
    beside = browser.text[browser.text.index('id="h-like"') :]
    assert f"2号：{NEARLY}" in beside
    assert "1号：" not in beside
    assert "配眼镜" not in beside
    assert WAITS not in browser.text


# The pack


async def packed(browser: Browser) -> list[int]:
    """Eight public questions, two pairs of them the same, one of each pair merged or not; and one that waits."""
    city = browser.town.city
    texts = (
        "老楼加装电梯，一楼不同意怎么办？",
        "六层老楼想加装电梯，一楼的住户就是不签字，怎么办？",
        TEXT,
        NEARLY,
        "配眼镜能刷个人账户吗？",
        "楼下水泵房夜里嗡嗡响，谁来治？",
    )
    found = [await city.published("网友乙", text) for text in texts]
    await city.asks("网友丙", WAITS)
    await city.does("网友甲", "question.support", question=found[0])
    await city.does("网友丙", "question.support", question=found[0])
    await city.does("网友丙", "question.support", question=found[5])
    await city.does("审核员小张", "question.merge", question=found[3], into=found[2])
    return found


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("role", "page"), [("clerk", "/desk/interviews/{}"), ("office", "/office/interviews/{}")]
)
async def test_the_pack_stands_by_theme_with_every_question_once(
    browser: Browser, role: str, page: str
) -> None:
    found = await packed(browser)
    city = browser.town.city
    await browser.signs_in(role, page.format(city.interview))
    assert browser.status == 200
    begins = browser.text.index('id="h-p"')
    pack = browser.text[begins:]
    assert f"大家想问的{len(found)}个" in pack
    assert sorted(int(number) for number in re.findall(r'<li[^>]* id="q(\d+)"', pack)) == list(
        range(1, len(found) + 1)
    )
    assert WAITS not in browser.text[begins : pack.find("</section>", begins) + begins]
    first = pack[: pack.index("</section>")]
    assert "加装电梯</h3>" in first
    assert "2个提问，1件事，2人支持" in first
    assert "像是同一件事的还有1个，一共2人支持" in first
    assert "（已经并入）" in pack
    assert f'目录里可能已有答案：<a href="/faq/entries/1">{ENTRY}</a>（SL-2026-0001）' in pack


async def test_before_anybody_asked_the_pack_says_so(browser: Browser) -> None:
    await browser.signs_in("clerk", f"/desk/interviews/{browser.town.city.interview}")
    assert "还没有人提问" in browser.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("想看看我们小区的消防验收报告", "20个工作日"),
        ("我去年去北京信访过", "60日内办结"),
        ("理发店关门不退钱", "12345"),
        ("断缴几年不能报销", None),
    ],
)
async def test_whoever_writes_at_the_wrong_door_is_told_while_writing(
    town: Town, text: str, told: str | None
) -> None:
    path = f"/api/interviews/{town.city.interview}/similar"
    headers = {"X-Visitor": await town.visitor()}
    async with town.client.post(path, json={"text": text}, headers=headers) as answer:
        said = (await answer.json())["elsewhere"]
    assert said is None if told is None else told in said
