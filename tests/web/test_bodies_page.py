"""周科长 looks up who acts for a body, corrects an address, and enters a new name with its remark."""

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.people import SYSTEM, Body
from tests.cast import at
from tests.web.browser import Browser
from tests.web.conftest import Town

PATH = "/office/bodies"
NAME = "示例市水务局"


class Office(Browser):
    """周科长 at the list, without scripts."""

    @property
    def body(self) -> int:
        return self.town.city.bodies["水务局"]

    async def keeps(self, **typed: str) -> int:
        await self.opens(f"{PATH}/{self.body}")
        return await self.sends(f"{PATH}/{self.body}", **({"name": NAME, "email": ""} | typed))

    async def known(self) -> tuple[str, str | None]:
        async with self.town.city.units.read(SYSTEM) as uow:
            one = (await uow.db.scalars(select(Body).where(col(Body.id) == self.body))).one()
            return one.name, one.email

    async def noted(self) -> list[dict[str, object]]:
        async with self.town.city.units.read(SYSTEM) as uow:
            return [one.detail async for one in audit.entries(uow) if one.act == "body.edit"]


@pytest.fixture
async def office(town: Town) -> Office:
    at_work = Office(town)
    await at_work.signs_in("office", PATH)
    return at_work


async def test_each_body_shows_who_acts_for_it_and_whether_it_receives_reports(office: Office) -> None:
    await office.town.city.gives_address("人大办", "renda@example.gov.cn", by_mail=True)
    await office.opens("/office")
    assert f'href="{PATH}"' in office.text
    await office.opens(PATH)
    bodies = office.town.city.bodies
    assert f'href="{PATH}/{bodies["医保局"]}"' in office.text
    for name, told in (
        ("医保局", ("许主任（答复单位，办公室副主任）", "不收")),
        ("市委办", ("陈秘书", "收，在平台里看")),
        ("人大办", ("收，只走邮件", "renda@example.gov.cn")),
    ):
        await office.opens(f"{PATH}/{bodies[name]}")
        assert all(one in office.text for one in told), name


async def test_an_address_is_kept_without_a_remark_and_stands_in_no_audit(office: Office) -> None:
    assert await office.keeps(email=" shuiwu@example.gov.cn ") == 200
    assert "电子邮箱改了" in office.text
    assert await office.known() == (NAME, "shuiwu@example.gov.cn")
    assert await office.noted() == [{"changed": ["email"]}]
    await office.keeps(email="shuiwu@example.gov.cn")
    assert "和原来一样" in office.text
    assert len(await office.noted()) == 1


async def test_a_new_name_needs_its_remark_which_the_audit_keeps(office: Office) -> None:
    assert await office.keeps(name="示例市水利和水务局") == 400
    assert "改名要写说明" in office.text
    assert 'value="示例市水利和水务局"' in office.text
    assert (await office.known())[0] == NAME
    assert await office.keeps(name="示例市水利和水务局", remark="机构改革，3月1日起") == 200
    assert "名称改了" in office.text
    assert await office.noted() == [
        {
            "changed": ["name"],
            "old": NAME,
            "new": "示例市水利和水务局",
            "remark": "机构改革，3月1日起",
            "on": "2026-03-06",
        }
    ]


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"email": "不是邮箱"}, 400, "电子邮箱写得不对"),
        ({"email": "a@b.cn\u2028x@y.cn"}, 400, "电子邮箱写得不对"),
        ({"name": " "}, 400, "单位名称是空的"),
        ({"name": "水" * 61, "remark": "改"}, 400, "单位名称最多60个字"),
        ({"name": "示例市医疗保障局", "remark": "改"}, 409, "已经有一个单位叫"),
    ],
)
async def test_what_cannot_be_kept_comes_back_in_words(
    office: Office, typed: dict[str, str], status: int, said: str
) -> None:
    assert await office.keeps(**typed) == status
    assert said in office.text
    assert await office.known() == (NAME, None)
    assert await office.noted() == []


async def test_a_body_that_is_reached_by_mail_alone_keeps_an_address(office: Office) -> None:
    await office.town.city.gives_address("水务局", "shuiwu@example.gov.cn", by_mail=True)
    assert await office.keeps(email="") == 400
    assert "报告只走邮件" in office.text
    assert (await office.known())[1] == "shuiwu@example.gov.cn"


async def test_there_is_no_such_body_and_nobody_else_finds_the_list(office: Office) -> None:
    await office.opens(f"{PATH}/{office.body}")
    assert await office.sends(f"{PATH}/987654", name=NAME, email="") == 404
    await office.signs_in("supervisor")
    assert await office.opens(PATH) == 404


async def test_a_renamed_body_keeps_its_old_name_on_what_is_older(office: Office) -> None:
    city = office.town.city
    here = f"/interviews/{city.interview}"
    new = {"name": "示例市医疗和护理保障局", "email": "", "remark": "机构改革"}
    body = city.bodies["医保局"]
    await city.published("网友甲", "断缴一年，住院能不能报？")
    await office.opens("/statistics?year=2026")
    assert "医保局" in office.text
    await office.opens(f"{PATH}/{body}")
    assert await office.sends(f"{PATH}/{body}", **new, on="2026-03-07") == 400
    assert "日子还没有到" in office.text
    with time_machine.travel(at("2026-04-01 09:00"), tick=False):
        await office.signs_in("office", f"{PATH}/{body}")
        assert await office.sends(f"{PATH}/{body}", **new, short="医护局", on="2026-03-20") == 200
        assert "示例市医疗保障局" in office.text.partition("改名和合并")[2]
        for path in (here, "/interviews", f"/api{here}"):
            await office.opens(path)
            assert "示例市医疗保障局" in office.text, path
            assert "示例市医疗和护理保障局" not in office.text, path
        await office.opens("/statistics?year=2026")
        assert "医护局（原医保局）" in office.text


async def test_a_merged_body_is_counted_once_and_its_work_goes_on(office: Office) -> None:
    city = office.town.city
    gone, into = city.bodies["水务局"], city.bodies["医保局"]
    path = f"{PATH}/{gone}/merge"
    await office.opens(f"{PATH}/{gone}")
    assert await office.sends(path, into="", on="2026-03-06", reason="市编办文件") == 400
    assert "请选并入哪个单位" in office.text
    assert await office.sends(path, into=str(into), on="", reason="市编办文件") == 400
    assert await office.sends(path, into=str(into), on="2026-03-06", reason=" ") == 400
    assert await office.sends(path, into=str(into), on="2026-03-06", reason="市编办〔2026〕3号") == 200
    assert "合并登记了" in office.text
    assert office.path == f"{PATH}/{into}"
    assert "并入示例市医疗保障局" in office.text
    assert await office.sends(path, into=str(into), on="2026-03-06", reason="再来一次") == 409
    await office.opens(PATH)
    assert f'href="{PATH}/{gone}"' not in office.text
    await office.opens(f"{PATH}?show=merged")
    assert f'href="{PATH}/{gone}"' in office.text
    await office.opens(f"{PATH}/{gone}")
    assert "已经并入" in office.text
    assert "<summary>" not in office.text.partition("<main")[2].partition("</main>")[0]
    await office.opens("/office/interviews/new")
    assert f'value="{gone}"' not in office.text
