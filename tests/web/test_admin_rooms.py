"""管理员小马 and the settings, the backups and the checks: everything to be seen, no secret, nothing of the content."""

import asyncio
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry
from base.errors import Refusal
from base.outbox import queue
from base.people import Role
from tests import cast
from tests.cast import City
from tests.web.browser import Browser
from tests.web.conftest import Town, chosen
from tests.web.test_admin import ADMIN, makes
from web import accounts, administration, auth, settings, settings_list, vital_signs
from web.backup_work import BackupWork
from web.keys import BACKUPS, LIVE, RINGS
from web.long_work import Work
from web.settings import NOT_FROM_ENVIRONMENT, Settings, Source
from web.vital_signs import Sign


@pytest.fixture
async def admin(town: Town) -> Browser:
    browser = Browser(town)
    await browser.signs_in("admin")
    return browser


async def acts(city: City) -> list[str]:
    async with city.units.read() as uow:
        found = await uow.db.scalars(select(AuditEntry).order_by(col(AuditEntry.seq)))
        return [one.act for one in found]


# Roles


async def test_a_role_is_changed_and_what_was_open_for_the_old_one_closes(admin: Browser) -> None:
    town = admin.town
    number = await makes(town.city, "小赵", "host")
    async with town.city.act(ADMIN, cast.DURING) as uow:
        token = await auth.bearer(uow, number, 30)
    cut: list[int] = []
    app = town.client.app
    assert app is not None

    async def heard(person_id: int) -> None:
        cut.append(person_id)

    with pytest.MonkeyPatch.context() as live:
        live.setattr(app[LIVE], "cut", heard)
        await admin.opens("/admin")
        body = "示例市水务局"
        await admin.sends(f"/admin/accounts/{number}/role", role="clerk", body=body, back="/admin")
    assert "小赵 的角色改成答复单位了" in admin.text
    assert cut == [number]
    async with town.city.units.read() as uow:
        account = await accounts.account(uow, "小赵")
        assert (account.role, account.body_id) == ("clerk", town.city.bodies["水务局"])
    with pytest.raises(Refusal):
        await auth.staff(town.city.units, token, "bearer", demo=True)
    assert "user.role" in await acts(town.city)


async def test_a_role_of_a_body_needs_one_and_oneself_stays_what_one_is(admin: Browser) -> None:
    city = admin.town.city
    number = await makes(city, "小钱", "editor")
    await admin.opens("/admin")
    assert await admin.sends(f"/admin/accounts/{number}/role", role="guest", body="") == 400
    assert "要写明所在机构" in admin.text
    assert await admin.sends(f"/admin/accounts/{number}/role", role="emperor", body="") == 400
    own = city.people[ADMIN].person_id
    assert await admin.sends(f"/admin/accounts/{own}/role", role="office", body="") == 403
    async with city.act(ADMIN, cast.DURING) as uow:
        person = await accounts.account(uow, "admin")
        with pytest.raises(Refusal) as caught:
            await accounts.reassign(uow, person, Role.OFFICE, None)
    assert caught.value.code == "account.last"


async def test_whoever_has_a_place_in_an_interview_keeps_the_role_until_the_office_replaces_them(
    admin: Browser,
) -> None:
    city = admin.town.city
    moderator = city.people["审核员小张"].person_id or 0
    async with city.act(ADMIN, cast.DURING) as uow:
        (await accounts.account(uow, "moderator")).disabled_at = None
        with pytest.raises(Refusal) as caught:
            await administration.reassign(uow, moderator, "host", None)
    assert caught.value.code == "account.assigned"


# Settings


def test_every_setting_says_what_it_does() -> None:
    assert set(settings_list.WHAT) == set(Settings.model_fields)


def test_no_secret_is_shown_only_whether_it_is_set(tmp_path: Path) -> None:
    shown = settings_list.value_of
    assert shown("secret_key", "0123456789abcdef" * 2) == "设了，不显示"
    assert shown("webhook_secret", "") == "没有设"
    assert shown("some_new_password", "geheim") == "设了，不显示"
    for name, address in {
        "smtp_url": "smtp+starttls://user:geheim@mail.example.gov.cn:587",
        "database_url": "postgresql+asyncpg://user:geheim@db/fangtan?password=geheim",
        "webhook_url": "https://gateway.example.gov.cn/geheim?key=geheim",
    }.items():
        assert "geheim" not in shown(name, address)
        assert "example" in shown(name, address) or "db" in shown(name, address)


def test_where_a_setting_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANGTAN_PACE", "off")
    made = chosen(tmp_path)
    found = {name: settings.source_of(made, name) for name in Settings.model_fields}
    assert (found["pace"], found["base_url"]) == (Source.ENVIRONMENT, Source.COMMAND_LINE)
    assert (found["offline"], found["secret_key"]) == (Source.DEFAULT, Source.STORED)
    assert {found[name] for name in NOT_FROM_ENVIRONMENT} <= {Source.DEFAULT, Source.COMMAND_LINE}


