"""The post: a real mail server takes it, a crash sends at most the same mail again, and what is done is not sent."""

import asyncio
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from base import outbox
from base.errors import Refusal
from base.outbox import CLAIM, Letter, MailStatus, OutboxMail, Undelivered
from base.people import SYSTEM
from interviews import notices
from interviews.models import Duty
from scheduler.jobs import post, posting
from tests.cast import City, at
from tests.scheduler.conftest import PostOffice
from web import settings
from web.mailer import Mailer, Route, is_address, mail_domain, parse

MORNING = at("2026-02-02 08:00")
BASE = "https://fangtan.example.gov.cn"
LETTER = Letter(1, "notice:1:1", "zhou@example.gov.cn", "提醒：城乡居民医保", "最迟2月9日。\n", 1)


def mailer(post_office: PostOffice, user: str = "") -> Mailer:
    return Mailer(f"smtp://{user}127.0.0.1:{post_office.port}", BASE)


async def remind_and_post(city: City, sender: Mailer, when: datetime = MORNING) -> int:
    async with city.units.act(SYSTEM, when) as uow:
        await notices.sweep(uow)
    with time_machine.travel(when, tick=True):
        return await post(city.units, sender.send)


async def kept(city: City) -> list[OutboxMail]:
    async with city.units.read(SYSTEM) as uow:
        return list(await uow.db.scalars(select(OutboxMail).order_by(OutboxMail.id)))  # type: ignore[arg-type]  # a column


async def test_reminders_arrive_in_chinese_and_are_recorded(office: City, post_office: PostOffice) -> None:
    assert await remind_and_post(office, mailer(post_office)) == 2
    to_zhou = next(made for made in post_office.taken if made["To"] == "zhou@example.gov.cn")
    assert to_zhou["Subject"] == "提醒：城乡居民医保缴费和异地就医"
    assert "最迟2026年2月9日（周一）" in to_zhou.get_content()
    assert to_zhou["From"] == "fangtan@fangtan.example.gov.cn"
    assert to_zhou["Auto-Submitted"] == "auto-generated"
    assert to_zhou["Date"].endswith("+0800")
    assert to_zhou.get_content_charset() == "utf-8"
    assert [mail.status for mail in await kept(office)] == [MailStatus.SENT] * 2
    assert await remind_and_post(office, mailer(post_office)) == 0
    assert len(post_office.taken) == 2


async def test_a_crash_between_sending_and_recording_sends_the_same_mail_at_most_again(
    office: City, post_office: PostOffice
) -> None:
    async with office.units.act(SYSTEM, MORNING) as uow:
        await notices.sweep(uow)
    async with office.units.act(SYSTEM, MORNING) as uow:
        claimed = await outbox.claim(uow, uow.now, 1)
    await mailer(post_office).send(claimed[0])
    # Here the process dies. Nobody else sends it while the claim lasts, then it goes again and that is all.
    assert await remind_and_post(office, mailer(post_office), MORNING + timedelta(minutes=1)) == 1
    assert await remind_and_post(office, mailer(post_office), MORNING + CLAIM) == 1
    assert await remind_and_post(office, mailer(post_office), MORNING + 2 * CLAIM) == 0
    ids = [made["Message-ID"] for made in post_office.taken]
    assert (len(ids), len(set(ids))) == (3, 2)
    assert ids[0] == ids[2], "who gets it twice can tell by its Message-ID"


async def test_two_processes_posting_at_once_send_each_mail_once(
    office: City, post_office: PostOffice
) -> None:
    async with office.units.act(SYSTEM, MORNING) as uow:
        for number in range(30):
            await outbox.queue(uow, f"test:{number}", "zhou@example.gov.cn", f"第{number}封", "内容。")
    send = mailer(post_office).send
    with time_machine.travel(MORNING, tick=True):
        went = await asyncio.gather(*(post(office.units, send) for _ in range(4)))
    assert sum(went) == len(post_office.taken) == len({made["Subject"] for made in post_office.taken}) == 30


