"""管理员: an account and its role, the second step, the settings, a backup that is checked, and how the house is."""

import re
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Browser, expect

from tests import cast
from tests.browser.roles import Place, Visit, place
from tests.conftest import PASSWORD, Prepared

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

OWN = ("/admin", "/account")
"""Where an administrator's pages may send to: no content is there to change."""


async def _opens_an_account(admin: Visit) -> str:
    """A moderator's account; the one-time password that is shown once."""
    page = admin.page
    adding = page.get_by_role("region", name="开一个账号")
    await adding.get_by_label("用户名").fill("审核员小吴")
    await adding.get_by_label("角色").select_option(label="审核员")
    await admin.press("开账号")
    once = page.locator(".codes-one")
    password = await once.inner_text()
    await admin.follow("账号", within=".site-nav")
    await expect(once).to_have_count(0)
    row = page.locator("tr", has_text="审核员小吴")
    await expect(row).to_contain_text("一次性密码没换")
    await row.locator("summary").click()
    await row.get_by_label("角色").select_option(label="主持人")
    await admin.press("改角色和单位", row, exact=False)
    await admin.says("主持人")
    return password.strip()


async def _sets_up_the_second_step(admin: Visit) -> str:
    """The key of the second step; without a code of it nobody signs in as this administrator."""
    page = admin.page
    await admin.follow("我的账号", within="footer")
    await admin.press("开始设置")
    secret = "".join((await page.locator(".codes-one").inner_text()).split())
    await page.get_by_label("动态口令").fill("000000")
    await admin.press("开两步登录")
    await expect(page.get_by_role("alert").or_(page.locator(".error")).first).to_be_visible()
    await page.get_by_label("动态口令").fill(pyotp.TOTP(secret).now())
    await admin.press("开两步登录")
    await expect(page.locator(".codes li")).to_have_count(10)
    await admin.follow("抄好了，去工作")
    return secret


async def _makes_a_backup(admin: Visit) -> None:
    page = admin.page
    await admin.follow("备份", within=".site-nav")
    await admin.press("现在备份")
    row = page.locator("tbody tr", has_text=".backup")
    await expect(row).to_have_count(1)
    await admin.look()
    await admin.press("核对")
    await expect(page.get_by_role("heading", name="上一次")).to_be_visible()
    await admin.says("核对过了，完好")


async def test_accounts_second_step_settings_backup_and_health(
    browser: Browser, tmp_path: Path, opened_file: Prepared
) -> None:
    async with place(browser, tmp_path, opened_file, cast.DURING) as here:
        admin = await here.comes("admin", only=OWN)
        password = await _opens_an_account(admin)
        secret = await _sets_up_the_second_step(admin)
        await admin.follow("设置", within=".site-nav")
        kept = admin.page.locator("tr", has_text="FANGTAN_SECRET_KEY")
        await expect(kept).to_contain_text("不显示")
        await admin.page.locator("#l-source").select_option(index=1)
        await admin.press("找")
        await _makes_a_backup(admin)
        await admin.follow("状况", within=".site-nav")
        await admin.says("数据库", "时钟", "不用办")
        await admin.leave()
        await _comes_back(here, secret)
        await _first_visit(here, password)
        here.clean()


async def _comes_back(here: Place, secret: str) -> None:
    """The next day the password alone is not enough."""
    here.later(cast.NEXT_DAY)
    admin = await here.comes("admin", code=pyotp.TOTP(secret).now(), only=OWN)
    await expect(admin.page).to_have_url(re.compile("/admin$"))


async def _first_visit(here: Place, password: str) -> None:
    """Whoever was given the account chooses a password of their own before anything else."""
    newcomer = await here.comes("审核员小吴", password)
    await newcomer.page.get_by_label("现在的密码").fill(password)
    for label in ("新密码", "再输一遍新密码"):
        await newcomer.page.get_by_label(label, exact=True).fill(PASSWORD)
    await newcomer.press("换密码")
    await newcomer.says("没有派给您的事")
