"""周科长 finds whom to call, keeps the list, and others see it where they have a call to make, and nowhere else."""

import io
import re
from html import unescape

import pytest
from openpyxl import load_workbook

from interviews import body_contacts
from interviews.body_contacts import Sent
from interviews.letters import LetterKind
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town

PATH = "/office/bodies"
XU = Sent("许静宜", "办公室副主任", "0000-0010101转8012", "100 0000 0101", note="周三不在")
YU = Sent("俞向阳", line="0000-0010199")


async def entered(town: Town, sent: Sent = XU, body: str = "医保局") -> int:
    async with town.city.act("周科长", cast.DURING) as uow:
        return (await body_contacts.add(uow, town.city.bodies[body], sent)).id or 0


@pytest.fixture
async def office(town: Town) -> Browser:
    browser = Browser(town)
    await browser.signs_in("office")
    return browser


def main_of(text: str) -> str:
    return unescape(text.split("<main", 1)[1].split("</main>", 1)[0])


def rows(text: str) -> list[str]:
    """The names of the bodies that a list shows."""
    table = main_of(text).partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', table)


@pytest.mark.parametrize(
    "looked_for",
    [
        "医疗保障",
        "医保局",
        "许静宜",
        "副主任",
        "0000-0010101转8012",
        "00000010101",
        "10000000101",
        "0000 0101",
    ],
)
async def test_a_body_is_found_by_its_names_its_people_and_their_numbers(
    office: Browser, looked_for: str
) -> None:
    await entered(office.town)
    await office.opens(f"{PATH}?q={looked_for}")
    assert rows(office.text) == ["示例市医疗保障局"]
    assert 'href="tel:00000010101"' in office.text
    await office.opens(f"{PATH}?q=没有这个人")
    assert "没有这样的单位" in office.text


async def test_the_second_contact_and_the_short_number_are_found_too(office: Browser) -> None:
    await entered(office.town)
    await entered(office.town, YU)
    await office.opens(f"{PATH}?q=俞向阳")
    assert rows(office.text) == ["示例市医疗保障局"]
    assert "许静宜" in main_of(office.text), "the first to call stands in the list"


async def test_the_list_narrows_to_who_answers_who_receives_and_who_has_nobody(office: Browser) -> None:
    await entered(office.town)
    await office.opens(f"{PATH}?show=respondents")
    assert "示例市医疗保障局" in rows(office.text)
    assert not any("办公" in name for name in rows(office.text)), "neither recipients nor the office"
    await office.opens(f"{PATH}?show=recipients")
    assert "示例市医疗保障局" not in rows(office.text)
    await office.opens(f"{PATH}?show=respondents&reach=no")
    assert rows(office.text) == ["示例市水务局"]
    await office.opens(PATH)
    assert "有1个答复单位还没有登记联系人" in office.text


async def test_one_is_added_changed_made_first_removed_and_put_back(office: Browser) -> None:
    at = f"{PATH}/{office.town.city.bodies['医保局']}"
    await office.opens(at)
    assert "还没有联系人" in office.text
    await office.sends(f"{at}/contacts", name="许静宜", post="办公室副主任", line="0000-0010101转8012")
    assert "加上了许静宜。有事先打给这位" in office.text
    await office.sends(f"{at}/contacts", name="俞向阳", mobile="100 0000 0102")
    assert "先打给谁没有变" in office.text
    first, second = re.findall(r'id="c(\d+)"', office.text)
    await office.sends(f"{at}/contacts/{second}", name="俞向阳", post="科员", mobile="100 0000 0102")
    assert "科室、职务改了" in office.text
    await office.sends(f"{at}/contacts/{second}/first")
    assert "以后有事先打给俞向阳" in office.text
    assert re.findall(r'id="c(\d+)"', office.text) == [second, first]
    await office.sends(f"{at}/contacts/{second}/remove")
    assert "俞向阳不在名单上了" in office.text
    assert f'action="{at}/contacts/restore"' in office.text
    assert re.findall(r'id="c(\d+)"', office.text) == [first]
    await office.sends(f"{at}/contacts/restore", pick=second)
    assert "俞向阳放回来了" in office.text
    assert re.findall(r'id="c(\d+)"', office.text) == [second, first]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "许静宜", "line": "", "mobile": ""}, "请至少写一个电话"),
        ({"name": "许静宜", "line": "打总机"}, "办公电话写得不对"),
        ({"name": "许静宜", "mobile": "一三八"}, "手机写得不对"),
        ({"name": " ", "line": "110"}, "联系人的姓名是空的"),
        ({"name": "许静宜", "line": "110", "email": "不是邮箱"}, "电子邮箱写得不对"),
    ],
)
async def test_what_cannot_be_kept_comes_back_as_it_was_typed(
    office: Browser, typed: dict[str, str], said: str
) -> None:
    at = f"{PATH}/{office.town.city.bodies['医保局']}"
    await office.opens(at)
    assert await office.sends(f"{at}/contacts", **typed, note="周三不在") == 400
    assert office.text.count(said) == 2, "above the form and beside the field"
    assert 'value="周三不在"' in office.text


async def test_the_excel_file_has_a_line_for_each_contact(office: Browser) -> None:
    await entered(office.town)
    await entered(office.town, YU)
    async with office.client.get(f"{PATH}.xlsx?q=许静宜&col=name") as answer:
        sheet = load_workbook(io.BytesIO(await answer.read())).worksheets[0]
    head, *lines = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]
    told = [dict(zip(head, line, strict=True)) for line in lines]
    assert [(one["单位"], one["联系人"], one["先打给"], one["办公电话"]) for one in told] == [
        ("示例市医疗保障局", "许静宜", "是", "0000-0010101转8012"),
        ("示例市医疗保障局", "俞向阳", "", "0000-0010199"),
    ]