async def test_nothing_is_held_open_while_a_mail_is_on_its_way(small_office: City) -> None:
    async def slow(_letter: Letter) -> None:
        async with small_office.units.act(SYSTEM, MORNING) as uow:
            await outbox.queue(uow, "test:meanwhile", "a@example.gov.cn", "别的事", "照办。")

    async with small_office.units.act(SYSTEM, MORNING) as uow:
        await outbox.queue(uow, "test:first", "a@example.gov.cn", "先来的", "内容。")
    with time_machine.travel(MORNING, tick=True):
        assert await asyncio.wait_for(post(small_office.units, slow), 60) == 2


async def test_a_mail_about_what_was_done_meanwhile_is_not_sent(
    office: City, post_office: PostOffice
) -> None:
    async with office.units.act(SYSTEM, MORNING) as uow:
        await notices.sweep(uow)
    await office.announce()
    assert await remind_and_post(office, mailer(post_office), at("2026-02-02 11:00")) == 0
    assert post_office.taken == []
    assert [mail.status for mail in await kept(office)] == [MailStatus.DROPPED] * 2


async def test_a_mail_about_a_superseded_duty_is_not_sent(
    small_office: City, post_office: PostOffice
) -> None:
    async with small_office.units.act(SYSTEM, MORNING) as uow:
        await notices.sweep(uow)
        for duty in await uow.db.scalars(select(Duty)):
            duty.status, duty.superseded_because = "superseded", "访谈改期"
    assert await remind_and_post(small_office, mailer(post_office)) == 0
    assert post_office.taken == []


async def test_after_a_mail_server_was_away_for_days_only_the_newest_reminder_goes(
    small_office: City, post_office: PostOffice
) -> None:
    async with small_office.units.act(SYSTEM, MORNING) as uow:
        await notices.sweep(uow)
    await remind_and_post(small_office, mailer(post_office), at("2026-02-09 08:00"))
    to_zhou = [made for made in post_office.taken if made["To"] == "zhou@example.gov.cn"]
    assert sum("2026年2月9日" in made.get_content() for made in to_zhou) == 1


async def test_a_busy_server_is_tried_again_and_the_mail_comes_once(
    small_office: City, post_office: PostOffice
) -> None:
    post_office.busy = 2
    assert await remind_and_post(small_office, mailer(post_office)) == 0
    waiting = await kept(small_office)
    assert [mail.status for mail in waiting] == [MailStatus.QUEUED] * 2
    assert all("451" in (mail.last_error or "") for mail in waiting)
    assert await remind_and_post(small_office, mailer(post_office), MORNING + timedelta(seconds=30)) == 0
    assert await remind_and_post(small_office, mailer(post_office), MORNING + timedelta(minutes=2)) == 2
    assert len(post_office.taken) == 2


async def test_an_unknown_address_is_given_up_and_the_others_get_theirs(
    small_office: City, post_office: PostOffice
) -> None:
    post_office.unknown = {"zhou@example.gov.cn"}
    assert await remind_and_post(small_office, mailer(post_office)) == 1
    status = {mail.to: mail.status for mail in await kept(small_office)}
    assert status == {"zhou@example.gov.cn": MailStatus.FAILED, "xu@example.gov.cn": MailStatus.SENT}


async def test_no_server_there_keeps_the_mail_for_later(small_office: City) -> None:
    nobody = Mailer("smtp://127.0.0.1:1", BASE)
    assert await remind_and_post(small_office, nobody) == 0
    assert {mail.status for mail in await kept(small_office)} == {MailStatus.QUEUED}