async def test_the_settings_page_tells_and_offers_no_form(admin: Browser, town: Town) -> None:
    await admin.opens("/admin/settings?q=督办")
    assert "FANGTAN_INSTRUCTION_WORKDAYS" in admin.text
    assert "FANGTAN_PACE" not in admin.text
    await admin.opens("/admin/settings")
    assert "0123456789abcdef" not in admin.text
    assert 'method="post" action="/admin' not in admin.text
    async with town.client.get("/admin/settings.xlsx?q=督办") as answer:
        sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    assert [cell.value for cell in sheet["A"]] == ["设置", "FANGTAN_INSTRUCTION_WORKDAYS"]


# Backups


async def finished(keeper: BackupWork) -> Work:
    assert keeper.long.task is not None
    await asyncio.wait_for(asyncio.shield(keeper.long.task), 60)
    assert keeper.work is not None
    return keeper.work


async def test_a_backup_is_made_while_it_serves_listed_and_looked_through_again(
    admin: Browser, town: Town
) -> None:
    keeper = town.client.app[BACKUPS]
    await admin.opens("/admin/backups")
    await admin.sends("/admin/backups", act="make")
    assert "开始备份了" in admin.text
    work = await finished(keeper)
    assert (work.state, keeper.place.stat().st_mode & 0o777) == ("done", 0o700)
    await admin.opens("/admin/backups")
    assert "核对过，完好" in admin.text
    assert str(keeper.place) in admin.text
    for way in (f"/admin/backups/{work.name}", f"/static/{work.name}"):
        assert await admin.opens(way) == 404, "no way leads to the file itself"
    await admin.opens("/admin/backups")
    await admin.sends("/admin/backups", act="verify", name=work.name)
    assert (await finished(keeper)).state == "done"
    file = keeper.place / work.name
    file.write_bytes(file.read_bytes()[:-4096] + b"x" * 4096)
    await admin.opens("/admin/backups")
    assert "存下以后变过" in admin.text
    await admin.sends("/admin/backups", act="verify", name=work.name)
    assert (await finished(keeper)).state == "failed"
    assert [act for act in await acts(town.city) if act.startswith("backup.")] == [
        "backup.make",
        "backup.verify",
        "backup.fail",
    ]


async def test_a_backup_that_is_cancelled_leaves_nothing(admin: Browser, town: Town) -> None:
    keeper = town.client.app[BACKUPS]
    await admin.opens("/admin/backups")
    assert await admin.sends("/admin/backups", act="cancel") == 409
    async with town.city.act(ADMIN, cast.DURING) as uow:
        keeper.start(town.city.units, uow.actor)
    with pytest.raises(Refusal):
        keeper.start(town.city.units, town.city.people[ADMIN])
    keeper.cancel()
    assert (await finished(keeper)).state == "cancelled"
    assert [one.name for one in keeper.place.iterdir()] == []
    assert await admin.sends("/admin/backups", act="verify", name="../fangtan.db") == 404


# How it is


async def test_the_checks_say_in_words_what_is_and_what_to_do(admin: Browser, town: Town) -> None:
    app = town.client.app
    assert app is not None
    await admin.opens("/admin/health")
    for name in ("数据库", "磁盘", "时钟", "发件箱", "今年的日历", "明年的日历", "到点的钟", "邮件服务器"):
        assert f'scope="row" class="nb">{name}' in admin.text
    async with town.city.units.act(town.city.people[ADMIN], cast.at("2026-03-06 10:00")) as uow:
        await queue(uow, "calendar:x:1", "a@example.gov.cn", "改了", "日子改了。")
    app[RINGS].clear()
    app[RINGS]["post"] = cast.at("2026-03-06 13:00")
    found = {one.name: one for one in await vital_signs.checks(app)}
    assert (found["到点的钟"].sign, "最后一次响是2026-03-06 13:00" in found["到点的钟"].found) == (
        Sign.BAD,
        True,
    )
    told = found["发件箱"]
    assert "没有设邮件服务器，有1封信等着寄，最早的一封2026-03-06 10:00写的。" in told.found
    assert (told.sign, "FANGTAN_SMTP_URL" in told.advice) == (Sign.LOOK, True)
    await admin.opens("/admin/health")
    assert told.found in admin.text
    assert found["邮件服务器"].sign is Sign.LOOK
    assert found["数据库"].sign is Sign.GOOD


# The accounts, several at once


async def test_several_accounts_are_closed_at_once_opened_again_and_saved(admin: Browser, town: Town) -> None:
    numbers = [str(await makes(town.city, name, "host")) for name in ("小赵", "小钱")]
    own = str(town.city.people[ADMIN].person_id)
    await admin.opens("/admin?role=host&q=小&tick=all&col=two_step")
    assert admin.text.count('name="pick"') == 2
    assert 'scope="col">登录<' not in admin.text
    back = "/admin?role=host"
    await admin.sends("/admin/accounts/disable", pick=[*numbers, own], back=back)
    assert "停用了2个账号" in admin.text
    assert "自己的账号要由另一位管理员来改" in admin.text
    assert 'action="/admin/accounts/enable"' in admin.text
    async with town.client.get("/admin/accounts.xlsx?state=closed&col=email") as answer:
        sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert (rows[0], sorted(str(row[0]) for row in rows[1:])) == (
        ["账号", "名字", "邮箱", "停用"],
        ["小赵", "小钱"],
    )
    await admin.sends("/admin/accounts/enable", pick=numbers, back=back)
    assert "恢复了2个账号" in admin.text
