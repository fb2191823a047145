"""Every role at every route and every command: the router and the registry say what there is, the matrix who may."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from base.people import Role
from chat.registry import REGISTRY
from tests.access import matrix, stage
from tests.access.stage import Stage
from web import asking, settings
from web.app import create_app
from web.middleware import QUIET

pytestmark = pytest.mark.asyncio(loop_scope="module")

MATRIX = matrix.read()
ADDRESSES = {
    "/socket.io/": "/socket.io/?EIO=4&transport=polling",
    "/static": "/static/tokens.css",
    "/questions": "/questions?receipt={receipt}",
}
"""Where the pattern alone is no address worth knocking at."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage.opened(tmp_path_factory.mktemp("access")) as opened:
        yield opened


def routes_of(data: Path) -> set[tuple[str, str]]:
    """Method and pattern of every route; HEAD is what aiohttp adds to each GET, by the same handler."""
    app = create_app(settings.load(secret_key="0" * 32, base_url="http://127.0.0.1:8080", data=data))
    listed = [(route.method, route.resource, route.handler) for route in app.router.routes()]
    known = {(method, resource.canonical) for method, resource, _ in listed if resource and method != "HEAD"}
    gets = {
        (resource.canonical, handler) for method, resource, handler in listed if method == "GET" and resource
    }
    heads = {
        (resource.canonical, handler) for method, resource, handler in listed if method == "HEAD" and resource
    }
    assert not {one for one in heads - gets if one[0] != "/socket.io/"}, "a HEAD that no GET answers"
    return known


async def test_every_route_command_and_role_is_listed(tmp_path: Path) -> None:
    there, listed = routes_of(tmp_path), {(door.method, door.pattern) for door in MATRIX.doors}
    assert there - listed == set(), "not in matrix.yaml: say who gets in"
    assert listed - there == set(), "in matrix.yaml, but no such route"
    assert set(REGISTRY) - set(MATRIX.commands) == set(), "not in matrix.yaml: say who may"
    assert set(MATRIX.commands) - set(REGISTRY) == set(), "in matrix.yaml, but no such command"
    assert {*Role} - {Role.CLOCK} == {Role(role) for role in MATRIX.parties.values()}


# Routes

ASKING: dict[str, Any] = {"text": "能报多少？", "kind": "inquiry", "client_id": "matrix-0001"}
FORMS: dict[str, dict[str, Any]] = {
    "/api/interviews/{id}/questions": ASKING,
    "/api/commands/{name}": ASKING | {"interview": "live"},
    "/interviews/{id}/questions": {"text": "", "kind": "inquiry"},
    "/api/interviews/{id}/similar": {"text": "怎么办理医保转移？"},
    "/api/faq/ask": {"text": "怎么办理医保转移？"},
    "/api/faq/feedback": {"ask": 1, "useful": True},
    "/api/proof": {"payload": "e30="},
    "/answers/{item}/rating": {"solved": "yes"},
    "/faq/feedback": {"ask": "ask", "useful": "yes"},
    "/office/interviews/{id}/enter": ASKING | {"way": "phone"},
    "/office/interviews/{id}/people": {"pick": "987654"},
    "/office/interviews/{id}/people/undo": {"pick": "987654"},
    "/do/{command}": {"interview": "live", "venue": "一楼大厅"},
}
"""What is sent where nothing at all would not be understood, or would tell too little."""


def _form(town: Stage, pattern: str) -> dict[str, Any]:
    return {name: town.numbers.get(str(value), value) for name, value in FORMS.get(pattern, {}).items()}


@pytest.mark.parametrize("door", MATRIX.doors, ids=lambda door: f"{door.method} {door.path}")
async def test_a_door_lets_in_whom_the_matrix_says(town: Stage, door: matrix.Door) -> None:
    wrong = []
    sent = _form(town, door.pattern)
    for party, told in door.told.items():
        said = await town.knocks(party, door.method, _address(door, town.names), sent)
        if said.told != told:
            wrong.append(f"{party}: {told} was expected, {said.told} came")
            continue
        if (
            told == matrix.IN
            and door.method == "GET"
            and door.pattern != "/socket.io/"
            and said.status >= 400
        ):
            wrong.append(f"{party}: is let in and reads nothing: {said.status} {said.text[:80]}")
        for name in door.named & set(town.missing) if told == matrix.MISSING else ():
            nowhere = _address(door, town.names | {name: town.missing[name]})
            nothing = await town.knocks(party, door.method, nowhere, sent)
            if _seen(nothing) != _seen(said):
                wrong.append(f"{party}: can tell by the {name} what is there from what is not")
    assert wrong == []


def _address(door: matrix.Door, names: dict[str, str]) -> str:
    address = door.address(names)
    return ADDRESSES.get(address, address).format_map(names)


# Cookies are not enough


