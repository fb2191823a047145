"""Pace: ten submissions a minute for one visitor, limits for one address, and what counting costs."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from base.db import UnitOfWork, Units
from base.errors import Refusal
from chat.limits import KEYS, Limits, Pace, Rate
from tests import cast
from tests.chat.test_socket import ear
from tests.timing import within
from tests.web.conftest import Town, town

__all__ = ["town"]

HOME = "203.0.113.7"


class Hand:
    """A clock that moves by hand."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


# Counting


def test_so_many_in_any_sixty_seconds_and_the_wait_is_named() -> None:
    clock = Hand()
    rate = Rate(3, clock)
    for moment in (0, 20, 40):
        clock.at = 1_000 + moment
        assert rate.wait("甲") == 0
        rate.count("甲")
    assert rate.wait("甲") == 20
    assert rate.wait("乙") == 0
    clock.at = 1_059.5
    assert rate.wait("甲") == 1
    clock.at = 1_060
    assert rate.wait("甲") == 0
    rate.count("甲")
    assert rate.wait("甲") == 20


def test_what_has_grown_old_is_forgotten_and_so_is_whoever_came_least_recently() -> None:
    clock = Hand()
    rate = Rate(5, clock, keys=100)
    for number in range(1_000):
        rate.count(str(number))
    assert len(rate) == 100
    clock.at += 61
    for number in range(60):
        rate.count(f"later {number}")
    assert len(rate) == 60


def test_counting_stays_far_below_a_tenth_of_a_millisecond() -> None:
    pace = Pace(limits=Limits(submissions=10**6))
    rounds = KEYS + 20_000
    with within(rounds * 0.0001):
        for person in range(rounds):
            pace.submission(person, f"10.{person % 50}.0.1")


# Who is refused, and how it goes on


def test_the_eleventh_submission_is_refused_with_the_wait_and_the_way_on() -> None:
    clock = Hand()
    pace = Pace(clock=clock)
    for _ in range(10):
        pace.submission(1, HOME)
        clock.at += 1
    with pytest.raises(Refusal) as refused:
        pace.submission(1, HOME)
    assert refused.value.body() == {
        "code": "pace",
        "message": "一分钟里最多交10个问题。请过50秒再交，您写的还在页面上。",
        "retry_after": 50,
        "challenge": "/api/challenge",
    }
    pace.submission(2, HOME)
    clock.at += 50
    pace.submission(1, HOME)


def test_a_solved_challenge_opens_ten_more_and_several_do_not_add_up() -> None:
    pace = Pace(clock=Hand())
    for _ in range(10):
        pace.submission(1, HOME)
    assert pace.proved(1) == 10
    pace.proved(1)
    for _ in range(10):
        pace.submission(1, HOME)
    with pytest.raises(Refusal, match="最多交10个"):
        pace.submission(1, HOME)


def test_what_was_not_kept_does_not_count() -> None:
    pace = Pace(limits=Limits(submissions=12), clock=Hand())
    for _ in range(20):
        pace.submission(1, HOME)()
    for _ in range(10):
        pace.submission(1, HOME)


def test_a_full_address_refuses_everybody_behind_it_and_nobody_else() -> None:
    pace = Pace(limits=Limits(submissions=2, visitors=2, supports=2, asks=2, logins=2), clock=Hand())
    acts: dict[str, Callable[[str, int], object]] = {
        "submission": lambda place, who: pace.submission(who, place),
        "support": lambda place, _: pace.support(place),
        "visitor": lambda place, _: pace.new_visitor(place),
        "ask": lambda place, who: pace.ask(who, place),
        "login": lambda place, _: pace.login(place),
    }
    for name, act in acts.items():
        act(HOME, 1)
        act(HOME, 2)
        with pytest.raises(Refusal) as refused:
            act(HOME, 3)
        assert (name, code_of(refused), refused.value.status) == (name, "pace.address", 429)
        assert refused.value.retry_after == 60
        assert "challenge" not in refused.value.body()
        act("198.51.100.1", 3)
        act("", 4)


def test_a_refused_act_uses_up_nothing_of_the_other_limit() -> None:
    pace = Pace(limits=Limits(submissions=11), clock=Hand())
    for _ in range(10):
        pace.submission(1, HOME)
    for _ in range(5):
        with pytest.raises(Refusal):
            pace.submission(1, HOME)
    pace.submission(2, HOME)


def test_one_visitor_asks_the_bot_thirty_times_a_minute() -> None:
    pace = Pace(clock=Hand())
    for _ in range(30):
        pace.ask(1, HOME)
        pace.ask(None, HOME)
    with pytest.raises(Refusal) as refused:
        pace.ask(1, HOME)
    assert code_of(refused) == "pace.asks"
    pace.ask(None, HOME)


def test_switched_off_nothing_is_refused() -> None:
    pace = Pace(on=False, limits=Limits(1, 1, 1, 1, 1), clock=Hand())
    for _ in range(50):
        pace.submission(1, HOME)
        pace.support(HOME)
        pace.new_visitor(HOME)
        pace.ask(1, HOME)
        pace.login(HOME)


# Through the commands


async def test_sending_again_while_the_disk_is_full_does_not_count(small_city: cast.City) -> None:
    async def full(_uow: UnitOfWork) -> Sequence[object]:
        raise Refusal("storage.full", "存储空间满了。请过一会儿再交。", status=503)

    await small_city.open()
    small_city.around = replace(small_city.around, pace=Pace(clock=Hand()))
    working = small_city.units
    small_city.units = Units(working.database, full)
    for _ in range(15):
        with pytest.raises(Refusal) as refused:
            await small_city.asks("网友甲", "存得下吗？", client_id="phone-0001")
        assert code_of(refused) == "storage.full"
    small_city.units = working
    for number in range(10):
        await small_city.asks("网友甲", f"第{number}问")
    with pytest.raises(Refusal) as refused:
        await small_city.asks("网友甲", "第十一问")
    assert code_of(refused) == "pace"


async def test_the_eleventh_over_http_is_refused_and_a_resend_never_counts(town: Town) -> None:
    visitor = await town.visitor()
    for number in range(10):
        status, _ = await town.ask(visitor, f"第{number}问", f"phone-{number:04}")
        assert status == 201
    status, refusal = await town.ask(visitor, "第十一问", "phone-0010")
    assert (status, refusal["error"]["code"]) == (429, "pace")
    assert 1 <= refusal["error"]["retry_after"] <= 60
    for _ in range(12):
        status, _ = await town.ask(visitor, "第3问", "phone-0003")
        assert status == 200
    status, _ = await town.ask(await town.visitor(), "别人的第一问", "phone-0010")
    assert status == 201


async def test_the_socket_and_http_count_together(town: Town) -> None:
    visitor = await town.visitor()
    sent = {"interview": town.city.interview, "kind": "inquiry"}
    async with ear(town, {"visitor": visitor}) as citizen:
        for number in range(10):
            asked = sent | {"text": f"第{number}问", "client_id": f"phone-{number:04}"}
            assert (await citizen.call("question.submit", asked))["ok"]
        refused = await citizen.call("question.submit", sent | {"text": "再问", "client_id": "phone-0010"})
        assert refused["error"]["code"] == "pace"
        assert refused["error"]["challenge"] == "/api/challenge"
        again = await citizen.call("question.submit", sent | {"text": "第0问", "client_id": "phone-0000"})
        assert again["ok"]
    status, _ = await town.ask(visitor, "再问", "phone-0010")
    assert status == 429
