"""管理员小马 and the accounts: opened, closed, reset and cut off, never one's own, never the last, always in the audit."""

import re

import pytest
from aiohttp import ClientResponse
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry
from base.errors import Refusal
from base.people import Login, Person, Role
from tests import cast
from tests.cast import City
from tests.web.conftest import PASSWORD, Town
from web import accounts, administration, auth, two_step
from web.keys import LIVE
from web.pages import first_page

ADMIN = "管理员小马"


async def sends(town: Town, path: str, /, page: str = "/admin", **fields: str) -> ClientResponse:
    """Open a page as a browser does and send one of its forms."""
    async with town.client.get(page) as opened:
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', await opened.text())
    assert token is not None
    return await town.client.post(path, data={"csrf": token.group(1)} | fields, allow_redirects=False)


async def signs_in(town: Town, name: str, password: str) -> ClientResponse:
    return await sends(town, "/login", page="/login", name=name, password=password)


async def said_next(town: Town, answer: ClientResponse) -> str:
    async with town.client.get(answer.headers["Location"]) as page:
        return await page.text()


async def acts(city: City) -> list[str]:
    async with city.units.read() as uow:
        found = await uow.db.scalars(select(AuditEntry).order_by(col(AuditEntry.seq)))
        return [entry.act for entry in found if entry.role == Role.ADMIN]


async def makes(city: City, name: str, role: str) -> int:
    """管理员小马 opens an account; its number."""
    async with city.act(ADMIN, cast.DURING) as uow:
        return (await accounts.add(uow, accounts.Wanted(name, role, "某局"))).person


async def test_an_account_is_opened_and_its_password_shown_once(town: Town) -> None:
    await signs_in(town, "admin", PASSWORD)
    fields = {"name": "新来的林工", "role": "clerk", "body": "示例市水务局", "email": "lin@example.gov.cn"}
    answer = await sends(town, "/admin/accounts", **fields)
    text = await answer.text()
    password = re.search(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", text)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "账号 新来的林工 开好了，角色是答复单位。" in text
    assert password is not None
    async with town.client.get("/admin") as page:
        text = await page.text()
        assert "新来的林工" in text
        assert password[0] not in text
    again = await sends(town, "/admin/accounts", **fields)
    assert (again.status, "已经有账号" in await again.text()) == (400, True)
    await sends(town, "/logout")
    assert (await signs_in(town, "新来的林工", password[0])).status == 303
    assert await acts(town.city) == ["login", "user.add"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": " ", "role": "office"}, "请写上用户名"),
        ({"name": "甲", "role": "emperor"}, "请选一个角色"),
        ({"name": "甲", "role": "citizen"}, "请选一个角色"),
        ({"name": "甲", "role": "guest"}, "要写明所在机构"),
        ({"name": "甲", "role": "office", "email": "no"}, "不是邮箱地址"),
    ],
)
async def test_what_cannot_be_opened_is_said_beside_the_field(
    town: Town, fields: dict[str, str], told: str
) -> None:
    await signs_in(town, "admin", PASSWORD)
    answer = await sends(town, "/admin/accounts", **fields)
    text = await answer.text()
    assert (answer.status, told in text, 'class="error"' in text) == (400, True, True)


async def test_every_act_is_audited_and_answered_with_a_sentence(town: Town) -> None:
    await signs_in(town, "admin", PASSWORD)
    number = await makes(town.city, "小赵", "host")
    cut: list[int] = []
    app = town.client.app
    assert app is not None

    async def heard(person_id: int) -> None:
        cut.append(person_id)

    with pytest.MonkeyPatch.context() as live:
        live.setattr(app[LIVE], "cut", heard)
        door = f"/admin/accounts/{number}"
        async with town.city.act(ADMIN, cast.DURING) as uow:
            await auth.bearer(uow, number, 30)
        revoked = await sends(town, f"{door}/revoke", back="/admin?role=host")
        assert revoked.headers["Location"] == "/admin?role=host"
        assert "小赵 的登录和程序凭证都断开了" in await said_next(town, revoked)
        reset = await sends(town, f"{door}/reset")
        assert "小赵 的密码重设了" in await reset.text()
        assert "账号 小赵 停用了" in await said_next(town, await sends(town, f"{door}/disable"))
        assert "已经停用" in await (await sends(town, f"{door}/disable")).text()
        assert "账号 小赵 恢复了" in await said_next(town, await sends(town, f"{door}/enable"))
        assert "没有开两步登录" in await (await sends(town, f"{door}/one-step")).text()
    assert cut == [number] * 3
    done = ["user.add", "body.add", "user.token", "user.revoke", "user.reset", "user.disable", "user.enable"]
    assert sorted(await acts(town.city)) == sorted(["login", *done])


