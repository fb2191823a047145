"""Proof of work: whoever submits too fast computes a little and goes on; once a solution, for one visitor, in time."""

import asyncio
import base64
import itertools
import json
from datetime import timedelta
from typing import Any

import altcha
import pytest
import time_machine
from aiohttp import ClientResponse, ClientSession
from sqlalchemy import func, select

from base.db import Database, Units
from base.errors import Refusal
from base.people import Actor, Role
from tests import cast
from tests.web.conftest import Town
from web.proof import COST, LASTS, Proofs, SpentProof

KEY = b"the key of a test"
ANNA, BO = Actor(1, Role.CITIZEN, "市民"), Actor(2, Role.CITIZEN, "市民")
Sent = dict[str, Any]


@pytest.fixture(autouse=True)
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.proof.TRIES", (5, 20))


def packed(sent: object) -> str:
    return base64.b64encode(json.dumps(sent).encode()).decode()


def solved(challenge: Sent) -> Sent:
    """What an honest client sends, before it is packed."""
    found = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert found is not None
    return {"challenge": challenge, "solution": found.to_dict()}


async def spent(units: Units, who: Actor, payload: str, proofs: Proofs | None = None) -> str:
    """What became of a solution: the code of the refusal, or nothing."""
    try:
        async with units.act(who) as uow:
            await (proofs or Proofs(KEY)).spend(uow, payload)
    except Refusal as refusal:
        return refusal.code
    return ""


@pytest.fixture
async def units(database: Database) -> Units:
    return Units(database)


# One solution


async def test_a_solution_is_taken_once_by_whichever_process(units: Units) -> None:
    payload = packed(solved(Proofs(KEY).challenge(1)))
    assert await spent(units, ANNA, payload) == ""
    assert await spent(units, ANNA, payload) == "proof.spent"
    assert await spent(units, ANNA, payload, Proofs(KEY)) == "proof.spent"


async def test_the_same_solution_a_hundred_times_at_once_is_taken_once(units: Units) -> None:
    payload = packed(solved(Proofs(KEY).challenge(1)))
    outcomes = await asyncio.gather(*(spent(units, ANNA, payload) for _ in range(100)))
    assert sorted(outcomes) == [""] + ["proof.spent"] * 99


async def test_the_same_solution_written_differently_is_still_the_same(units: Units) -> None:
    sent = solved(Proofs(KEY).challenge(1))
    assert await spent(units, ANNA, packed(sent)) == ""
    sent["solution"]["time"] = 5
    sent["solution"]["counter"] += 1
    assert await spent(units, ANNA, packed(sent)) == "proof.spent"
    assert await spent(units, ANNA, f"{packed(sent)}!") == "proof.spent"


async def test_another_visitors_solution_is_refused(units: Units) -> None:
    payload = packed(solved(Proofs(KEY).challenge(1)))
    assert await spent(units, BO, payload) == "proof.wrong"
    assert await spent(units, ANNA, payload) == ""


async def test_a_solution_after_five_minutes_is_refused(units: Units) -> None:
    with time_machine.travel(cast.DURING, tick=False) as clock:
        sent = packed(solved(Proofs(KEY).challenge(1)))
        clock.shift(LASTS + timedelta(seconds=1))
        assert await spent(units, ANNA, sent) == "proof.expired"


async def test_what_was_spent_is_remembered_until_it_has_expired_and_no_longer(units: Units) -> None:
    with time_machine.travel(cast.DURING, tick=False) as clock:
        first = packed(solved(Proofs(KEY).challenge(1)))
        assert await spent(units, ANNA, first) == ""
        clock.shift(LASTS - timedelta(seconds=1))
        assert await spent(units, ANNA, packed(solved(Proofs(KEY).challenge(1)))) == ""
        assert await spent(units, ANNA, first) == "proof.spent"
        clock.shift(3 * LASTS)
        assert await spent(units, ANNA, packed(solved(Proofs(KEY).challenge(1)))) == ""
        async with units.read() as uow:
            assert await uow.db.scalar(select(func.count()).select_from(SpentProof)) == 1


