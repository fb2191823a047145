"""The second step of a login: switched on with a first code, asked for after the password, each code good once."""

import base64
import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from aiohttp import ClientResponse
from aiohttp.test_utils import make_mocked_request
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry
from base.errors import Refusal
from base.people import ANYONE, Person
from tests import cast
from tests.cast import City
from tests.web.conftest import PASSWORD, Town
from web import asking, auth, settings, two_step
from web.keys import SETTINGS
from web.sealing import Seal

SEAL = Seal("0123456789abcdef0123456789abcdef")
OFFICE = "周科长"


async def confirmed(city: City, who: str = OFFICE) -> tuple[str, list[str]]:
    """Switch it on for one of the cast, five minutes before the tests' hour; the secret and the recovery codes."""
    with time_machine.travel(cast.DURING - timedelta(minutes=5), tick=False):
        async with city.units.act(city.people[who]) as uow:
            await two_step.start(uow, SEAL)
        async with city.units.act(city.people[who]) as uow:
            secret = (await two_step.standing(uow, SEAL)).pending or ""
            return secret, await two_step.confirm(uow, SEAL, code_of(secret, uow.now.timestamp()))


def code_of(secret: str, at: float, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(at) + 30 * steps)


async def spend(city: City, code: str) -> str | None:
    async with city.act(OFFICE, cast.DURING) as uow:
        return await two_step.accept(uow, SEAL, uow.actor.person_id or 0, code)


NOW = cast.DURING.timestamp()