async def test_a_mail_that_breaks_the_sender_does_not_hold_up_the_others(small_office: City) -> None:
    went = []

    async def breaks_once(letter: Letter) -> None:
        if letter.to == "zhou@example.gov.cn":
            raise RuntimeError("nobody thought of this")
        went.append(letter.to)

    async with small_office.units.act(SYSTEM, MORNING) as uow:
        await notices.sweep(uow)
    with time_machine.travel(MORNING, tick=True):
        await posting(breaks_once).run(small_office.units)
    assert went == ["xu@example.gov.cn"]
    assert {mail.last_error for mail in await kept(small_office)} == {
        None,
        "RuntimeError('nobody thought of this')",
    }


async def test_user_and_password_open_the_server(post_office: PostOffice) -> None:
    await mailer(post_office, "fangtan:p%40ss@").send(LETTER)
    with pytest.raises(Undelivered) as refused:
        await mailer(post_office, "fangtan:wrong@").send(LETTER)
    assert not refused.value.for_good, "a password can be put right"
    assert "wrong" not in refused.value.why
    assert len(post_office.taken) == 1


async def test_a_server_that_must_encrypt_and_cannot_gets_nothing(post_office: PostOffice) -> None:
    with pytest.raises(Undelivered):
        await Mailer(f"smtp+starttls://127.0.0.1:{post_office.port}", BASE).send(LETTER)
    assert post_office.taken == []


async def test_line_breaks_in_a_subject_make_no_headers(post_office: PostOffice) -> None:
    nasty = "提醒\r\nBcc: everybody@example.com\r\n\r\n<script>"
    await mailer(post_office).send(Letter(1, "test:1", "zhou@example.gov.cn", nasty, "内容。", 1))
    (made,) = post_office.taken
    assert made["Bcc"] is None
    assert post_office.envelopes[0][1] == ["zhou@example.gov.cn"]
    assert made.get_content_type() == "text/plain"


@pytest.mark.parametrize("address", ["a@b.cn\r\nBcc: c@d.cn", "王@例子.中国", "no address"])
async def test_what_is_no_address_is_given_up_at_once(post_office: PostOffice, address: str) -> None:
    with pytest.raises(Undelivered) as refused:
        await mailer(post_office).send(Letter(1, "test:1", address, "提醒", "内容。", 1))
    assert refused.value.for_good


@pytest.mark.parametrize(
    ("url", "route"),
    [
        ("smtp://mail.example.gov.cn", Route("smtp", "mail.example.gov.cn", 25)),
        ("smtp://u:p%3Aw@10.0.0.5:2525", Route("smtp", "10.0.0.5", 2525, "u", "p:w")),
        ("smtps://u:p@mail.example.gov.cn", Route("smtps", "mail.example.gov.cn", 465, "u", "p")),
        ("smtp+starttls://mail.example.gov.cn/", Route("smtp+starttls", "mail.example.gov.cn", 587)),
    ],
)
def test_the_address_of_a_server_in_parts(url: str, route: Route) -> None:
    assert parse(url) == route
    assert "p:w" not in repr(parse(url))


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.gov.cn",
        "http://mail",
        "smtp://",
        "smtp://u@h",
        "smtp://h:0",
        "smtp://h:99999",
        "smtp://h/x",
    ],
)
def test_a_bad_address_stops_the_start_with_a_sentence(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANGTAN_SMTP_URL", url)
    with pytest.raises(Refusal) as refused:
        settings.load(secret_key="0" * 32, base_url=BASE)
    assert refused.value.message.startswith("环境变量 FANGTAN_SMTP_URL 不对：写成 smtp+starttls://")


def test_the_senders_domain_is_the_one_citizens_type() -> None:
    assert mail_domain("https://fangtan.example.gov.cn") == "fangtan.example.gov.cn"
    assert mail_domain("http://127.0.0.1:8080") == "[127.0.0.1]"


def test_addresses_of_people() -> None:
    assert is_address("zhou.ke+fangtan@example.gov.cn")
    assert not any(
        is_address(text) for text in ("zhou", "a@b", "a b@c.cn", "王@例子.中国", "a@b.cn\n", "@b.cn")
    )