async def test_a_reset_ends_the_old_password_and_every_login(small_city: City) -> None:
    number = await makes(small_city, "小赵", "host")
    async with small_city.act(ADMIN, cast.DURING) as uow:
        await auth.bearer(uow, number, 30)
        before = (await uow.db.get_one(Person, number)).password_hash
    async with small_city.act(ADMIN, cast.DURING) as uow:
        name, password = await administration.reset(uow, number)
    async with small_city.units.read() as uow:
        person = await uow.db.get_one(Person, number)
        logins = (await uow.db.scalars(select(Login).where(col(Login.person_id) == number))).all()
    assert (name, person.must_change_password) == ("小赵", True)
    assert before != person.password_hash
    assert await auth._fits(person.password_hash, password)
    assert [row.revoked_at is not None for row in logins] == [True]


async def test_nobody_changes_their_own_account(small_city: City) -> None:
    mine = await makes(small_city, "老孙", "admin")
    async with small_city.units.read() as uow:
        sun = (await uow.db.get_one(Person, mine)).actor()
    for verb in (
        administration.disable,
        administration.enable,
        administration.reset,
        administration.revoke,
        administration.one_step,
    ):
        async with small_city.units.act(sun) as uow:
            with pytest.raises(Refusal) as caught:
                await verb(uow, mine)
        assert caught.value.code == "account.own"


async def test_the_last_administrator_stays(small_city: City) -> None:
    """From the command line too, where nobody's own account is in the way."""
    first = await makes(small_city, "老孙", "admin")
    await makes(small_city, "老钱", "admin")
    async with small_city.act(ADMIN, cast.DURING) as uow:
        await administration.disable(uow, first)
    async with small_city.act(ADMIN, cast.DURING) as uow:
        with pytest.raises(Refusal) as caught:
            await accounts.disable(uow, "老钱")
    assert caught.value.code == "account.last"


@pytest.mark.parametrize("who", ["周科长", "何主任", "目录编辑小林", "网友甲"])
async def test_nobody_else_administers(small_city: City, who: str) -> None:
    number = await makes(small_city, "小赵", "host")
    async with small_city.act(who, cast.DURING) as uow:
        for verb in (administration.disable, administration.reset, administration.revoke):
            with pytest.raises(Refusal, match="没有找到"):
                await verb(uow, number)
        with pytest.raises(Refusal, match="没有找到"):
            await administration.roster(uow)


async def test_the_list_is_narrowed_by_its_address(town: Town) -> None:
    await signs_in(town, "admin", PASSWORD)
    await makes(town.city, "小赵", "host")
    for query, there in (
        ("role=host", True),
        ("q=小赵", True),
        ("q=某局", True),
        ("state=waiting", True),
        ("role=office", False),
        ("state=closed", False),
        ("q={}%25", False),
        ("role=emperor&state=x&page=99", True),
    ):
        async with town.client.get(f"/admin?{query}") as page:
            assert page.status == 200
            assert ("小赵" in (await page.text()).split("<tbody>")[-1].split("开一个账号")[0]) is there, query


async def test_nobody_is_shut_out_in_numbers_without_being_told_what_that_does(town: Town) -> None:
    await signs_in(town, "admin", PASSWORD)
    async with town.client.get("/admin/accounts") as answer:
        page = await answer.text()
    for what, says in (("都停用", "现场页也断开"), ("都断开登录", "断开了不能撤销")):
        inside = page.partition(f"data-dialog><summary>{what}……</summary>")[2].partition("</details>")[0]
        assert says in inside
        assert '<button class="btn' in inside
        assert inside.count('form="several"') == 1


async def test_a_lost_phone_is_answered_by_another_administrator(small_city: City) -> None:
    number = await makes(small_city, "小赵", "host")
    async with small_city.act(ADMIN, cast.DURING) as uow:
        step = two_step.SecondStep(
            person_id=number, secret="sealed", started_at=uow.now, confirmed_at=uow.now
        )
        uow.db.add(step)
        uow.db.add(two_step.RecoveryCode(person_id=number, digest="0"))
    async with small_city.act(ADMIN, cast.DURING) as uow:
        assert [one.name for one in await administration.roster(uow) if one.two_step] == ["小赵"]
        await administration.one_step(uow, number)
    async with small_city.units.read() as uow:
        assert not await two_step.is_on(uow, number)
        assert (await uow.db.scalars(select(two_step.RecoveryCode))).all() == []
    assert (await acts(small_city))[-1] == "two_step.off"


def test_an_administrator_starts_at_the_accounts() -> None:
    assert first_page(Role.ADMIN) == "/admin"
