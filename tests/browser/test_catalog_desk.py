"""目录编辑, the office and the supervisor take an entry from its first word to the bot's answer, in a browser."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import time_machine
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, Page, expect

from base.people import Role
from tests import cast
from tests.browser.demo import context_of
from tests.browser.looking import Watch, findings
from tests.browser.serving import free_port
from tests.web.conftest import PASSWORD, Town, chosen
from tests.web.test_catalog_desk import PATH, brought_in
from web import auth
from web.app import create_app
from web.keys import UNITS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture
async def town(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Town]:
    """The application with the cast in it, on an address that a browser can open."""
    port = free_port()
    shutil.copy(migrated_file, tmp_path / "fangtan.db")
    app = create_app(chosen(tmp_path, base_url=f"http://127.0.0.1:{port}"))
    city = await cast.settle(app[UNITS].database)
    city.units = app[UNITS]
    async with city.act("周科长", cast.PLANNED) as uow:
        await cast.give_logins(uow, auth.hash_password(PASSWORD), {role.value for role in Role})
    with time_machine.travel(cast.DURING, tick=True):
        async with TestClient(TestServer(app, port=port)) as client:
            yield Town(client, city)


async def signed_in(browser: Browser, base: str, role: str, path: str, width: int = 1280) -> Watch:
    """A browser of somebody of the staff, at a page."""
    context = await context_of(browser, width, 800, base=base)
    watch = await Watch.of(await context.new_page(), base)
    await watch.page.goto(f"{base}/login?next={path}")
    await watch.page.fill('[name="name"]', role)
    await watch.page.fill('[name="password"]', PASSWORD)
    await watch.page.click("main button.btn")
    await watch.page.wait_for_url(base + path)
    return watch


async def says(page: Page, words: str) -> None:
    await expect(page.locator(".flash")).to_contain_text(words)


async def asks(page: Page, base: str, words: str) -> None:
    await page.goto(f"{base}/faq")
    await page.get_by_label("您想问什么").fill(words)
    await page.get_by_role("button", name="问", exact=True).click()
    await expect(page.locator("main")).to_contain_text(words)


async def test_from_the_first_word_to_the_bots_answer(browser: Browser, town: Town, shots: Path) -> None:
    base = town.url("/").rstrip("/")
    await brought_in(town)
    found: list[str] = []

    async def look(watch: Watch, name: str) -> None:
        found.extend(f"{name}: {one}" for one in await findings(watch.page, watch))
        await watch.page.screenshot(path=shots / f"catalog-desk-{name}.png", full_page=True)

    editor = await signed_in(browser, base, "editor", PATH, width=360)
    page = editor.page
    await look(editor, "list")
    await page.get_by_role("link", name="新写一条").click()
    await look(editor, "form")
    await page.get_by_label("标题").fill("公园几点开门")
    await page.get_by_label("别的问法").fill("公园什么时候能进")
    await page.get_by_label("正文").fill("早上6点到晚上10点，全年开放。")
    await page.get_by_label("类别").select_option("办事指南")
    await page.get_by_label("发布机构").fill("示例市园林局")
    await page.get_by_role("button", name="存好并送审").click()
    await says(page, "送审了")
    await look(editor, "under-review")
    entry = page.url.removeprefix(base)

    office = await signed_in(browser, base, "office", PATH)
    await office.page.get_by_role("link", name="公园几点开门").first.click()
    await look(office, "to-sign")
    await office.page.get_by_label("意见").fill("和园林局核过")
    await office.page.get_by_role("button", name="同意，签字").click()
    await says(office.page, "已经到下一步")

    citizen = await (await context_of(browser, 360, 740)).new_page()
    await asks(citizen, base, "公园什么时候能进")
    await expect(citizen.locator("main")).not_to_contain_text("早上6点")

    supervisor = await signed_in(browser, base, "supervisor", entry)
    await supervisor.page.get_by_role("button", name="同意，签字").click()
    await says(supervisor.page, "已经生效")
    await asks(citizen, base, "公园什么时候能进")
    await expect(citizen.locator("main")).to_contain_text("早上6点到晚上10点，全年开放。")
    await look(supervisor, "signed")

    for name in ("classes", "steps", "reviewed"):
        await office.page.goto(f"{base}{PATH}/{name}")
        await look(office, name)
    clerk = await signed_in(browser, base, "clerk", "/desk/catalog")
    await look(clerk, "clerk")
    assert not found, "\n".join(found)
