"""Sockets obey the same matrix, and whoever loses an account, a role or a login loses their sockets in five seconds."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlmodel import col

from base.clock import utcnow
from base.people import SYSTEM, Login, Person, Role
from tests import cast
from tests.access import matrix, stage
from tests.access.listening import auth_of, ear
from tests.access.stage import Stage
from web import accounts, asking, auth
from web.keys import UNITS
from web.sealing import digest

pytestmark = pytest.mark.asyncio(loop_scope="module")

STREAMS = [door for door in matrix.read().doors if door.pattern == "/api/streams/{name}"]
SECONDS = 60
"""Of patience; that it takes five at most is a promise of :data:`chat.namespace.LOOK_EVERY_SECONDS`."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage.opened(tmp_path_factory.mktemp("sockets")) as opened:
        yield opened


@pytest.mark.parametrize("party", matrix.read().parties)
async def test_a_socket_watches_what_its_party_may_read_over_http(town: Stage, party: str) -> None:
    codes = {matrix.LOGIN: "visitor.missing", matrix.MISSING: "not_found"}
    async with ear(town, auth_of(town, party)) as listener:
        for door in STREAMS:
            name = door.address(town.names).removeprefix("/api/streams/")
            said, told = await listener.watches(name), door.told[party]
            assert said["ok"] is (told == matrix.IN), (name, said)
            if told != matrix.IN:
                assert said["error"]["code"] == codes[told], name
                nowhere = door.address(town.names | town.missing).removeprefix("/api/streams/")
                assert await listener.watches(nowhere) == said


async def _changed(town: Stage, who: str, change: Callable[[Person], None]) -> None:
    async with town.city.act("周科长", cast.DURING) as uow:
        change(await uow.db.get_one(Person, town.city.people[who].person_id))


async def _disabled(town: Stage) -> None:
    async with town.app[UNITS].act(town.city.people["管理员小马"]) as uow:
        await accounts.disable(uow, "别场审核员")


async def _given_another_role(town: Stage) -> None:
    await _changed(town, "别场主持", lambda person: setattr(person, "role", Role.RECIPIENT))


async def _moved_to_another_body(town: Stage) -> None:
    other = town.city.bodies["医保局"]
    await _changed(town, "外单位老吴", lambda person: setattr(person, "body_id", other))


async def _signed_out(town: Stage) -> None:
    said = await town.sends("POST", "/logout", town.browser("auditor"))
    assert said.status == 303


@pytest.mark.parametrize(
    ("party", "loses"),
    [
        ("other_moderator", _disabled),
        ("other_host", _given_another_role),
        ("other_clerk", _moved_to_another_body),
        ("auditor", _signed_out),
    ],
)
async def test_who_loses_their_standing_loses_their_sockets(
    town: Stage, party: str, loses: Callable[[Stage], Awaitable[None]]
) -> None:
    cookie = {"Cookie": f"{asking.LOGIN_COOKIE}={town.cookies[party]}"}
    async with ear(town, auth_of(town, party)) as program, ear(town, None, cookie) as browser:
        for one in (program, browser):
            assert (await one.watches("me"))["ok"], "signed in, or this would tell nothing"
        await loses(town)
        async with asyncio.timeout(SECONDS):
            await program.gone.wait()
            await browser.gone.wait()


async def test_an_idle_login_is_cut_and_an_open_live_room_or_a_command_keeps_one(town: Stage) -> None:
    tokens = [await town.sign_in("审核员小张") for _ in range(3)]
    cookies = [{"Cookie": f"{asking.LOGIN_COOKIE}={token}"} for token in tokens]
    async with (
        ear(town, None, cookies[0]) as watching,
        ear(town, None, cookies[1]) as working,
        ear(town, None, cookies[2]) as away,
    ):
        assert (await watching.watches(f"interview:{town.names['live']}:staff"))["ok"]
        assert (await away.watches("me"))["ok"]

        async def works() -> None:
            while not away.gone.is_set():
                await working.call("question.publish", {"question": 0})

        async with asyncio.timeout(SECONDS):
            going = asyncio.create_task(works())
            await _left_alone(town, tokens)
            await away.gone.wait()
            await going
        assert not watching.gone.is_set()
        assert not working.gone.is_set()
        kept = await _logins(town, tokens)
        assert [utcnow() - one.seen_at > auth.IDLE for one in kept] == [False, False, True]


async def _logins(town: Stage, tokens: list[str]) -> list[Login]:
    async with town.app[UNITS].read(SYSTEM) as uow:
        rows = await uow.db.scalars(select(Login).where(col(Login.digest).in_(map(digest, tokens))))
        return sorted(rows, key=lambda row: row.id or 0)


async def _left_alone(town: Stage, tokens: list[str]) -> None:
    """As if no page had been opened under these logins for longer than a login may lie idle."""
    async with town.app[UNITS].act(SYSTEM) as uow:
        theirs = update(Login).where(col(Login.digest).in_(map(digest, tokens)))
        await uow.db.execute(theirs.values(seen_at=uow.now - auth.IDLE - timedelta(minutes=1)))


async def test_a_socket_of_the_old_role_goes_even_where_a_newer_one_is_right(town: Stage) -> None:
    async with ear(town, auth_of(town, "editor")) as old:
        await _changed(town, "目录编辑小林", lambda person: setattr(person, "role", Role.ADMIN))
        async with ear(town, auth_of(town, "editor")) as new:
            async with asyncio.timeout(SECONDS):
                await old.gone.wait()
            assert (await new.call("ping", {}))["ok"] or new.gone.is_set()


async def test_a_one_time_password_opens_no_socket_of_its_owner(town: Stage) -> None:
    cookie = f"{asking.LOGIN_COOKIE}={await town.sign_in('新来的审核员')}"
    async with ear(town, None, {"Cookie": cookie}) as newcomer:
        assert (await newcomer.watches("me"))["error"]["code"] == "visitor.missing"
        refused = await newcomer.call("question.publish", {"question": 1})
        assert refused["error"]["code"] == "login.required"