async def test_the_directory_is_a_paper_of_what_was_looked_for(office: Browser) -> None:
    await entered(office.town)
    await office.opens(f"{PATH}?q=许静宜")
    assert f'href="{PATH}/directory?show=now&amp;q=%E8%AE%B8' in office.text
    await office.opens(f"{PATH}/directory?q=许静宜")
    page = main_of(office.text)
    assert "网上访谈工作通讯录" in page
    assert "0000-0010101转8012" in page
    assert "示例市水务局" not in page
    await office.opens(f"{PATH}/directory")
    assert "没有登记" in main_of(office.text).partition("示例市水务局")[2]


async def test_whom_to_call_stands_where_a_call_is_made(office: Browser) -> None:
    town = office.town
    await entered(town)
    here = town.city.interview
    await town.city.plan(cast.at("2026-03-20 14:30"))
    planned, town.city.interview = town.city.interview, here
    dial = 'href="tel:00000010101"'
    for path in ("/office?scope=all", f"/office/interviews/{planned}", f"/office/interviews/{here}"):
        await office.opens(path)
        assert dial in main_of(office.text), path
    await office.opens("/office/duties?state=open")
    assert "许静宜 0000-0010101转8012" in main_of(office.text)
    await office.opens("/office/duties?state=done")
    assert "许静宜 0000-0010101转8012" not in main_of(office.text), "nobody is called about what is done"
    for role, paths in (
        ("supervisor", ("/supervise/bodies", f"/supervise/bodies/{town.city.bodies['医保局']}")),
        ("host", (f"/host/{here}",)),
        ("moderator", (f"/host/{here}",)),
    ):
        await office.signs_in(role)
        for path in paths:
            assert await office.opens(path) == 200, path
            assert "许静宜" in main_of(office.text), (role, path)


async def test_citizens_and_bodies_see_it_nowhere(office: Browser) -> None:
    town = office.town
    await entered(town)
    await entered(town, YU, "水务局")
    here, body = town.city.interview, town.city.bodies["医保局"]
    staff = ("/desk", f"/desk/{here}", f"/desk/interviews/{here}", f"/host/{here}", "/office/bodies.xlsx")
    everybody = (
        "/",
        f"/interviews/{here}",
        f"/api/interviews/{here}",
        f"/api/streams/interview:{here}:public",
    )
    own = (f"{PATH}/{body}", PATH, f"{PATH}/directory", f"/supervise/bodies/{body}")
    office.client.session.cookie_jar.clear()
    for role in ("", "clerk", "guest"):
        if role:
            await office.signs_in(role)
        for path in (*everybody, *staff, *own):
            await office.opens(path)
            assert not any(one in office.text for one in ("许静宜", "俞向阳", "0010101", "0010199")), (
                role,
                path,
            )


async def test_the_letter_carries_the_receiving_bodys_contact(office: Browser) -> None:
    town = office.town
    await entered(town)
    at = f"/office/interviews/{town.city.interview}/notices/{LetterKind.VENUE}"
    await office.opens(at)
    assert "（收文单位联系人：示例市医疗保障局许静宜，0000-0010101转8012）" in main_of(office.text)


async def test_a_letter_to_several_tells_nobodys_mobile(office: Browser) -> None:
    town = office.town
    await entered(town, Sent("许静宜", mobile="100 0000 0101"))
    await entered(town, YU, "水务局")
    when = cast.at("2026-06-05 14:30")
    bodies = [town.city.bodies["医保局"], town.city.bodies["水务局"]]
    plan = {
        "theme": "用水和医保", "starts_at": when.isoformat(), "venue": "二楼访谈室",
        "ends_at": cast.at("2026-06-05 16:30").isoformat(), "respondents": bodies,
    }  # fmt: skip
    planned = await town.city.does("周科长", "interview.schedule", cast.at("2026-03-09 10:00"), **plan)
    sent = {"interview": planned["interview"], "venue": "二楼访谈室"}
    await town.city.does("周科长", "venue.tell", cast.at("2026-06-01 10:00"), **sent)
    await office.opens(f"/office/interviews/{planned['interview']}/notices/{LetterKind.VENUE}")
    page = main_of(office.text)
    assert "示例市医疗保障局许静宜；" in page
    assert "示例市水务局俞向阳，0000-0010199）" in page
    assert "100 0000 0101" not in page


async def test_a_merged_body_sends_to_its_successor(office: Browser) -> None:
    await entered(office.town)
    gone, into = (office.town.city.bodies[name] for name in ("医保局", "水务局"))
    await office.town.city.does(
        "李主持", "interview.close", interview=office.town.city.interview, reason="答完了"
    )
    await office.opens(f"{PATH}/{gone}")
    await office.sends(f"{PATH}/{gone}/merge", into=str(into), on="2026-03-06", reason="市编办〔2026〕3号")
    assert "1位联系人转给了" in office.text
    assert "许静宜" in main_of(office.text)
    assert "示例市医疗保障局" in main_of(office.text).partition("原单位")[2]
    assert await office.sends(f"{PATH}/{gone}/contacts", name="甲", line="110") == 409
    assert "已经并入别的单位" in office.text