def _easier(sent: Sent) -> None:
    sent["challenge"]["parameters"] |= {"cost": 1, "keyPrefix": ""}


def _later(sent: Sent) -> None:
    sent["challenge"]["parameters"]["expiresAt"] += 3_600


def _for_another(sent: Sent) -> None:
    sent["challenge"]["parameters"]["data"] = {"for": "0" * 32}


def _for_nobody(sent: Sent) -> None:
    del sent["challenge"]["parameters"]["data"]


def _unsigned(sent: Sent) -> None:
    del sent["challenge"]["signature"]


def _unsolved(sent: Sent) -> None:
    sent["solution"]["derivedKey"] = sent["challenge"]["parameters"]["keyPrefix"] + "0" * 32


def _self_made(sent: Sent) -> None:
    made = altcha.create_challenge(
        "SHA-256", 1, key_prefix="", data=sent["challenge"]["parameters"]["data"], hmac_secret=b"guessed"
    )
    sent |= solved(made.to_dict())


FORGERIES = [_easier, _later, _for_another, _for_nobody, _unsigned, _unsolved, _self_made]


async def test_a_forged_solution_is_refused(small_city: cast.City) -> None:
    other = packed(solved(Proofs(b"another installation").challenge(1)))
    assert await spent(small_city.units, ANNA, other) == "proof.wrong"
    for forge in FORGERIES:
        sent = solved(Proofs(KEY).challenge(1))
        forge(sent)
        assert await spent(small_city.units, ANNA, packed(sent)) == "proof.wrong", forge.__name__


WHOLES: tuple[Any, ...] = ([], "x", {}, {"challenge": 5, "solution": 5})
PARTS: tuple[Any, ...] = (None, [], "x", {}, 5)
RUBBISH = [
    *("", "x", "=", "字", "\ud800"),
    *(packed(whole) for whole in WHOLES),
    *(packed({"challenge": {"parameters": part}, "solution": {}}) for part in PARTS),
    *(base64.b64encode(raw * 3_000).decode() for raw in (b"[", b"9", b"\xff")),
]


async def test_rubbish_is_refused_like_a_forgery(small_city: cast.City) -> None:
    for payload in RUBBISH:
        assert await spent(small_city.units, ANNA, payload) == "proof.wrong", payload[:60]


KEYS = ("parameters", "cost", "expiresAt", "data", "signature", "counter", "derivedKey")
VALUES: tuple[Any, ...] = (None, "x", -1, 1e400, [], {"a": 1}, True)


async def test_a_wrong_type_anywhere_is_refused_like_a_forgery(small_city: cast.City) -> None:
    for key, value in itertools.product(KEYS, VALUES):
        sent = solved(Proofs(KEY).challenge(1))
        parts: tuple[Sent, ...] = (sent["challenge"]["parameters"], sent["challenge"], sent["solution"])
        for part in parts:
            if key in part:
                part[key] = value
        outcome = await spent(small_city.units, ANNA, packed(sent))
        # The derived key alone proves the work; the counter beside it is only said.
        expected = {""} if key == "counter" else {"proof.wrong", "proof.expired"}
        assert outcome in expected, (key, value)


# Over HTTP


async def challenged(town: Town, visitor: str) -> Sent:
    async with town.client.get("/api/challenge", headers={"X-Visitor": visitor}) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        found: Sent = await answer.json()
        return found


