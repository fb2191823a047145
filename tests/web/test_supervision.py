"""何主任 at /supervise and 许主任 at /desk, in a browser without scripts: lists, instructions, deviations."""

import io
import re
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from interviews import lateness, plans
from interviews.instruction_models import Instruction
from interviews.models import Interview, Respondent
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_notices_print import plain
from web import supervision

LATER = "2026-03-20"


@pytest.fixture
async def browser(town: Town) -> Browser:
    return Browser(town)


async def instructs(browser: Browser, **typed: str) -> str:
    """何主任 writes an instruction to 医保局; where its page is."""
    await browser.signs_in("supervisor")
    await browser.opens("/supervise/instructions/new")
    fields = {
        "body": str(browser.town.city.bodies["医保局"]),
        "text": "把没有答完的答完。",
        "due": LATER,
        "interview": "",
        "question": "",
    }
    await browser.sends("/supervise/instructions/new", **(fields | typed))
    return browser.path


async def test_an_instruction_is_written_answered_accepted_and_taken_back(browser: Browser) -> None:
    page = await instructs(browser)
    assert "督办发出了" in browser.text
    await browser.signs_in("clerk")
    await browser.opens("/desk")
    assert "主管部门督办的" in browser.text
    assert "还有10个工作日" in browser.text
    task = re.search(r'href="(/desk/instructions/\d+)"', browser.text)
    assert task is not None
    await browser.opens(task[1])
    assert await browser.sends(f"{task[1]}/answer", text="三件都答了。", doer="") == 400
    assert "三件都答了。" in browser.text, "what was typed is kept"
    await browser.sends(f"{task[1]}/answer", text="三件都答了。", doer="苏敏，科长")
    assert "答复交上去了" in browser.text
    await browser.opens("/desk")
    assert "主管部门督办的" not in browser.text
    await browser.signs_in("supervisor")
    await browser.opens("/supervise")
    assert "1件有了答复，等您认可" in plain(browser.text)
    number = page.rsplit("/", 1)[1]
    await browser.opens("/supervise/instructions?stands=answered")
    await browser.sends("/supervise/instructions/accept", pick=[number], back="/supervise/instructions")
    assert "认可了1件" in browser.text
    assert "撤回认可" in browser.text, "what can be undone has its button in the sentence"
    await browser.sends("/supervise/instructions/reopen", pick=[number], back="/supervise/instructions")
    assert "撤回认可了1件" in browser.text
    await browser.opens(page)
    assert await browser.sends(f"{page}/return", reason="没有写断缴的。", due="2026-03-01") == 400
    assert "没有写断缴的。" in browser.text
    await browser.sends(f"{page}/return", reason="没有写断缴的。", due="2026-03-25")
    assert "退回了" in browser.text
    for room in ("/supervise", "/desk"):
        await browser.signs_in("clerk" if room == "/desk" else "supervisor")
        await browser.opens(f"{room}/instructions/{number}/paper")
        printed = plain(browser.text)
        for part in (
            "督办单",
            "示例市医疗保障局：",
            "把没有答完的答完。",
            "苏敏，科长办的",
            "没有写断缴的。",
        ):
            assert part in printed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"due": "2026-03-05"}, "不能早于今天"),
        ({"due": "下周"}, "请写上办结日期"),
        ({"body": ""}, "请选督办哪个单位"),
        ({"text": " "}, "督办的事项是空的"),
        ({"question": "3"}, "还要选是哪一场"),
        ({"question": "三"}, "要写成数字"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    browser: Browser, typed: dict[str, str], said: str
) -> None:
    assert await instructs(browser, **typed) == "/supervise/instructions/new"
    assert (browser.status, said in browser.text) == (400, True)
    if "text" not in typed:
        assert "把没有答完的答完。" in browser.text


async def test_overdue_is_marked_at_both_ends(browser: Browser, town: Town) -> None:
    page = await instructs(browser)
    async with town.city.act("何主任", cast.DURING) as uow:
        row = await uow.db.get_one(Instruction, int(page.rsplit("/", 1)[1]))
        row.due = row.act_by = cast.at("2026-03-04 00:00").date()
    await browser.opens(page)
    assert "逾期2个工作日" in browser.text
    await browser.opens("/supervise/instructions?stands=late")
    assert "把没有答完的答完。" in browser.text
    await browser.signs_in("clerk")
    await browser.opens("/desk")
    assert "逾期2个工作日" in browser.text


