"""Everybody at a browser of their own, led by what the pages offer: signed in by the login page, axe on all they pass.

The city is the cast's, on a server in this process, so that the clock can be put forward between two visits.
"""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import time_machine
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, Error, Locator, Page, expect

from base.people import Person, Role
from tests import cast
from tests.browser.demo import context_of
from tests.browser.looking import Watch, axe_findings
from tests.browser.serving import free_port
from tests.conftest import Prepared
from tests.web.conftest import PASSWORD, Town, chosen
from web import auth
from web.app import create_app
from web.keys import UNITS

DESK = (1280, 900)
SENT_BY = """
() => [...document.querySelectorAll("main form[method=post]")].map((form) => new URL(form.action).pathname)
"""
"""Where the forms of a page that change something send to."""
BEHIND = "window.leftBehind === true || document.readyState !== 'complete'"
REFUSED = "the server responded with a status of 4"
"""What the browser notes where a page says that something was not written right, or asks for a second step."""


@dataclass
class Visit:
    """One of the staff who has signed in, and what they pass on the way.

    Attributes:
        who: the login, which the cast takes from the role.
        place: where they are; what is wrong with a page is kept there.
        only: where the forms of their pages may send to; nothing: anywhere.
    """

    who: str
    place: "Place"
    watch: Watch
    only: tuple[str, ...] = ()

    @property
    def page(self) -> Page:
        return self.watch.page

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    async def follow(self, link: str, *, within: str = "body") -> None:
        """Go where a link of the page leads, and look at the page there."""
        await self.goes_by(self.page.locator(within).get_by_role("link", name=link).first)

    async def press(self, button: str, within: Locator | None = None, *, exact: bool = True) -> None:
        """Press a button of a form, and look at the page that answers."""
        await self.goes_by((within or self.main).get_by_role("button", name=button, exact=exact).first)

    async def sends(self, button: str, within: Locator | None = None) -> None:
        """Press a button whose form the page's script sends, so that the page stays."""
        await (within or self.main).get_by_role("button", name=button, exact=True).first.click()

    async def goes_by(self, way: Locator) -> None:
        """Click what leads to another page, and look at that page once it is there."""
        await self.page.evaluate("window.leftBehind = true")
        await way.click()
        for _ in range(600):
            with contextlib.suppress(Error):
                if not await self.page.evaluate(BEHIND):
                    break
            await self.page.wait_for_timeout(50)
        else:
            raise AssertionError(f"still at {self.page.url}")
        # A page that shows how far work is turns by itself when the work is done, perhaps in the middle of a look.
        await expect(self.page.locator("[data-work]")).to_have_count(0)
        await self.look()

    async def unfold(self, summary: str, within: Locator | None = None) -> Locator:
        """Open what is behind one more press, as a dialog or in its place; the part that opened."""
        await (within or self.main).locator("summary:visible", has_text=summary).first.click()
        dialog = self.page.locator("dialog[open]")
        if await dialog.count():
            return dialog
        return self.main

    async def says(self, *words: str) -> None:
        """The page says some words, now or soon."""
        for one in words:
            await expect(self.main).to_contain_text(one)

    async def look(self) -> None:
        """Look with axe at the page as it is, at what the console and the policy say, and where its forms send to."""
        here = f"{self.who} at {self.page.url.removeprefix(self.place.base)}"
        wrong = await axe_findings(self.page) + await self.watch.so_far()
        if self.only:
            sends = await self.page.evaluate(SENT_BY)
            wrong += [f"a form that sends to {one}" for one in sends if not one.startswith(self.only)]
        self.place.passed.append(here)
        self.place.found += [f"{here}: {one}" for one in wrong]

    async def leave(self) -> None:
        """Sign out by the button of every page."""
        await self.page.get_by_role("button", name="退出").click()
        await expect(self.page.locator(".flash")).to_contain_text("退出了")
        await self.page.context.close()


@dataclass
class Place:
    """A running city: who comes in signs in, and what was wrong with the pages is in ``found``."""

    browser: Browser
    town: Town
    base: str
    clock: time_machine.Traveller
    found: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)

    async def comes(
        self,
        who: str,
        password: str = PASSWORD,
        *,
        code: str = "",
        only: tuple[str, ...] = (),
        size: tuple[int, int] = DESK,
    ) -> Visit:
        """Somebody finds the login, the first of all from the first page, writes name and password, and is at work."""
        context = await context_of(self.browser, *size, base=self.base)
        watch = await Watch.of(await context.new_page(), self.base)
        watch.expected = (REFUSED,)
        visit = Visit(who, self, watch)
        if self.passed:
            await watch.page.goto(f"{self.base}/login")
        else:
            await watch.page.goto(self.base)
            await visit.follow("工作人员登录")
        await watch.page.get_by_label("用户名").fill(who)
        await watch.page.get_by_label("密码").fill(password)
        await watch.page.get_by_role("button", name="登录").click()
        if code:
            await watch.page.get_by_label("动态口令").fill(code)
            await watch.page.get_by_role("button", name="登录").click()
        await expect(watch.page.get_by_role("button", name="退出")).to_be_visible()
        visit.only = only
        await visit.look()
        return visit

    def later(self, moment: datetime) -> None:
        """Time has gone on; whoever was signed in comes again."""
        self.clock.move_to(moment)

    def clean(self) -> None:
        """Nothing was wrong on any page that was passed, and pages were passed."""
        assert self.passed, "nobody went anywhere"
        assert not self.found, "\n".join(self.found)


@asynccontextmanager
async def place(browser: Browser, folder: Path, prepared: Prepared, now: datetime) -> AsyncIterator[Place]:
    """A copy of a prepared city on an address that browsers can open, at an instant that ticks on.

    Everybody of the cast may sign in under the name of their role.
    """
    prepared.copied(folder)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    app = create_app(chosen(folder, base_url=base))
    city = prepared.city.moved(app[UNITS].database)
    city.units = app[UNITS]
    async with city.act("周科长", cast.PLANNED) as uow:
        password = auth.hash_password(PASSWORD)
        await cast.give_logins(uow, password, {role.value for role in Role})
        uow.db.add(
            Person(
                role=Role.AUDITOR,
                login=Role.AUDITOR,
                display_name="审计员老费",
                password_hash=password,
                example=True,
                created_at=uow.now,
            )
        )
    with time_machine.travel(now, tick=True) as clock:
        async with TestClient(TestServer(app, port=port)) as client:
            yield Place(browser, Town(client, city), base, clock)
