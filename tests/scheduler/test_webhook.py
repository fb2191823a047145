"""The webhook: signed, known again by its number, tried again at growing distances, and never in the way of mail."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from base import outbox
from base.errors import Refusal
from base.outbox import PACES, Channel, MailStatus, OutboxMail, OutboxTry
from base.people import SYSTEM
from interviews import notices, telling
from interviews.telling import Allowed, Kind, Way
from scheduler.jobs import post
from tests.cast import City, at
from tests.scheduler.conftest import PostOffice
from tests.scheduler.gateway import KEY, SECRET, Gateway
from web import settings, webhook
from web.mailer import Mailer
from web.webhook import Webhook

MORNING = at("2026-02-02 08:00")


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway().open() as there:
        yield there


async def by_gateway(city: City, kind: Kind = Kind.REMINDER) -> None:
    """The office sends a kind to the gateway, and 周科长 leaves a number."""
    async with city.act("周科长", MORNING) as uow:
        await telling.set_rules(uow, {(kind, Way.WEBHOOK): Allowed.MUST})
        await telling.choose(uow, {}, "13900001111")


async def remind(city: City, when: datetime = MORNING) -> None:
    async with city.units.act(SYSTEM, when) as uow:
        await notices.sweep(uow)


async def call(city: City, url: str, when: datetime = MORNING, timeout: float = 5) -> int:
    with time_machine.travel(when, tick=True):
        return await post(city.units, Webhook(url, SECRET, timeout).send, Channel.WEBHOOK)


async def rows(city: City) -> list[OutboxMail]:
    async with city.units.read(SYSTEM) as uow:
        query = select(OutboxMail).where(col(OutboxMail.channel) == Channel.WEBHOOK)
        return list(await uow.db.scalars(query.order_by(col(OutboxMail.id))))


async def tries(city: City) -> list[str | None]:
    async with city.units.read(SYSTEM) as uow:
        return [one.trouble for one in await uow.db.scalars(select(OutboxTry).order_by(col(OutboxTry.id)))]


async def test_a_reminder_goes_signed_to_the_gateway_with_nothing_more_than_it_needs(
    office: City, gateway: Gateway
) -> None:
    await by_gateway(office)
    await remind(office)
    assert await call(office, gateway.url) == 2
    assert gateway.unsigned == 0
    zhou = office.people["周科长"]
    told = next(one for one in gateway.taken if one["data"]["to"]["person"] == zhou.person_id)
    assert told["type"] == "notice.reminder"
    assert told["timestamp"] == "2026-02-02T08:00:00+08:00"
    assert told["data"]["to"] == {"person": zhou.person_id, "role": "office", "address": "13900001111"}
    assert "最迟2026年2月9日（周一）（第十二条）" in told["data"]["text"]
    assert told["data"]["id"] in {number for number, _ in gateway.calls}
    assert "zhou@" not in str(gateway.taken), "the mail address is none of the gateway's business"
    assert "周科长" not in str(gateway.taken)
    assert [row.status for row in await rows(office)] == [MailStatus.SENT] * 2
    assert await call(office, gateway.url) == 0, "once"


async def test_one_that_fails_twice_comes_the_third_time_under_the_same_number(
    small_office: City, gateway: Gateway
) -> None:
    await by_gateway(small_office)
    gateway.replies = [500, 429, 204]
    async with small_office.units.act(SYSTEM, MORNING) as uow:
        await outbox.queue(uow, "test:1", "", "提醒", "请办。", channel=Channel.WEBHOOK)
    when = MORNING
    for _ in range(3):
        await call(small_office, gateway.url, when)
        (row,) = await rows(small_office)
        when = row.next_try_at
    assert (row.status, row.attempts) == (MailStatus.SENT, 3)
    assert len(gateway.taken) == 1
    numbers, moments = zip(*gateway.calls, strict=True)
    assert len(set(numbers)) == 1
    assert len(set(gateway.bodies)) == 1, "the same notice word for word"
    assert moments[0] < moments[1] < moments[2], "each try is signed at its own time"
    assert await tries(small_office) == ["对方没有收：500", "对方没有收：429", None]


async def test_the_pauses_grow_to_a_day_and_outlast_a_long_weekend() -> None:
    pace = PACES[Channel.WEBHOOK]
    waits = [outbox.wait_after(attempt, 0.0, pace.longest) for attempt in range(1, pace.attempts)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)
    assert sum(waits, timedelta()) > timedelta(days=4)


@pytest.mark.parametrize("status", [400, 401, 404, 410])
async def test_what_the_gateway_will_never_take_is_given_up_at_once(
    small_office: City, gateway: Gateway, status: int
) -> None:
    await by_gateway(small_office)
    gateway.replies = [status]
    await remind(small_office)
    assert await call(small_office, gateway.url) == 0
    assert {(row.status, row.attempts) for row in await rows(small_office)} == {(MailStatus.FAILED, 1)}


async def test_a_redirect_is_not_followed_and_tried_again_later(small_office: City, gateway: Gateway) -> None:
    await by_gateway(small_office)
    gateway.replies = [307]
    await remind(small_office)
    await call(small_office, gateway.url)
    assert gateway.elsewhere == 0
    assert {row.status for row in await rows(small_office)} == {MailStatus.QUEUED}
    assert "没有跟过去" in str((await rows(small_office))[0].last_error)


async def test_a_gateway_that_never_answers_holds_up_no_mail(
    small_office: City, gateway: Gateway, post_office: PostOffice
) -> None:
    await by_gateway(small_office)
    gateway.silent = True
    await remind(small_office)
    mailer = Mailer(f"smtp://127.0.0.1:{post_office.port}", "https://fangtan.example.gov.cn")
    with time_machine.travel(MORNING, tick=True):
        waiting = asyncio.create_task(
            post(small_office.units, Webhook(gateway.url, SECRET, 1).send, Channel.WEBHOOK)
        )
        async with asyncio.timeout(60):
            while not gateway.calls:  # noqa: ASYNC110 - the gateway tells nobody
                await asyncio.sleep(0.01)
            assert await post(small_office.units, mailer.send) == 2
        assert len(post_office.taken) == 2
        assert await waiting == 0
    assert {row.status for row in await rows(small_office)} == {MailStatus.QUEUED}
    assert set(await tries(small_office)) == {None, "1秒没有回应"}


async def test_nobody_there_is_tried_again(small_office: City, gateway: Gateway) -> None:
    await by_gateway(small_office)
    await remind(small_office)
    await call(small_office, "http://127.0.0.1:9/")
    assert {row.status for row in await rows(small_office)} == {MailStatus.QUEUED}
    assert "连不上" in str((await rows(small_office))[0].last_error)


async def test_a_call_about_what_was_done_meanwhile_is_not_made(office: City, gateway: Gateway) -> None:
    await by_gateway(office)
    await remind(office)
    await office.announce()
    assert await call(office, gateway.url, at("2026-02-02 11:00")) == 0
    assert gateway.calls == []
    assert {row.status for row in await rows(office)} == {MailStatus.DROPPED}


def test_during_a_change_of_secrets_a_call_is_signed_with_both() -> None:
    other = "whsec_" + base64.b64encode(b"y" * 24).decode()
    assert webhook.keys(f"{SECRET} {other}") == (KEY, b"y" * 24)


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of Standard Webhooks 1.0.0, which its libraries test themselves with.
    key = webhook.keys("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")[0]
    content = b'{"test": 2432232314}'
    made = webhook.signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, content)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


BAD: dict[str, dict[str, Any]] = {
    "without https": {"webhook_url": "http://gateway.example.gov.cn/", "webhook_secret": SECRET},
    "with a password": {"webhook_url": "https://u:p@gateway.example.gov.cn/", "webhook_secret": SECRET},
    "no address": {"webhook_url": "gateway", "webhook_secret": SECRET},
    "without a secret": {"webhook_url": "https://gateway.example.gov.cn/"},
    "a short secret": {"webhook_url": "https://gateway.example.gov.cn/", "webhook_secret": "whsec_YWJj"},
    "another kind of secret": {"webhook_url": "https://g.example.gov.cn/", "webhook_secret": "x" * 40},
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD.keys())
def test_a_setting_that_cannot_work_is_refused_at_the_start_with_a_sentence(given: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        settings.load(secret_key="0" * 32, base_url="https://fangtan.example.gov.cn", **given)
    assert refused.value.message.startswith("环境变量 FANGTAN_WEBHOOK_")
    assert given.get("webhook_secret", "whsec_YWJj") not in refused.value.message


@pytest.mark.parametrize(
    "url", ["https://gateway.example.gov.cn:8443/n?city=1", "http://127.0.0.1:9000/", "http://[::1]/n"]
)
def test_https_anywhere_and_http_on_this_machine_are_taken(url: str) -> None:
    given = {"webhook_url": url, "webhook_secret": SECRET}
    made = settings.load(secret_key="0" * 32, base_url="https://fangtan.example.gov.cn", **given)
    assert made.webhook_url == url
    assert SECRET not in repr(made)