async def test_the_lists_open_narrow_and_are_saved(browser: Browser, town: Town) -> None:
    await browser.signs_in("supervisor")
    for name in ("bodies", "interviews", "lateness", "waivers", "instructions"):
        assert await browser.opens(f"/supervise/{name}") == 200
        async with town.client.get(f"/supervise/{name}.xlsx?year=2026") as answer:
            assert answer.status == 200
            assert load_workbook(io.BytesIO(await answer.read())).active is not None
    await browser.opens("/supervise/bodies?year=2026&q=医疗&col=interviews")
    assert "示例市医疗保障局" in browser.text
    assert "示例市水务局" not in plain(browser.text)
    async with town.client.get("/supervise/bodies.xlsx?year=2026&q=医疗&col=interviews") as answer:
        sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["单位", "场次"],
        ["示例市医疗保障局", 1],
    ]


async def test_a_body_has_the_same_numbers_on_the_first_page_and_in_the_list(
    browser: Browser, town: Town
) -> None:
    """An interview counts for each body that answers in it, whoever leads."""
    async with town.city.act("何主任", cast.DURING) as uow:
        uow.db.add(
            Respondent(interview_id=town.city.interview, body_id=town.city.bodies["水务局"], lead=False)
        )
        await uow.db.flush()
        short = {line["name"]: line for line in await supervision.in_short(uow, 2026)}
        listed = {str(line.cells["name"]): line.cells for line in await supervision.bodies(uow, 2026)}
    assert short["示例市水务局"]["interviews"] == 1
    for name, line in short.items():
        assert [line[key] for key in ("interviews", "questions", "answered")] == [
            listed[name][key] for key in ("interviews", "questions", "answered")
        ]
        assert line["late"] == sum(int(str(listed[name][key])) for key in ("late", "overdue"))
    await browser.signs_in("supervisor")
    await browser.opens("/supervise")
    assert '<th scope="row">示例市水务局</th>' in browser.text


async def test_lateness_is_a_plot_with_its_table(browser: Browser, town: Town) -> None:
    await browser.signs_in("supervisor")
    await browser.opens("/supervise/lateness")
    assert "到期的都按时办了" in browser.text
    await town.city.plan(cast.at("2026-03-20 14:30"))
    await browser.opens("/supervise/lateness")
    # Planned so late that the announcement's and the content's last day had passed by then.
    assert 'src="/supervise/plots/article.svg?year=2026"' in browser.text
    assert "信息办" in plain(browser.text)
    async with town.client.get("/supervise/plots/article.svg?year=2026") as answer:
        assert (answer.content_type, b"<svg" in await answer.read()) == ("image/svg+xml", True)


async def test_what_is_equally_late_stands_as_the_rule_numbers_it(town: Town) -> None:
    async with town.city.act("何主任", cast.DURING) as uow:
        one = (await lateness.of_year(uow, 2026))[0]
    mixed = [replace(one, article=no, title="") for no in ("第十五条", "第八条", "第十四条", "另定的")]
    names = [line.name.strip() for line in supervision.sums_of(mixed, "article")]
    assert names == ["第八条", "第十四条", "第十五条", "另定的"]


async def test_a_deviation_is_asked_for_and_decided(browser: Browser, town: Town) -> None:
    number = await town.city.plan(cast.at("2026-06-05 14:30"))
    page = f"/office/interviews/{number}"
    await browser.signs_in("office")
    await browser.opens(page)
    assert await browser.sends(f"{page}/waivers", duty="guests", reason=" ") == 400
    await browser.sends(f"{page}/waivers", duty="guests", reason="名单要晚两天。")
    assert "等主管部门定" in browser.text
    await browser.sends(f"{page}/waivers", duty="guests", reason="再说一遍。")
    assert "已经申请过" in browser.text
    await browser.signs_in("supervisor")
    await browser.opens("/supervise")
    assert "1件申请等您定" in plain(browser.text)
    await browser.opens("/supervise/waivers")
    door = re.search(r'action="(/supervise/waivers/\d+)"', browser.text)
    assert door is not None
    assert await browser.sends(door[1], decision="grant", answer="") == 400
    await browser.sends(door[1], decision="grant", answer="省里统一部署。")
    assert "同意了" in browser.text
    async with town.city.units.read() as uow:
        found = await uow.db.get_one(Interview, number)
        assert await plans.granted(uow, found) == {"guests"}
    await browser.sends(door[1], decision="refuse", answer="晚了")
    assert "已经定了" in browser.text
