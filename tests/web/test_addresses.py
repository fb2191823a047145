"""From where somebody comes: the peer's address, a proxy's word only where the proxy is trusted, and its limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import time_machine
from aiohttp.test_utils import TestClient, TestServer

from base.people import Role
from tests import cast
from tests.chat.test_socket import ear
from tests.web.conftest import PASSWORD, Town, chosen
from web import auth
from web.addresses import counted_address
from web.app import create_app
from web.database import migrate
from web.keys import UNITS

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:ff::/48"))

# peer, X-Forwarded-For, the address that counts
SAID = {
    "nobody forwarded": ("203.0.113.7", "", "203.0.113.7"),
    "a stranger's word": ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
    "a proxy's word": ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
    "what the client wrote before it": ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
    "two proxies in a row": ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
    "a client pretending to be a proxy": ("203.0.113.7", "198.51.100.1, 10.0.0.2", "203.0.113.7"),
    "a proxy of its own accord": ("10.0.0.1", "", "10.0.0.1"),
    "only proxies": ("10.0.0.1", "10.0.0.9,10.0.0.2", "10.0.0.9"),
    "no address at all": ("10.0.0.1", "unknown", "10.0.0.1"),
    "rubbish before an address": ("10.0.0.1", "x, 198.51.100.1", "198.51.100.1"),
    "rubbish behind a proxy": ("10.0.0.1", "198.51.100.1, <b>, 10.0.0.2", "10.0.0.2"),
    "empty parts": ("10.0.0.1", ",,", "10.0.0.1"),
    "a port": ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
    "a port behind IPv6": ("10.0.0.1", "[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::/64"),
    "IPv6": ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
    "IPv6 with a zone": ("fe80::1%eth0", "", "fe80::/64"),
    "IPv6 by a proxy on IPv6": ("2001:db8:ff::1", "2001:db8:1:2::9", "2001:db8:1:2::/64"),
    "IPv4 inside IPv6": ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
    "no peer": ("", "198.51.100.1", ""),
    "a longer row than anybody has": ("10.0.0.1", "1.1.1.1," + "10.0.0.2," * 5_000 + "10.0.0.3", "10.0.0.2"),
}


@pytest.mark.parametrize(("peer", "forwarded", "counted"), SAID.values(), ids=SAID.keys())
def test_the_rightmost_address_that_is_no_proxy_counts(peer: str, forwarded: str, counted: str) -> None:
    assert counted_address(peer, forwarded, PROXIES) == counted


@asynccontextmanager
async def opened(tmp_path: Path, **settings: Any) -> AsyncIterator[Town]:
    """An application with these settings, while the interview is live."""
    app = create_app(chosen(tmp_path, **settings))
    await migrate(app[UNITS].database)
    city = await cast.settle(app[UNITS].database)
    await city.open()
    city.units = app[UNITS]
    async with city.act("周科长", cast.PLANNED) as uow:
        await cast.give_logins(uow, auth.hash_password(PASSWORD), {role.value for role in Role})
    with time_machine.travel(cast.DURING, tick=True):
        async with TestClient(TestServer(app)) as client:
            yield Town(client, city)


def by_proxy(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def new_visitor(town: Town, address: str) -> int:
    async with (
        aiohttp.ClientSession() as stranger,
        stranger.post(town.url("/api/visitor"), headers=by_proxy(address)) as answer,
    ):
        return answer.status


async def submitted(town: Town, visitor: str, number: int, address: str) -> str:
    """The code of the refusal, or nothing."""
    sent = {"text": f"第{number}问", "kind": "inquiry", "client_id": f"phone-{number:04}"}
    path = f"/api/interviews/{town.city.interview}/questions"
    headers = {"X-Visitor": visitor} | by_proxy(address)
    async with town.client.post(path, json=sent, headers=headers) as answer:
        return str((await answer.json()).get("error", {}).get("code", ""))


async def test_a_forwarded_address_from_a_peer_that_is_no_proxy_is_ignored(tmp_path: Path) -> None:
    async with opened(tmp_path, address_visitors=3) as town:
        statuses = [await new_visitor(town, f"198.51.100.{number}") for number in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


async def test_a_forwarded_address_from_a_trusted_proxy_is_believed(tmp_path: Path) -> None:
    async with opened(tmp_path, address_visitors=1, trusted_proxies="127.0.0.1") as town:
        statuses = [await new_visitor(town, f"198.51.100.{number}") for number in range(3)]
        assert statuses == [200, 200, 200]
        assert await new_visitor(town, "198.51.100.0") == 429
        assert await new_visitor(town, "7.7.7.7, 198.51.100.0") == 429


async def test_submissions_of_one_address_have_a_limit_over_http_and_sockets_alike(tmp_path: Path) -> None:
    async with opened(tmp_path, address_submissions=3, trusted_proxies="127.0.0.1") as town:
        visitors = [await town.visitor() for _ in range(3)]
        assert await submitted(town, visitors[0], 1, "198.51.100.1") == ""
        sent = {"interview": town.city.interview, "text": "问", "kind": "inquiry"}
        # A socket counts by the address it was opened from, whatever it sends later.
        async with ear(town, {"visitor": visitors[1]}, **by_proxy("198.51.100.1")) as citizen:
            for number in (2, 3):
                told = await citizen.call("question.submit", sent | {"client_id": f"phone-{number:04}"})
                assert told["ok"]
            told = await citizen.call("question.submit", sent | {"client_id": "phone-0004"})
            assert told["error"]["code"] == "pace.address"
        assert await submitted(town, visitors[2], 5, "198.51.100.1") == "pace.address"
        assert await submitted(town, visitors[2], 5, "198.51.100.2") == ""


async def test_supports_and_questions_to_the_bot_have_a_limit_by_address(tmp_path: Path) -> None:
    async with opened(tmp_path, address_supports=2, address_asks=2) as town:
        question = await town.city.published("网友甲", "能报多少？")
        headers = {"X-Visitor": await town.visitor()}
        for path, sent in (
            ("/api/commands/question.support", {"question": question}),
            ("/api/faq/ask", {"text": "医保怎么报？"}),
        ):
            statuses = []
            for _ in range(3):
                async with town.client.post(path, json=sent, headers=headers) as answer:
                    statuses.append(answer.status)
                    retry = answer.headers.get("Retry-After")
            assert statuses[-1] == 429, path
            assert 429 not in statuses[:-1], path
            assert retry is not None


async def test_attempts_to_sign_in_have_a_limit_by_address_before_the_password_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0

    async def wrong(*_: Any, **__: Any) -> Any:
        nonlocal looked
        looked += 1
        raise auth.WRONG

    async with opened(tmp_path) as town:
        monkeypatch.setattr(auth, "sign_in", wrong)
        async with town.client.get("/login") as answer:
            token = (await answer.text()).partition('name="csrf" value="')[2].partition('"')[0]
        typed = {"csrf": token, "name": "office", "password": "不对"}
        statuses = []
        for _ in range(31):
            async with town.client.post("/login", data=typed) as answer:
                statuses.append(answer.status)
                page = await answer.text()
    assert statuses == [401] * 30 + [429]
    assert looked == 30
    assert "秒再登录" in page


async def test_one_address_opens_so_many_sockets(tmp_path: Path) -> None:
    here, there = by_proxy("198.51.100.1"), by_proxy("198.51.100.2")
    async with (
        opened(tmp_path, address_sockets=2, trusted_proxies="127.0.0.1") as town,
        ear(town, None, **here),
        ear(town, None, **here),
        aiohttp.ClientSession() as third,
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await third.ws_connect(town.url("/socket.io/?EIO=4&transport=websocket"), headers=here)
        assert refused.value.status == 429
        async with ear(town, None, **there) as other:
            assert (await other.call("ping"))["ok"]


async def test_switched_off_no_address_has_a_limit(tmp_path: Path) -> None:
    async with opened(tmp_path, pace="off", address_visitors=1, address_sockets=1) as town:
        assert [await new_visitor(town, "") for _ in range(5)] == [200] * 5
        async with ear(town), ear(town) as second:
            assert (await second.call("ping"))["ok"]


async def test_without_a_script_what_was_typed_comes_back_with_when_to_try_again(tmp_path: Path) -> None:
    async with opened(tmp_path, address_visitors=1) as town:
        await town.visitor()
        page_of = f"/interviews/{town.city.interview}"
        async with town.client.get(page_of) as answer:
            token = (await answer.text()).partition('name="csrf" value="')[2].partition('"')[0]
        typed = {"csrf": token, "text": "这段话不能丢", "kind": "inquiry", "client_id": "form-000001"}
        async with town.client.post(f"{page_of}/questions", data=typed) as answer:
            page = await answer.text()
            assert answer.status == 429
            assert int(answer.headers["Retry-After"]) <= 60
    assert "这段话不能丢" in page
    assert "秒再试" in page
    assert "form-000001" in page
