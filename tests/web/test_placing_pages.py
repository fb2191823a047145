"""周科长 puts people into interviews on the page: one interview, several at once, and back again."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlmodel import col

from base.people import SYSTEM, Person, Role
from interviews import placing
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from web.keys import LIVE


@pytest.fixture
async def office(town: Town) -> Browser:
    async with town.city.act("周科长", cast.DURING) as uow:
        for person in await uow.db.scalars(select(Person).where(col(Person.role) != Role.CITIZEN)):
            person.login = person.login or person.display_name
    browser = Browser(town)
    await browser.signs_in("office")
    return browser


def number(town: Town, who: str) -> str:
    return str(town.city.people[who].person_id)


async def names(town: Town, interview: int) -> set[str]:
    async with town.city.units.read() as uow:
        return {one.display_name for one in await placing.placed(uow, interview)}


async def test_people_are_put_into_an_interview_said_and_undone(office: Browser, town: Town) -> None:
    interview = await town.city.plan(cast.at("2026-06-05 14:30"))
    page = f"/office/interviews/{interview}"
    await office.opens(page)
    assert "派人" in office.text
    cut: list[int] = []
    app = town.client.app
    assert app is not None

    async def heard(person_id: int) -> None:
        cut.append(person_id)

    with pytest.MonkeyPatch.context() as live:
        live.setattr(app[LIVE], "cut", heard)
        await office.sends(f"{page}/people", host=number(town, "别场主持"), pick=[number(town, "王处长")])
    assert "主持人改为别场主持，去掉了审核员审核员小张" in office.text
    assert sorted(cut) == sorted(town.city.people[who].person_id or 0 for who in ("李主持", "审核员小张"))
    assert await names(town, interview) == {"别场主持", "王处长"}
    assert f'action="{page}/people/undo"' in office.text
    before = [f"h{number(town, '李主持')}", number(town, "王处长"), number(town, "审核员小张")]
    await office.sends(f"{page}/people/undo", pick=before)
    assert await names(town, interview) == {"李主持", "王处长", "审核员小张"}
    assert await office.sends(f"{page}/people", host="", pick=[number(town, "许主任")]) == 400
    assert "不能派到这一场" in office.text


async def test_several_ticked_are_given_a_moderator_at_once_and_it_is_undone(
    office: Browser, town: Town
) -> None:
    first = await town.city.plan(cast.at("2026-06-05 14:30"))
    second = await town.city.plan(cast.at("2026-06-12 14:30"))
    await office.opens("/office/interviews?year=2026&tick=all&status=planned")
    assert office.text.count('name="pick"') == 2
    assert office.text.count(" checked") >= 2
    host, back = number(town, "别场主持"), "/office/interviews?year=2026"
    await office.sends("/office/interviews/people", person=host, pick=[str(first), str(second)], back=back)
    assert "派到了2场" in office.text
    assert "别场主持" in await names(town, second)
    await office.sends("/office/interviews/people", person=host, pick=[str(first)], back=back)
    assert "原来就派着" in office.text
    old = number(town, "李主持")
    undone = [f"{one}-{host}-{old}" for one in (first, second)]
    await office.sends("/office/interviews/people/undo", pick=undone, back=back)
    assert "撤销了2场" in office.text
    assert "别场主持" not in await names(town, second)
    await office.sends("/office/interviews/people", person="", back=back)
    assert "没有选全" in office.text


async def test_the_list_says_what_is_lacking_and_is_saved(office: Browser, town: Town) -> None:
    live = town.city.interview
    interview = await town.city.plan(cast.at("2026-06-05 14:30"))
    await office.opens(f"/office/interviews/{interview}")
    await office.sends(f"/office/interviews/{interview}/people", host="", pick=[number(town, "王处长")])
    await office.opens("/office/interviews?year=2026&lacks=both")
    assert f'href="/office/interviews/{interview}"' in office.text
    assert f'href="/office/interviews/{live}"' not in office.text
    async with town.client.get("/office/interviews.xlsx?year=2026&lacks=both&col=starts_at") as answer:
        sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    assert [cell.value for cell in sheet["B"]] == ["开始", "2026-06-05 14:30"]


async def test_a_host_whose_account_cannot_sign_in_stays_in_the_list_and_in_the_interview(
    office: Browser, town: Town
) -> None:
    interview, host = await town.city.plan(cast.at("2026-06-05 14:30")), number(town, "李主持")
    async with town.city.units.act(SYSTEM) as uow:
        (await uow.db.get_one(Person, int(host))).login = None
    await office.opens(f"/office/interviews/{interview}")
    assert f'<option value="{host}" selected>李主持</option>' in office.text
