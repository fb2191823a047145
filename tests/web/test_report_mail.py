"""A report by mail to a body without an account: each gets it once, and the ledger knows when, whatever happens."""

import asyncio
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlmodel import col

from base.audit import AuditEntry, verify
from base.db import Database, Units
from base.errors import Refusal
from base.outbox import MailStatus
from base.people import SYSTEM, Person
from chat import streams
from interviews.models import Notice
from interviews.report_content import Content
from scheduler import jobs
from scheduler.jobs import post, remind, settle_reports
from tests.cast import LIMIT_PASSED, PLANNED, City, at
from tests.web.mail_peer import Peer, Rounds, listening
from web import enclosures

MONDAY = at("2026-03-09 10:00")
DUE = at("2026-03-11 10:00")
THURSDAY = at("2026-03-12 09:00")
ZHENGXIE, SHIWEI = "示例市政协办公室", "示例市委办公室"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening(Peer()) as there:
        yield there


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files without the printing press, which takes seconds; one test below waits for it."""

    async def printed(content: Content, form: str) -> bytes:
        return f"{form} {content['stamp']['version']}".encode()

    monkeypatch.setattr(enclosures, "printed", printed)


async def over(city: City, said: str = "") -> City:
    """An interview without questions has ended, and 政协办 receives by mail alone."""
    await city.gives_address("政协办", "zhengxie@example.gov.cn", by_mail=True)
    async with city.act("周科长", PLANNED) as uow:
        for person in await uow.db.scalars(select(Person)):
            person.email = {"周科长": "zhou@example.gov.cn", "何主任": "he@example.gov.cn"}.get(
                person.display_name
            )
    await city.open()
    if said:
        await city.does("李主持", "interview.say", interview=city.interview, text=said)
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)
    return city


async def sends(city: City, when: datetime = MONDAY) -> int:
    return int((await city.does("周科长", "summary.send", when, interview=city.interview))["version"])


async def told(city: City, stage: str) -> list[tuple[str, str]]:
    async with city.units.read(SYSTEM) as uow:
        query = select(Notice).where(col(Notice.stage).startswith(stage)).order_by(col(Notice.id))
        return [(one.to_role, one.text) for one in await uow.db.scalars(query)]


async def noted(city: City, act: str) -> int:
    async with city.units.read(SYSTEM) as uow:
        assert (await verify(uow)).ok
        return int(await uow.db.scalar(select(func.count()).where(col(AuditEntry.act) == act)) or 0)


async def discharged(city: City) -> int:
    """How often the duty to send the report was done."""
    async with city.units.read(SYSTEM) as uow:
        done = await uow.db.scalars(select(AuditEntry).where(col(AuditEntry.act) == "duty.done"))
        return sum(one.detail["rule"] == "summary" for one in done)


async def test_the_mail_brings_both_files_and_the_duty_waits_for_it(city: City, peer: Peer) -> None:
    rounds = Rounds(await over(city), peer)
    await sends(city)
    way = (await rounds.ways())[ZHENGXIE]
    assert (way.sent_at, way.mailed_to) == (None, "zhengxie@example.gov.cn")
    assert (await rounds.ways())[SHIWEI].sent_at == MONDAY, "an inbox has it at once"
    assert (await rounds.summary()).status == "open"
    assert await rounds.at(MONDAY + 5 * MINUTE) == 1
    (mail,) = peer.reports()
    word, pdf = mail.iter_attachments()
    name = "汇总报告-城乡居民医保缴费和异地就医-第1版"
    assert [one.get_filename() for one in (word, pdf)] == [f"{name}.docx", f"{name}.pdf"]
    assert "filename*=utf-8''" in str(word).replace("\n", "").replace("*0*=", "*=")
    assert word.get_content().startswith(b"PK")
    assert pdf.get_content().startswith(b"%PDF-")
    body = mail.get_body()
    assert body is not None
    assert (
        f"{ZHENGXIE}：\n现报送《关于“城乡居民医保缴费和异地就医”网上访谈情况的汇总报告》第1版"
        in body.get_content()
    )
    done = await rounds.summary()
    assert (done.status, done.late_days) == ("done", 0)
    assert "已送4个单位" in (done.evidence or "")
    assert "未经第二人核签" in (done.evidence or "")
    assert await rounds.at(MONDAY + timedelta(hours=1)) == 0


async def test_it_counts_on_the_day_it_came_though_the_ledger_learns_of_it_later(
    small_city: City, peer: Peer, quick: None
) -> None:
    rounds = Rounds(await over(small_city), peer)
    await sends(small_city, DUE)
    with time_machine.travel(at("2026-03-11 23:50"), tick=True):
        assert await post(small_city.units, rounds.sending()) == 1
    # Here the process dies, and comes back two days later.
    await rounds.at(at("2026-03-13 09:00"))
    done = await rounds.summary()
    assert (done.status, done.late_days) == ("done", 0)
    assert done.done_at is not None
    assert at("2026-03-11 23:50") <= done.done_at < at("2026-03-11 23:51")


async def test_a_bouncing_address_is_told_once_and_put_right(
    small_city: City, peer: Peer, quick: None
) -> None:
    rounds = Rounds(await over(small_city), peer)
    peer.unknown = {"zhengxie@example.gov.cn"}
    await sends(small_city)
    for minutes in (1, 2, 3):
        await rounds.at(MONDAY + minutes * MINUTE)
    way = (await rounds.ways())[ZHENGXIE]
    assert way.trouble == "对方的邮件服务器没有收：550 no such user here"
    assert [role for role, _ in await told(small_city, "bounced-")] == ["office", "supervisor"]
    assert all("请核对邮箱，再发一次" in text for _, text in await told(small_city, "bounced-"))
    assert sorted(mail["To"] for mail in peer.taken) == ["he@example.gov.cn", "zhou@example.gov.cn"]
    assert (await rounds.summary()).status == "open"
    assert await noted(small_city, "report.bounced") == 1
    await small_city.gives_address("政协办", "zhengxie@new.example.gov.cn", by_mail=True)
    await small_city.does("周科长", "report.resend", MONDAY + 9 * MINUTE, delivery=way.delivery_id)
    assert await rounds.at(MONDAY + 10 * MINUTE) == 1
    (mail,) = peer.reports()
    assert "第1版" in mail["Subject"]
    assert "第2次发送，同一版" in mail["Subject"]
    first, second = await rounds.mails()
    assert (first.status, second.status) == (MailStatus.FAILED, MailStatus.SENT)
    after = (await rounds.ways())[ZHENGXIE]
    assert (after.version, after.mails, after.trouble) == (1, 2, None)
    done = await rounds.summary()
    assert done.done_at is not None
    assert done.done_at >= MONDAY + 10 * MINUTE
    assert await discharged(small_city) == 1


async def test_each_mail_of_one_version_has_its_own_message_id(
    small_city: City, peer: Peer, quick: None
) -> None:
    rounds = Rounds(await over(small_city), peer)
    await sends(small_city)
    await rounds.at(MONDAY + MINUTE)
    way = (await rounds.ways())[ZHENGXIE]
    await small_city.does("周科长", "report.resend", DUE, delivery=way.delivery_id)
    await rounds.at(DUE + MINUTE)
    first, second = peer.reports()
    assert first["Message-ID"] != second["Message-ID"]
    assert (await rounds.ways())[ZHENGXIE].sent_at == way.sent_at, "it came when it first came"
    assert await discharged(small_city) == 1


@pytest.mark.parametrize("words", ["452 4.2.2 mailbox full", "552 5.2.2 mailbox full", "552 over quota"])
async def test_a_full_mailbox_is_tried_again_after_longer_and_longer_waits(
    small_city: City, peer: Peer, quick: None, words: str
) -> None:
    rounds = Rounds(await over(small_city), peer)
    peer.full, peer.full_words = 6, words
    await sends(small_city)
    when, waits = MONDAY, []
    for _ in range(6):
        assert await rounds.at(when) == 0
        (mail,) = await rounds.mails()
        assert mail.status == MailStatus.QUEUED
        way = (await rounds.ways())[ZHENGXIE]
        assert way.trouble is None
        assert "full" in (way.remark or "") or "quota" in (way.remark or "")
        assert way.next_try_at == mail.next_try_at
        waits.append(mail.next_try_at - when)
        when = mail.next_try_at + timedelta(seconds=1)
    assert all(later > 1.5 * sooner for sooner, later in itertools.pairwise(waits))
    assert await rounds.at(when) == 1
    assert len(peer.reports()) == 1
    assert (await rounds.summary()).status == "done"


async def test_a_server_that_dies_with_the_mail_gets_the_same_one_again(
    small_city: City, peer: Peer, quick: None
) -> None:
    rounds = Rounds(await over(small_city), peer)
    peer.dies = 1
    await sends(small_city)
    assert await rounds.at(MONDAY) == 0
    assert (await rounds.summary()).status == "open", "nobody has said that it came"
    assert await rounds.at(MONDAY + 5 * MINUTE) == 1
    assert await rounds.at(MONDAY + timedelta(hours=1)) == 0
    first, second = peer.reports()
    assert first["Message-ID"] == second["Message-ID"]
    assert await discharged(small_city) == 1


async def test_a_server_away_over_the_deadline_makes_it_late_and_the_supervisor_hears_that_day(
    small_city: City, quick: None
) -> None:
    peer = Peer()
    with listening(peer):
        pass
    rounds = Rounds(await over(small_city), peer)
    await sends(small_city, DUE)
    await rounds.at(DUE)
    with time_machine.travel(THURSDAY, tick=True):
        await remind(small_city.units)
    (text,) = [text for role, text in await told(small_city, "overdue-0") if role == "supervisor"]
    assert "报送汇总报告" in text
    assert "已经逾期" in text
    with listening(peer):
        await rounds.at(THURSDAY + timedelta(hours=6))
    assert len(peer.reports()) == 1
    assert [mail["To"] for mail in peer.taken].count("he@example.gov.cn") == 1
    done = await rounds.summary()
    assert (done.status, done.late_days) == ("done", 1)
    with time_machine.travel(THURSDAY + timedelta(days=9), tick=True):
        await settle_reports(small_city.units)
        await remind(small_city.units)
    assert (await rounds.summary()).late_days == 1, "late it stays"


async def test_what_bounces_does_not_hide_that_it_is_late(small_city: City, peer: Peer, quick: None) -> None:
    rounds = Rounds(await over(small_city), peer)
    peer.unknown = {"zhengxie@example.gov.cn"}
    await sends(small_city, DUE)
    with time_machine.travel(THURSDAY, tick=True):
        await post(small_city.units, rounds.sending())
        await remind(small_city.units)
        await settle_reports(small_city.units)
    await rounds.at(THURSDAY)
    await rounds.at(THURSDAY + MINUTE)
    to_supervisor = [mail.get_content() for mail in peer.taken if mail["To"] == "he@example.gov.cn"]
    assert len([text for text in to_supervisor if "已经逾期" in text]) == 1
    assert len([text for text in to_supervisor if "没有送到" in text]) == 1


@pytest.mark.parametrize("jump", [-timedelta(hours=1), timedelta(days=3)], ids=["back", "forward"])
async def test_a_clock_that_jumps_while_sending_changes_nothing(
    small_city: City, peer: Peer, quick: None, jump: timedelta
) -> None:
    for short, address in (("市委办", "shiwei"), ("人大办", "renda")):
        await small_city.gives_address(short, f"{address}@example.gov.cn", by_mail=True)
    rounds = Rounds(await over(small_city), peer)
    await sends(small_city)
    with time_machine.travel(MONDAY + MINUTE, tick=True) as clock:
        peer.during = lambda: clock.move_to(MONDAY + jump)
        await post(small_city.units, rounds.sending())
        peer.during = lambda: None
        for _ in range(3):
            await post(small_city.units, rounds.sending())
            await settle_reports(small_city.units)
    for hours in (0, 2, 30, 100):
        await rounds.at(MONDAY + timedelta(hours=hours))
    reports = peer.reports()
    assert sorted(mail["To"].partition("@")[0] for mail in reports) == ["renda", "shiwei", "zhengxie"]
    assert len({mail["Message-ID"] for mail in reports}) == 3
    assert await discharged(small_city) == 1


async def test_two_processes_at_once_send_and_settle_each_once(city: City, peer: Peer, quick: None) -> None:
    for number, short in enumerate(("市委办", "人大办", "政府办")):
        await city.gives_address(short, f"body{number}@example.gov.cn", by_mail=True)
    await over(city)
    other = Database(city.units.database.url)
    processes = [Rounds(city, peer)]
    processes += [Rounds(City(Units(other, streams.project), city.around, city.people, city.bodies), peer)]
    try:
        await sends(city)
        with time_machine.travel(MONDAY + MINUTE, tick=True):
            went = await asyncio.gather(*(post(one.city.units, one.sending()) for one in processes * 2))
            await asyncio.gather(*(settle_reports(one.city.units) for one in processes * 5))
    finally:
        await other.close()
    assert sum(went) == len(peer.reports()) == len({mail["To"] for mail in peer.reports()}) == 4
    assert await discharged(city) == 1
    assert await noted(city, "interview.archive") == 1


async def test_a_corrected_version_says_what_it_replaces(small_city: City, peer: Peer, quick: None) -> None:
    rounds = Rounds(await over(small_city), peer)
    await sends(small_city)
    await rounds.at(MONDAY + MINUTE)
    edited = {"interview": small_city.interview, "version": 1, "overview": "总的情况：更正一处。"}
    await small_city.does("周科长", "report.edit", DUE, **edited)
    assert await sends(small_city, DUE) == 2
    await rounds.at(DUE + MINUTE)
    first, second = (mail.get_body() for mail in peer.reports())
    assert first is not None
    assert second is not None
    assert "替换" not in first.get_content()
    assert "这一版替换第1版。" in second.get_content()
    files = [one.get_filename() or "" for one in peer.reports()[1].iter_attachments()]
    assert [name.rpartition("-")[2] for name in files] == ["第2版.docx", "第2版.pdf"]
    done = await rounds.summary()
    assert done.done_at is not None
    assert done.done_at < DUE, "the duty was done with the first"


async def test_a_mail_that_waits_does_not_bring_what_was_taken_down_meanwhile(
    small_city: City, peer: Peer, quick: None
) -> None:
    city = small_city
    rounds = Rounds(await over(city, "请打张老三的电话。"), peer)
    peer.full = 1
    await sends(city)
    await rounds.at(MONDAY)
    (item,) = (await city.state(f"interview:{city.interview}:public"))["items"]
    await city.does("周科长", "question.remove", MONDAY, item=item["item"], reason="有别人的电话")
    await rounds.at(MONDAY + 5 * MINUTE)
    assert peer.reports() == []
    assert "第1版里有内容后来撤下了" in ((await rounds.ways())[ZHENGXIE].trouble or "")
    assert await sends(city, MONDAY + 6 * MINUTE) == 2
    await rounds.at(MONDAY + 7 * MINUTE)
    assert [mail["Subject"][-5:] for mail in peer.reports()] == ["（第2版）"]


async def test_two_addresses_that_bounce_are_two_mails_to_each(
    small_city: City, peer: Peer, quick: None
) -> None:
    await small_city.gives_address("人大办", "renda@example.gov.cn", by_mail=True)
    rounds = Rounds(await over(small_city), peer)
    peer.unknown = {"zhengxie@example.gov.cn", "renda@example.gov.cn"}
    await sends(small_city)
    await rounds.at(MONDAY)
    await rounds.at(MONDAY + MINUTE)
    assert (
        sorted(mail["To"] for mail in peer.taken) == ["he@example.gov.cn"] * 2 + ["zhou@example.gov.cn"] * 2
    )


def _breaks(monkeypatch: pytest.MonkeyPatch, form: str, code: str, size: int = 9) -> None:
    async def printed(_content: Content, wanted: str) -> bytes:
        if wanted == form and code:
            raise Refusal(code, "这台电脑没有中文字体，请先安装软件包 fonts-noto-cjk，再试。")
        return b"x" * (size if wanted == form else 9)

    monkeypatch.setattr(enclosures, "printed", printed)


async def test_without_a_font_the_word_file_goes_alone_and_the_office_sees_why(
    small_city: City, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _breaks(monkeypatch, "pdf", "report.no_font")
    rounds = Rounds(await over(small_city), peer)
    await sends(small_city)
    assert await rounds.at(MONDAY) == 1
    (mail,) = peer.reports()
    assert [one.get_filename() for one in mail.iter_attachments()] == [
        "汇总报告-城乡居民医保缴费和异地就医-第1版.docx"
    ]
    body = mail.get_body()
    assert body is not None
    assert "这封信没有附PDF文件，内容和Word文件相同。" in body.get_content()
    way = (await rounds.ways())[ZHENGXIE]
    assert way.trouble is None
    assert "fonts-noto-cjk" in (way.remark or "")


async def test_a_pdf_that_breaks_is_waited_for_a_while_and_then_left_out(
    small_city: City, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _breaks(monkeypatch, "pdf", "report.not_printed")
    rounds = Rounds(await over(small_city), peer)
    await sends(small_city)
    assert [await rounds.at(MONDAY + minutes * MINUTE) for minutes in (0, 2, 5)] == [0, 0, 1]
    assert len(list(peer.reports()[0].iter_attachments())) == 1


async def test_files_too_large_leave_out_the_pdf_and_then_are_the_offices_trouble(
    small_city: City, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _breaks(monkeypatch, "pdf", "", enclosures.LIMIT)
    rounds = Rounds(await over(small_city), peer)
    await sends(small_city)
    assert await rounds.at(MONDAY) == 1
    assert len(list(peer.reports()[0].iter_attachments())) == 1
    _breaks(monkeypatch, "docx", "", enclosures.LIMIT + 1)
    way = (await rounds.ways())[ZHENGXIE]
    await small_city.does("周科长", "report.resend", MONDAY, delivery=way.delivery_id)
    await rounds.at(MONDAY + MINUTE)
    assert (await rounds.ways())[ZHENGXIE].trouble == "报告的Word文件有15兆，邮件寄不了"


async def test_a_mail_that_the_server_finds_too_large_is_the_offices_trouble_at_once(
    small_city: City, peer: Peer, quick: None
) -> None:
    rounds = Rounds(await over(small_city), peer)
    peer.too_large = True
    await sends(small_city)
    await rounds.at(MONDAY)
    assert "552 5.3.4 message too big" in ((await rounds.ways())[ZHENGXIE].trouble or "")


async def test_a_mail_that_takes_too_long_is_tried_again(
    small_city: City, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def printed(_content: Content, _form: str) -> bytes:
        await asyncio.sleep(60)
        return b""

    monkeypatch.setattr(enclosures, "printed", printed)
    monkeypatch.setattr(jobs, "LONGEST", 0.1)
    rounds = Rounds(await over(small_city), peer)
    await sends(small_city)
    assert await rounds.at(MONDAY) == 0
    (mail,) = await rounds.mails()
    assert (mail.status, mail.attempts) == (MailStatus.QUEUED, 1)


@pytest.mark.parametrize(
    ("theme", "name"),
    [
        ("缴费/断缴：怎么办？", "汇总报告-缴费 断缴：怎么办？-第1版.docx"),
        ('..\\..\\a<b>"c"|d*e\n\u202ef', "汇总报告-a b c d e f-第1版.docx"),
        ("长" * 200, f"汇总报告-{'长' * 40}-第1版.docx"),
        ("///", "汇总报告-第1版.docx"),
    ],
)
def test_a_files_name_holds_nothing_that_a_disk_stumbles_over(theme: str, name: str) -> None:
    content = {"interview": {"theme": theme}, "stamp": {"version": 1}}
    assert enclosures.file_name(content, "docx") == name
    assert len(name.encode()) < 255
