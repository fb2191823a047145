"""Signing in: the same answer for every failure, a lock after five, one-time passwords, and what a logout ends."""

import re

import argon2
import pytest
import time_machine
from aiohttp import ClientResponse
from sqlalchemy import func, select

from base.people import SYSTEM, Person
from interviews.models import Question
from tests import cast
from tests.conftest import HASHER
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, Town
from web import auth
from web.keys import SETTINGS


async def sign_in(town: Town, name: str, password: str) -> ClientResponse:
    """Open the login page as a browser does and send its form."""
    async with town.client.get("/login") as page:
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', await page.text())
    assert token is not None
    form = {"name": name, "password": password, "csrf": token.group(1), "next": ""}
    return await town.client.post("/login", data=form, allow_redirects=False)


async def test_every_failure_gets_the_same_answer(town: Town) -> None:
    wrong = await sign_in(town, "office", "falsch")
    nobody = await sign_in(town, "nobody", "falsch")
    assert (wrong.status, nobody.status) == (401, 401)
    assert auth.WRONG.message in await wrong.text()
    assert auth.WRONG.message in await nobody.text()


async def test_five_failures_lock_for_a_quarter_of_an_hour(town: Town) -> None:
    for _ in range(5):
        assert (await sign_in(town, "office", "falsch")).status == 401
    assert (await sign_in(town, "office", PASSWORD)).status == 401
    with time_machine.travel(cast.at("2026-03-06 14:56"), tick=True):
        assert (await sign_in(town, "office", PASSWORD)).status == 303


async def test_the_cookie_is_for_this_browser_and_this_site_alone(town: Town) -> None:
    response = await sign_in(town, "office", PASSWORD)
    cookie = response.cookies["fangtan_login"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert len(cookie.value) >= 43


async def test_a_login_idles_out_and_ends(town: Town) -> None:
    await sign_in(town, "office", PASSWORD)
    async with town.client.get("/office") as page:
        assert page.status == 200
    with time_machine.travel(cast.at("2026-03-06 15:12"), tick=True):
        async with town.client.get("/office", allow_redirects=False) as page:
            assert (page.status, page.headers["Location"]) == (303, "/login?next=/office")


async def test_example_accounts_do_not_work_in_a_real_installation(town: Town) -> None:
    app = town.client.app
    assert app is not None
    real = app[SETTINGS].model_copy(update={"demo": False})
    app._state[SETTINGS] = real
    assert (await sign_in(town, "office", PASSWORD)).status == 401


async def test_a_one_time_password_is_good_for_choosing_ones_own(town: Town) -> None:
    async with town.city.act("周科长", cast.DURING) as uow:
        person = await uow.db.get_one(Person, town.city.people["周科长"].person_id)
        person.must_change_password = True
    await sign_in(town, "office", PASSWORD)
    async with town.client.get("/office", allow_redirects=False) as page:
        assert (page.status, page.headers["Location"]) == (303, "/password")
    async with town.client.get("/password") as page:
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', await page.text())
    assert token is not None
    form = {"csrf": token.group(1), "old": PASSWORD, "new": "kurz", "again": "kurz"}
    async with town.client.post("/password", data=form) as page:
        assert page.status == 400
    form |= {"new": "mein-eigenes-wort", "again": "mein-eigenes-wort"}
    async with town.client.post("/password", data=form, allow_redirects=False) as page:
        assert page.status == 303
    async with town.client.get("/office") as page:
        assert page.status == 200


@pytest.mark.parametrize("path", ["/office", "/host/1", "/desk", "/supervise", "/inbox"])
async def test_staff_pages_lead_to_the_login_and_nowhere_for_the_wrong_role(town: Town, path: str) -> None:
    async with town.client.get(path, allow_redirects=False) as page:
        assert (page.status, page.headers["Location"]) == (303, f"/login?next={path}")
    await sign_in(town, "auditor", PASSWORD)
    assert (await sign_in(town, "recipient", PASSWORD)).status == 303
    async with town.client.get(path) as page:
        assert page.status == (200 if path == "/inbox" else 404)


def test_a_password_costs_a_guesser_what_rfc_9106_asks() -> None:
    """The tests' own passwords are hashed cheaply; this is what the product does. RFC 9106, section 4."""
    hashed = argon2.extract_parameters(HASHER.hash(PASSWORD))
    assert hashed.type is argon2.Type.ID
    assert hashed == argon2.profiles.RFC_9106_LOW_MEMORY


def loses_login(writer: Browser) -> None:
    """The login ends while the page stays open."""
    jar = writer.client.session.cookie_jar
    jar.update_cookies({"fangtan_login": "ended"}, writer.client.make_url("/"))


async def test_what_was_written_after_the_login_ended_comes_back_to_be_copied(town: Town) -> None:
    writer = Browser(town)
    page = f"/office/interviews/{town.city.interview}/enter"
    await writer.signs_in("office", page)
    loses_login(writer)
    typed = {"way": "phone", "kind": "consultation", "text": "电话里问的<b>，记了十分钟", "client_id": "号"}
    assert await writer.sends(page, **typed) == 401
    assert "电话里问的&lt;b&gt;，记了十分钟</textarea>" in writer.text
    assert writer.text.count("<textarea") == 1
    assert "请重新登录" in writer.text
    assert f'name="next" value="{page}"' in writer.text
    async with town.city.units.read(SYSTEM) as uow:
        assert await uow.db.scalar(select(func.count()).select_from(Question)) == 0


async def test_numbers_dates_and_addresses_come_back_too(town: Town) -> None:
    writer = Browser(town)
    page = f"/office/bodies/{town.city.bodies['水务局']}"
    await writer.signs_in("office", page)
    loses_login(writer)
    typed = {"name": "许静宜", "office": "0000-0010101", "mobile": "10000000101", "email": "a@b.cn"}
    chosen = {"first": "on", "body": "12", "post": "OK by phone", "since": "2026-03-06", "back": page}
    assert await writer.sends(f"{page}/contacts", **typed, **chosen) == 401
    shown = re.findall(r"readonly>([^<]*)</textarea>", writer.text)
    assert shown == ["许静宜", "0000-0010101", "10000000101", "a@b.cn", "OK by phone", "2026-03-06"]


async def test_a_citizens_form_does_not_stop_at_the_login_of_somebody_else(town: Town) -> None:
    asker = Browser(town)
    await asker.opens(f"/interviews/{town.city.interview}")
    asker.client.session.cookie_jar.update_cookies({"fangtan_login": "ended"}, asker.client.make_url("/"))
    typed = {"kind": "consultation", "text": "断缴一年，住院能不能报？"}
    await asker.sends(f"/interviews/{town.city.interview}/questions", **typed)
    assert "工作人员登录</h1>" not in asker.text