async def handed_in(town: Town, visitor: str, payload: str) -> tuple[int, Sent]:
    path, headers = "/api/proof", {"X-Visitor": visitor}
    async with town.client.post(path, json={"payload": payload}, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_whoever_was_too_fast_solves_a_challenge_and_goes_on(town: Town) -> None:
    visitor = await town.visitor()
    for number in range(10):
        assert (await town.ask(visitor, f"第{number}问", f"phone-{number:04}"))[0] == 201
    status, refusal = await town.ask(visitor, "第十问", "phone-0010")
    assert (status, refusal["error"]["code"]) == (429, "pace")
    async with town.client.get(refusal["error"]["challenge"], headers={"X-Visitor": visitor}) as answer:
        payload = packed(solved(await answer.json()))
    assert await handed_in(town, visitor, payload) == (200, {"submissions": 10})
    for number in range(10, 20):
        assert (await town.ask(visitor, f"第{number}问", f"phone-{number:04}"))[0] == 201
    assert (await town.ask(visitor, "第二十问", "phone-0020"))[0] == 429
    status, refusal = await handed_in(town, visitor, payload)
    assert (status, refusal["error"]["code"]) == (409, "proof.spent")
    assert (await town.ask(visitor, "第二十问", "phone-0020"))[0] == 429


async def test_a_refused_solution_opens_nothing(town: Town) -> None:
    visitor, other = await town.visitor(), await town.visitor()
    for number in range(10):
        await town.ask(visitor, f"第{number}问", f"phone-{number:04}")
    status, refusal = await handed_in(town, visitor, packed(solved(await challenged(town, other))))
    assert (status, refusal["error"]["code"]) == (400, "proof.wrong")
    assert "请" in refusal["error"]["message"]
    assert (await town.ask(visitor, "再问", "phone-0010"))[0] == 429


async def test_a_challenge_names_no_person_and_says_how_to_solve_it(town: Town) -> None:
    parameters = (await challenged(town, await town.visitor()))["parameters"]
    assert (parameters["algorithm"], parameters["cost"]) == ("PBKDF2/SHA-256", COST)
    assert set(parameters["data"]) == {"for"}
    assert len(parameters["data"]["for"]) == 32


async def _code(answer: ClientResponse) -> tuple[int, str]:
    return answer.status, (await answer.json())["error"]["code"]


async def test_only_a_visitor_gets_a_challenge_and_hands_one_in(town: Town) -> None:
    staff = await town.bearer("审核员小张")
    async with ClientSession() as stranger:
        async with stranger.get(town.url("/api/challenge")) as answer:
            assert await _code(answer) == (401, "visitor.missing")
        async with stranger.post(town.url("/api/proof"), json={"payload": ""}) as answer:
            assert await _code(answer) == (401, "visitor.missing")
        async with stranger.get(town.url("/api/challenge"), headers=staff) as answer:
            assert await _code(answer) == (403, "forbidden")


async def test_a_malformed_object_is_refused_by_field(town: Town) -> None:
    headers = {"X-Visitor": await town.visitor()}
    long: Sent = {"payload": "x" * 5_000}
    for sent in ({}, {"payload": None}, {"payload": 5}, long, {"payload": "", "more": 1}):
        async with town.client.post("/api/proof", json=sent, headers=headers) as answer:
            assert await _code(answer) == (400, "input.invalid"), sent


async def test_with_the_cookie_alone_a_solution_needs_the_forms_token(town: Town) -> None:
    async with town.client.post("/api/visitor"):
        pass
    async with town.client.get("/api/challenge") as answer:
        payload = packed(solved(await answer.json()))
    async with town.client.post("/api/proof", json={"payload": payload}) as answer:
        assert await _code(answer) == (403, "form.stale")
    async with town.client.get(f"/interviews/{town.city.interview}") as answer:
        token = (await answer.text()).partition('name="csrf" value="')[2].partition('"')[0]
    headers = {"X-CSRF-Token": token}
    async with town.client.post("/api/proof", json={"payload": payload}, headers=headers) as answer:
        assert answer.status == 200


async def test_without_a_script_the_eleventh_question_comes_back_with_when_to_try_again(town: Town) -> None:
    page_of = f"/interviews/{town.city.interview}"
    async with town.client.get(page_of) as answer:
        token = (await answer.text()).partition('name="csrf" value="')[2].partition('"')[0]
    for number in range(11):
        typed = {
            "csrf": token,
            "text": f"第{number}问，别丢了",
            "kind": "opinion",
            "client_id": f"form-{number:06}",
        }
        async with town.client.post(f"{page_of}/questions", data=typed, allow_redirects=False) as answer:
            page = await answer.text()
            assert answer.status == (303 if number < 10 else 429)
    assert "第10问，别丢了" in page
    assert "form-000010" in page
    assert "秒再交" in page
