"""Real documents and service items on their whole way: imported, browsed, searched and asked, in a real browser."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from base.db import Database, Units, sqlite_url
from base.people import Person
from faq.models import CatalogEntry
from tests import cast
from tests.browser.demo import context_of
from tests.browser.looking import axe_findings, size_findings
from tests.browser.real_files import Files, Letter, files
from tests.browser.serving import free_port, serving
from web import auth, commands
from web.database import migrate

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

PASSWORD = "yi-ge-ce-shi-mi-ma"
WHOLE_WAY_SECONDS = 60
GIVEN_ISSUER = "示例市人民政府办公室"
PATIENCE = 300_000


async def prepared(data: Path, given: Files) -> None:
    """A city with its staff, and all documents but the first imported as the operator does."""
    database = Database(sqlite_url(data / "fangtan.db"))
    await migrate(database)
    city = await cast.settle(database)
    async with city.act("周科长", cast.PLANNED) as uow:
        await cast.give_logins(uow, auth.hash_password(PASSWORD), {"office"})
        for person in await uow.db.scalars(select(Person)):
            person.example = False
    await database.close()
    for letter in given.letters[1:]:
        file = data / letter.name
        file.write_bytes(letter.content)
        done, _ = await commands.faq_import(data, file, "" if letter.issuer else GIVEN_ISSUER)
        assert (done["added"], done["published"]) == (1, 1), letter.name


async def test_real_documents_and_services_from_the_file_to_the_answer(
    browser: Browser,
    tmp_path: Path,
    shots: Path,
    record_property: Callable[[str, object], None],
    slack: float,
) -> None:
    given = files()
    record_property("data", given.said)
    await prepared(tmp_path, given)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    async with serving(tmp_path, port=port, base_url=base):
        began = time.monotonic()
        office = await signed_in(browser, base)
        await _brings_a_letter(office, base, given.letters[0], shots)
        count = await _brings_lines(office, base, given, shots)
        citizen = await (await context_of(browser, 390, 844)).new_page()
        await _browses(citizen, base, given)
        await _searches(citizen, base, given)
        await _asks(citizen, base, given)
        took = time.monotonic() - began
    await _all_came_out_right(tmp_path, given, count)
    record_property("data", f"从登录到答复用了{took:.0f}秒")
    assert took < slack * WHOLE_WAY_SECONDS


async def signed_in(browser: Browser, base: str) -> Page:
    """周科长, without scripts, at the page of imports."""
    page = await (await context_of(browser, 1280, 900, script=False)).new_page()
    await page.goto(f"{base}/login?next=/office/catalog/import")
    await page.fill('[name="name"]', "office")
    await page.fill('[name="password"]', PASSWORD)
    await page.click("main button.btn")
    await page.wait_for_url(f"{base}/office/catalog/import")
    return page


async def _sends(page: Page, base: str, name: str, content: bytes) -> None:
    await page.goto(f"{base}/office/catalog/import")
    await page.set_input_files(
        "#file", {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    await page.get_by_role("button", name="先看一遍").click()
    await page.wait_for_url(re.compile(r"/office/catalog/import/\d+$"))


async def _brings_a_letter(page: Page, base: str, letter: Letter, shots: Path) -> None:
    """What the document says of itself stands in the form; 周科长 has it taken in as published elsewhere."""
    await _sends(page, base, letter.name, letter.content)
    await expect(page.get_by_label("标题")).to_have_value(letter.title)
    await expect(page.get_by_label("发布机构")).to_have_value(letter.issuer)
    await expect(page.get_by_label("发布日期", exact=True)).to_have_value(letter.published_on)
    await page.screenshot(path=shots / "import-letter.png", full_page=True)
    await page.get_by_label("已经在别处公开过").check()
    await page.get_by_role("button", name="开始收").click()
    await expect(page.get_by_role("heading", name="收完了")).to_be_visible(timeout=PATIENCE)


async def _brings_lines(page: Page, base: str, given: Files, shots: Path) -> int:
    """The question lines: what they lack is given once for all, and the page shows how far it is by itself."""
    content = given.content
    count = sum(1 for line in content.splitlines() if line.strip())
    await _sends(page, base, given.lines.name, content)
    await expect(page.locator("main")).to_contain_text(f"可以收的{count}条")
    if await page.locator("#all_issuer").count():
        await page.get_by_label("发布机构").fill(GIVEN_ISSUER)
    await page.get_by_label("发布日期", exact=True).fill("2026-01-05")
    await page.get_by_label("已经在别处公开过").check()
    await page.screenshot(path=shots / "import-lines.png", full_page=True)
    await page.get_by_role("button", name="开始收").click()
    await expect(page.get_by_role("heading", name="收完了")).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("main")).to_contain_text(f"一共{count}条，收到第{count}条")
    return count


async def _browses(page: Page, base: str, given: Files) -> None:
    letter = given.letters[0]
    await page.goto(f"{base}/catalog?q={letter.title[:12]}")
    await page.get_by_role("link", name=letter.title).first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(letter.title[:8])
    main = page.locator("main")
    await expect(main).to_contain_text(letter.begins)
    await expect(main).to_contain_text(letter.issuer)
    for words in letter.without:
        await expect(main.locator(".prose").first).not_to_contain_text(words)


async def _searches(page: Page, base: str, given: Files) -> None:
    letter = given.letters[-1]
    await page.goto(f"{base}/search?q={letter.title[:14]}")
    await expect(page.locator("main")).to_contain_text(letter.title[:14])


async def _asks(page: Page, base: str, given: Files) -> None:
    """The bot answers from what came in, in its own words, or offers the entry first."""
    asked, meant, words = given.asked
    await page.goto(f"{base}/faq")
    await page.get_by_label("您想问什么").fill(asked)
    await page.get_by_role("button", name="问", exact=True).click()
    offered = page.get_by_role("button", name=meant, exact=True)
    answered = page.locator("main .prose", has_text=words)
    await expect(offered.or_(answered).first).to_be_visible(timeout=PATIENCE)
    if await offered.count():
        await offered.click()
    await expect(answered).to_be_visible(timeout=PATIENCE)


async def _all_came_out_right(data: Path, given: Files, count: int) -> None:
    database = Database(sqlite_url(data / "fangtan.db"))
    async with Units(database).read() as uow:
        kept = {one.title: one for one in await uow.db.scalars(select(CatalogEntry))}
        total = len(list(await uow.db.scalars(select(CatalogEntry))))
    await database.close()
    assert total == count + len(given.letters)
    for letter in given.letters:
        entry = kept[letter.title]
        assert entry.issuer == (letter.issuer or GIVEN_ISSUER)
        assert (entry.document_no or "") == letter.document_no
        assert entry.body.startswith(letter.begins)
        assert not [words for words in letter.without if words in entry.body]
        if letter.published_on:
            assert str(entry.published_on) == letter.published_on
    for line in given.content.decode().splitlines()[:20]:
        one = json.loads(line)
        assert kept[one["q"]].body == one["a"]


async def test_the_pages_of_an_import_are_for_everybody(
    browser: Browser, tmp_path: Path, shots: Path
) -> None:
    """axe, sizes and overflow of upload, document, table with problems, result, and what changes, in both modes."""
    await prepared(tmp_path, Files("", (), Path(), ("", "", "")))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    table = (
        "index_no,title,body,issuer\n"
        + "".join(f"SL-{n},水费{n},三元。,水务局\n" for n in range(3))
        + "SL-9,,x,y\n"
    )
    async with serving(tmp_path, port=port, base_url=base):
        office = await signed_in(browser, base)
        addresses = ["/office/catalog/import"]
        for name, content in (("方案.txt", "供水方案\n各区按时。"), ("目录.csv", table), ("收.csv", table)):
            await _sends(office, base, name, content.encode())
            addresses.append(office.url.removeprefix(base))
        await office.get_by_label("发布日期", exact=True).fill("2026-01-05")
        await office.get_by_label("已经在别处公开过").check()
        await office.get_by_role("button", name="开始收").click()
        await expect(office.get_by_role("heading", name="收完了")).to_be_visible(timeout=PATIENCE)
        changed = f"{table.replace('三元', '四元', 1)}SL-10,新的,五元。,水务局\n"
        await _sends(office, base, "改.csv", changed.encode())
        await expect(office.locator("main")).to_contain_text("1条，其中现在公开着的1条")
        await expect(office.get_by_role("row", name="SL-0")).to_contain_text("修改：正文；现在公开着")
        addresses.append(office.url.removeprefix(base))
        cookies = await office.context.cookies()
        found = []
        for elder in (False, True):
            context = await context_of(browser, 360, 800, elder=elder, base=base)
            await context.add_cookies([one for one in cookies if one["name"] != "fangtan_mode"])  # type: ignore[misc]
            page = await context.new_page()
            for place, address in enumerate(addresses):
                await page.set_viewport_size({"width": 360, "height": 800})
                await page.goto(base + address)
                await page.screenshot(
                    path=shots / f"import-{place}-{'elder' if elder else 'phone'}.png", full_page=True
                )
                seen = [*await axe_findings(page), *await size_findings(page, elder=elder)]
                found += [f"{address} {'elder' if elder else ''}: {one}" for one in seen]
        assert found == []