async def test_a_code_is_good_for_its_half_minute_and_its_neighbours_and_once(small_city: City) -> None:
    secret, _ = await confirmed(small_city)
    assert [await spend(small_city, code_of(secret, NOW, step)) for step in (-2, 2)] == [None, None]
    assert await spend(small_city, code_of(secret, NOW, -1)) == "phone"
    assert await spend(small_city, code_of(secret, NOW, -1)) is None, "replayed"
    assert await spend(small_city, code_of(secret, NOW)) == "phone"
    assert await spend(small_city, code_of(secret, NOW, -1)) is None, (
        "older than the last one that was accepted"
    )


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B, SHA-1; it prints eight digits, of which six are the last."""
    at = datetime.fromtimestamp(seconds, UTC)
    secret = base64.b32encode(b"12345678901234567890").decode()
    step = two_step.SecondStep(person_id=1, secret=SEAL.close(secret), started_at=at)
    assert two_step._step_of(step, SEAL, code[-6:], at) == seconds // 30


async def test_codes_come_as_people_type_them(small_city: City) -> None:
    secret, recovery = await confirmed(small_city)
    code = code_of(secret, NOW)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert await spend(small_city, f" {wide[:3]} {wide[3:]} ") == "phone"
    assert await spend(small_city, recovery[0].replace("-", " ")) == "recovery"
    assert await spend(small_city, recovery[0]) is None
    assert await spend(small_city, recovery[9]) == "recovery"
    for nothing in ("", "12345", "1234567", "\ud800", "²³⁴⁵⁶⁷x"):
        assert await spend(small_city, nothing) is None


async def test_neither_the_secret_nor_a_recovery_code_can_be_read_in_the_database(small_city: City) -> None:
    secret, recovery = await confirmed(small_city)
    async with small_city.units.read() as uow:
        row = (await uow.db.scalars(select(two_step.SecondStep))).one()
        codes = (await uow.db.scalars(select(two_step.RecoveryCode))).all()
        told = [entry.detail for entry in await uow.db.scalars(select(AuditEntry))]
    assert secret not in row.secret
    assert len(codes) == len(set(recovery)) == 10
    assert not {code.digest for code in codes} & {one.replace("-", "") for one in recovery}
    assert secret not in str(told)


async def test_a_first_wrong_code_switches_nothing_on(small_city: City) -> None:
    async with small_city.act(OFFICE, cast.DURING) as uow:
        await two_step.start(uow, SEAL)
    with pytest.raises(Refusal, match="口令不对"):
        async with small_city.act(OFFICE, cast.DURING) as uow:
            await two_step.confirm(uow, SEAL, "000000")
    async with small_city.units.read() as uow:
        assert not await two_step.is_on(uow, small_city.people[OFFICE].person_id)


def test_a_ticket_is_good_for_five_minutes_and_for_one_password() -> None:
    person = Person(id=7, role="office", display_name=OFFICE, password_hash="one", created_at=cast.DURING)
    carried = two_step.ticket(SEAL, person, cast.DURING)
    person_id, mark = two_step.holder(SEAL, carried, cast.DURING + timedelta(minutes=4)) or (0, "")
    assert (person_id, two_step.fits(person, mark)) == (7, True)
    assert two_step.holder(SEAL, carried, cast.DURING + timedelta(minutes=6)) is None
    assert two_step.holder(SEAL, SEAL.close('{"kind":"good","text":"7"}'), cast.DURING) is None
    assert two_step.holder(Seal("x" * 32), carried, cast.DURING) is None
    person.password_hash = "another"
    assert not two_step.fits(person, mark)


# In the browser


async def sends(town: Town, path: str, /, **fields: str) -> ClientResponse:
    """Open a page as a browser does and send its form."""
    async with town.client.get(path) as page:
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', await page.text())
    assert token is not None
    return await town.client.post(path, data={"csrf": token.group(1)} | fields, allow_redirects=False)


async def asked_for_code(town: Town) -> str:
    """The right password of the office; the ticket on the page that asks for the code."""
    answer = await sends(town, "/login", name="office", password=PASSWORD)
    text = await answer.text()
    found = re.search(r'name="ticket" value="([^"]+)"', text)
    assert answer.status == 401
    assert "fangtan_login" not in answer.cookies
    assert 'name="password"' not in text
    assert found is not None
    return found[1]


async def test_staff_switch_it_on_and_are_asked_for_it_next_time(town: Town) -> None:
    await sends(town, "/login", name="office", password=PASSWORD)
    assert (await sends(town, "/account", act="start")).status == 303
    async with town.client.get("/account") as page:
        text = await page.text()
        assert page.headers["Cache-Control"] == "no-store"
    secret = re.search(r"secret=([A-Z2-7]{32})", text)
    assert secret is not None
    assert "<svg" in text
    assert 'style="' not in text
    wrong = await sends(town, "/account", act="confirm", code="abcdef")
    assert (wrong.status, "口令不对" in await wrong.text()) == (400, True)
    answer = await sends(town, "/account", act="confirm", code=pyotp.TOTP(secret[1]).now())
    shown = re.findall(r"<li>(\d{4}-\d{4}-\d{4})</li>", await answer.text())
    assert len(shown) == 10
    async with town.client.get("/account") as page:
        text = await page.text()
        assert "恢复码还有10个" in text
        assert secret[1] not in text
        assert shown[0] not in text
    await sends(town, "/logout")
    ticket = await asked_for_code(town)
    empty = await sends(town, "/login", ticket=ticket, code="")
    assert (empty.status, "请写上动态口令" in await empty.text()) == (400, True)
    answer = await sends(town, "/login", ticket=ticket, code=shown[0])
    assert (answer.status, answer.headers["Location"]) == (303, "/office")
    async with town.client.get("/office") as page:
        assert page.status == 200


async def test_fresh_recovery_codes_end_the_old_ones_and_want_a_code_of_the_moment(town: Town) -> None:
    city = town.city
    async with city.units.read() as uow:
        office = (await uow.db.scalars(select(Person).where(col(Person.login) == "office"))).one()
    city.people[OFFICE] = office.actor()
    secret, old = await confirmed(city)
    with_code = await asked_for_code(town)
    assert (await sends(town, "/login", ticket=with_code, code=old[0])).status == 303
    for wrong in (old[1], "000000"):
        refused = await sends(town, "/account", act="codes", code=wrong)
        assert refused.status == 400, "neither a recovery code nor a guess makes new ones"
    answer = await sends(town, "/account", act="codes", code=pyotp.TOTP(secret).now())
    page = await answer.text()
    fresh = re.findall(r"<li>(\d{4}-\d{4}-\d{4})</li>", page)
    assert (answer.status, answer.headers["Cache-Control"], len(fresh)) == (200, "no-store", 10)
    assert "新的恢复码" in page
    assert await spend(city, old[1]) is None
    assert await spend(city, fresh[0]) == "recovery"


async def test_wrong_codes_count_like_wrong_passwords(town: Town) -> None:
    secret, recovery = await confirmed(town.city)
    ticket = await asked_for_code(town)
    for _ in range(4):
        answer = await sends(town, "/login", ticket=ticket, code="000000")
        assert (answer.status, two_step.WRONG.message in await answer.text()) == (401, True)
    # The right password in between does not start the count again: only a whole login does.
    ticket = await asked_for_code(town)
    await sends(town, "/login", ticket=ticket, code="000000")
    locked = await sends(town, "/login", ticket=ticket, code=recovery[0])
    assert (locked.status, auth.WRONG.message in await locked.text()) == (401, True)
    with time_machine.travel(cast.DURING + timedelta(minutes=16), tick=True):
        ticket = await asked_for_code(town)
        assert (await sends(town, "/login", ticket=ticket, code=pyotp.TOTP(secret).now())).status == 303


async def test_where_it_is_required_only_its_own_page_opens(town: Town) -> None:
    app = town.client.app
    assert app is not None
    app._state[SETTINGS] = app[SETTINGS].model_copy(update={"two_step": "required"})
    await sends(town, "/login", name="office", password=PASSWORD)
    async with town.client.get("/office", allow_redirects=False) as page:
        assert (page.status, page.headers["Location"]) == (303, "/account")
    async with town.client.get("/account") as page:
        assert "先开两步登录" in await page.text()
    async with town.client.get(f"/api/streams/interview:{town.city.interview}:staff") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (403, "two_step.required")
    # A socket of that browser is a reader's.
    cookie = town.client.session.cookie_jar.filter_cookies(town.client.make_url("/"))
    carried = "; ".join(f"{one.key}={one.value}" for one in cookie.values())
    knock = make_mocked_request("GET", "/socket.io/", headers={"Cookie": carried}, app=app)
    assert (await asking.handshake_caller(app, knock, None)).actor == ANYONE
    async with town.client.get("/api/interviews", headers=await town.bearer(OFFICE)) as answer:
        assert answer.status == 200, "a program's bearer goes on"
    await confirmed(town.city)
    assert (await asking.handshake_caller(app, knock, None)).actor.name == OFFICE
    async with town.client.get("/office") as page:
        assert page.status == 200
    await sends(town, "/logout")
    await sends(town, "/login", name="moderator", password=PASSWORD)
    async with town.client.get("/staff") as page:
        assert page.status == 200, "others are offered it"


def test_the_setting_knows_two_words() -> None:
    given = {"secret_key": "x" * 32, "base_url": "https://fangtan.example.gov.cn"}
    assert settings.load(**given).two_step == "offered"
    with pytest.raises(Refusal, match="FANGTAN_TWO_STEP"):
        settings.load(**given, two_step="maybe")