@pytest.mark.parametrize(
    "door", [one for one in MATRIX.doors if one.method not in asking.SAFE], ids=lambda door: door.path
)
async def test_what_changes_something_needs_the_forms_token_and_our_own_origin(
    town: Stage, door: matrix.Door
) -> None:
    if door.pattern == "/socket.io/":
        return  # The socket checks its Origin itself: tests/chat/test_socket.py.
    address, foreign = _address(door, town.names), {"Origin": "https://evil.example"}
    for party in ("asker", "host"):
        cookie = {"Cookie": town.browser(party)["Cookie"]}
        said = await town.sends(door.method, address, town.browser(party) | foreign)
        assert (said.status, "别的网站" in said.text) == (403, True)
        said = await town.sends(door.method, address, town.headers(party) | foreign)
        assert (said.status, "别的网站" in said.text) == (403, True)
        if address != "/api/visitor":
            said = await town.sends(door.method, address, cookie)
            assert (said.status, "页面放得太久了" in said.text) == (403, True)


async def test_a_one_time_password_is_good_for_choosing_ones_own_and_nothing_else(town: Stage) -> None:
    town.cookies["newcomer"] = await town.sign_in("新来的审核员")
    opens, sends = {}, {}
    for door in MATRIX.doors:
        address, headers = _address(door, town.names), town.browser("newcomer")
        if address.startswith(QUIET) or address in ("/password", "/logout"):
            continue
        said = await town.sends(door.method, address, headers)
        if door.method in asking.SAFE and not address.startswith("/api/"):
            opens[address] = (said.status, said.leads_to)
        else:
            sends[address] = (said.status, "password.one_time" in said.text)
    assert opens == dict.fromkeys(opens, (303, "/password"))
    assert sends == dict.fromkeys(sends, (403, True))
    assert len(opens) > 40
    assert len(sends) > 15
    assert (await town.knocks("newcomer", "GET", "/password")).status == 200


# Commands

WAITING = frozenset(
    {"question.publish", "question.decline", "question.transfer", "question.claim", "question.release"}
)
"""Commands for which the question at hand waits for its moderator; for all others it is public."""

FIELDS: dict[str, Any] = {
    "text": "先到窗口登记。",
    "reason": "情况有变，向公众说明",
    "theme": "城乡居民医保缴费和异地就医",
    "starts_at": "2026-09-11T14:30:00+08:00",
    "ends_at": "2026-09-11T16:30:00+08:00",
    "kind": "inquiry",
    "minutes": 5,
    "year": 2027,
    "duty": "announce",
    "venue": "二楼访谈室",
    "seconds": 0,
    "version": 1,
    "edition": "0" * 64,
    "what": "把窗口的登记表放到网上",
    "due": "2026-12-15",
    "words": ["代写材料"],
    "word": "代写材料",
    "guests": [{"name": "王立言", "post": "待遇处处长"}],
}
"""A value for every field a command must have, by its name; ``{command}.{field}`` where one name means two things."""

ODD: dict[str, Any] = {
    "interview.change.ground": "public_demand",
    "question.refuse.ground": "personal_privacy",
    "question.decline.reason": "not_a_question",
    "question.submit.client_id": "matrix-0002",
    "words.add.kind": "watch",
    "word.case.drop.case": 1,
}


async def _object(town: Stage, name: str) -> dict[str, Any]:
    """A well-formed object of a command, aimed at the live interview and a question of its own."""
    other = await town.city.published("asker", f"{name}还要多久？")
    asked = await (town.city.asks if name in WAITING else town.city.published)("asker", f"{name}在哪里办？")
    said = await town.city.does("王处长", "question.answer", question=other, text="先到窗口登记。")
    known = FIELDS | {
        "interview": town.city.interview,
        "question": asked,
        "into": other,
        "item": said["item"],
        "respondents": [town.city.bodies["医保局"]],
        "body": town.city.bodies["水务局"],
        "questions": [asked],
        "delivery": int(town.names["delivery"]),
    }
    required = [name for name, field in REGISTRY[name].schema.model_fields.items() if field.is_required()]
    values = {field: ODD.get(f"{name}.{field}", known.get(field)) for field in required}
    assert None not in values.values(), f"say in FIELDS what {name} is sent: {values}"
    return values


@pytest.mark.parametrize("name", MATRIX.commands)
async def test_a_command_obeys_whom_the_matrix_says(town: Stage, name: str) -> None:
    sent, wrong = await _object(town, name), []
    aim = next((field for field in ("question", "item", "interview", "delivery") if field in sent), None)
    for party, told in MATRIX.commands[name].items():
        said = await town.knocks(party, "POST", f"/api/commands/{name}", sent)
        if said.told != told:
            wrong.append(f"{party}: {told} was expected, {said.told} came")
        if aim is None or told not in (matrix.MISSING, matrix.IN):
            continue
        nothing = await town.knocks(party, "POST", f"/api/commands/{name}", sent | {aim: stage.NO_NUMBER})
        if told == matrix.MISSING and _seen(nothing) != _seen(said):
            wrong.append(f"{party}: can tell what is there from what is not")
        if aim in town.practised and (told == matrix.MISSING or party in matrix.STRANGERS):
            practice = sent | {aim: town.practised[aim]}
            if _seen(await town.knocks(party, "POST", f"/api/commands/{name}", practice)) != _seen(nothing):
                wrong.append(f"{party}: can tell that there is a rehearsal")
    assert wrong == []


def _seen(said: stage.Said) -> tuple[int, str]:
    return said.status, said.text
