"""A report's signed address: reads, saves and acknowledges without a login, until its day; nothing else opens."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry, verify
from base.errors import Refusal
from base.outbox import OutboxMail
from base.people import SYSTEM, Body
from interviews.models import Delivery
from tests import cast
from tests.cast import at
from tests.web.browser import Browser
from tests.web.conftest import Town, chosen
from web import report_links, settings
from web.app import create_app
from web.database import migrate
from web.keys import SEAL, SETTINGS, SURROUNDINGS, UNITS

SENT = at("2026-03-09 10:00")
READ = at("2026-03-09 15:00")


async def opened(tmp_path: Path, port: int = 8080, **more: Any) -> AsyncIterator[Town]:
    """An application with links for thirty days; one report sent, 政协办 receiving by mail alone."""
    app = create_app(chosen(tmp_path, base_url=f"http://127.0.0.1:{port}", **more))
    await migrate(app[UNITS].database)
    city = await cast.settle(app[UNITS].database)
    city.around = app[SURROUNDINGS]
    await city.gives_address("政协办", "zhengxie@example.gov.cn", by_mail=True)
    await city.open()
    await city.published("网友甲", "异地就医怎么备案？")
    await city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=city.interview)
    city.units = app[UNITS]
    await city.does("周科长", "summary.send", SENT, interview=city.interview)
    with time_machine.travel(READ, tick=True):
        # The port that citizens type is one thing, the one that listens another, save for a real browser.
        async with TestClient(TestServer(app, port=port if port != 8080 else 0)) as client:
            yield Town(client, city)


@pytest.fixture
async def mailed(tmp_path: Path) -> AsyncIterator[Town]:
    async for town in opened(tmp_path, report_link_days=30):
        yield town


def _app(town: Town) -> Any:
    return town.client.app


async def _delivery(town: Town, short: str = "政协办") -> Delivery:
    async with town.city.units.read(SYSTEM) as uow:
        query = select(Delivery).where(col(Delivery.body_id) == town.city.bodies[short])
        return (await uow.db.scalars(query)).one()


async def address_in_mail(town: Town) -> str:
    """The address as it stands in the mail."""
    async with town.city.units.read(SYSTEM) as uow:
        text = (await uow.db.scalars(select(col(OutboxMail.text)))).one()
    (line,) = [line for line in text.splitlines() if "/reports/" in line]
    base = _app(town)[SETTINGS].base_url
    assert line.startswith(f"也可以在这里看，并告知已经收到：{base}/reports/")
    return line.partition(base)[2]


async def test_the_address_in_the_mail_opens_the_report_and_takes_the_receipt(mailed: Town) -> None:
    address = await address_in_mail(mailed)
    someone = Browser(mailed)
    assert await someone.opens(address) == 200
    assert "关于“城乡居民医保缴费和异地就医”网上访谈情况的汇总报告" in someone.text
    assert "送给示例市政协办公室的报告，第1版" in someone.text
    first_opened = (await _delivery(mailed)).opened_at
    assert first_opened is not None
    assert first_opened >= READ
    assert await someone.sends(f"{address}/acknowledge", comment="已收到，=1+1 请补充数据。") == 200
    assert "已经告诉信息化工作办公室收到了" in someone.text
    assert "已经回执，不用再做什么。写的意见是：“已收到，=1+1 请补充数据。”" in someone.text
    kept = await _delivery(mailed)
    assert (kept.acknowledged_by, kept.opened_at) == ("示例市政协办公室", first_opened)
    assert kept.acknowledged_at is not None
    async with mailed.city.units.read(SYSTEM) as uow:
        query = select(AuditEntry).where(col(AuditEntry.act).in_(["report.open", "report.acknowledge"]))
        noted = list(await uow.db.scalars(query))
        assert [(one.person_id, one.role, one.detail["by_link"]) for one in noted] == [
            (None, "recipient", True)
        ] * 2
        assert (await verify(uow)).ok


async def test_a_second_receipt_changes_nothing_and_says_so(mailed: Town) -> None:
    address = await address_in_mail(mailed)
    someone = Browser(mailed)
    await someone.opens(address)
    open_elsewhere = someone.text
    await someone.sends(f"{address}/acknowledge", comment="")
    first = await _delivery(mailed)
    assert first.comment is None
    someone.text = open_elsewhere
    await someone.sends(f"{address}/acknowledge", comment="再说一次")
    assert "已经回执过了" in someone.text
    assert (await _delivery(mailed)).model_dump() == first.model_dump()


async def test_a_comment_too_long_is_refused_and_kept_on_the_page(mailed: Town) -> None:
    address = await address_in_mail(mailed)
    someone = Browser(mailed)
    await someone.opens(address)
    assert await someone.sends(f"{address}/acknowledge", comment="长" * 5_000) == 400
    assert "长" * 5_000 in someone.text
    assert (await _delivery(mailed)).acknowledged_at is None


async def test_the_files_come_by_the_sameaddress_in_mail(mailed: Town) -> None:
    address = await address_in_mail(mailed)
    someone = Browser(mailed)
    await someone.opens(address)
    plots = re.findall(rf'src="({re.escape(address)}/plots/[a-z]+\.svg)"', someone.text)
    assert plots
    for plot in plots:
        async with mailed.client.get(plot) as answer:
            assert (answer.status, answer.content_type) == (200, "image/svg+xml")
            assert answer.headers["Cache-Control"] == "no-store"
    for form, magic in (("docx", b"PK"), ("json", b"{")):
        async with mailed.client.get(f"{address}/report.{form}") as answer:
            assert answer.status == 200
            assert (await answer.read()).startswith(magic)
            told = answer.headers["Content-Disposition"]
            assert told.startswith("attachment; ")
            assert "filename*=UTF-8''%E6%B1%87%E6%80%BB%E6%8A%A5%E5%91%8A-" in told


async def test_the_address_is_told_to_nobody_else(mailed: Town) -> None:
    address = await address_in_mail(mailed)
    for path in (address, f"{address}/report.json", f"{address[:-1]}x"):
        async with mailed.client.get(path) as answer:
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "noindex" in answer.headers["X-Robots-Tag"]
    async with mailed.client.get("/sitemap.xml") as answer:
        assert "/reports/" not in await answer.text()


async def test_looking_at_the_headers_is_not_reading(mailed: Town) -> None:
    async with mailed.client.head(await address_in_mail(mailed)) as answer:
        assert answer.status == 200
    assert (await _delivery(mailed)).opened_at is None


async def test_every_forged_address_looks_like_one_that_never_was(mailed: Town) -> None:
    address = await address_in_mail(mailed)
    number, until, signature = address.removeprefix("/reports/").split(".")
    other = (await _delivery(mailed, "市委办")).id
    turned = signature[:-2] + ("AA" if signature[-2:] != "AA" else "BB")
    forged = [
        f"{other}.{until}.{signature}",
        f"{number}.{int(until) + 86_400}.{signature}",
        f"{number}.{until}.{turned}",
        f"{number}.{until}.{signature[:-1]}",
        f"{number}.{until}.",
        f"{number}.{until}.{signature}.x",
        f"0{number}.{until}.{signature}",
        f"{number}.{until}.{'𝟘' * 43}",
        f"999.{until}.{signature}",
        "x",
    ]
    someone = Browser(mailed)
    await someone.opens("/faq")
    with_form = someone.text
    for one in forged:
        assert await someone.opens(f"/reports/{one}") == 404, one
        assert "可能没有复制完整" in someone.text
        someone.text = with_form
        assert await someone.sends(f"/reports/{one}/acknowledge", comment="") == 404
    assert (await _delivery(mailed)).opened_at is None


async def test_past_its_day_it_says_where_the_report_is(mailed: Town) -> None:
    address = await address_in_mail(mailed)
    someone = Browser(mailed)
    with time_machine.travel(SENT + timedelta(days=30, seconds=-5), tick=True):
        assert await someone.opens(address) == 200
        with_form = someone.text
    with time_machine.travel(SENT + timedelta(days=30, seconds=5), tick=True):
        for path in (address, f"{address}/report.docx"):
            assert await someone.opens(path) == 410
            assert "报告在邮件的附件里" in someone.text
        someone.text = with_form
        assert await someone.sends(f"{address}/acknowledge", comment="") == 410
    assert (await _delivery(mailed)).acknowledged_at is None


async def test_it_ends_when_its_body_receives_no_reports_any_more(mailed: Town) -> None:
    address = await address_in_mail(mailed)
    async with mailed.city.act("周科长", READ) as uow:
        (await uow.db.get_one(Body, mailed.city.bodies["政协办"])).recipient = False
    assert await Browser(mailed).opens(address) == 404


async def test_an_older_version_says_which_one_took_its_place(mailed: Town) -> None:
    address = await address_in_mail(mailed)
    edited = {"interview": mailed.city.interview, "version": 1, "overview": "总的情况很好。"}
    await mailed.city.does("周科长", "report.edit", READ, **edited)
    await mailed.city.does("周科长", "summary.send", READ, interview=mailed.city.interview)
    someone = Browser(mailed)
    assert await someone.opens(address) == 200
    assert "这一版已经由第2版替换" in someone.text


async def test_without_the_setting_mails_have_no_address_and_none_opens(tmp_path: Path) -> None:
    async for town in opened(tmp_path):
        async with town.city.units.read(SYSTEM) as uow:
            (text,) = await uow.db.scalars(select(col(OutboxMail.text)))
        assert "http" not in text
        delivery = await _delivery(town)
        made = report_links.token(_app(town)[SEAL], delivery.id or 0, READ + timedelta(days=9))
        assert await Browser(town).opens(f"/reports/{made}") == 410
        assert _app(town)[SETTINGS].report_link_days == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("REPORT_LINK_DAYS", "-1"), ("REPORT_LINK_DAYS", "367"), ("REPORT_SIGNATURE", "yes")],
)
def test_a_bad_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"FANGTAN_{name}", value)
    with pytest.raises(Refusal) as refused:
        settings.load(secret_key="0" * 32, base_url="http://127.0.0.1:8080")
    assert refused.value.message.startswith(f"环境变量 FANGTAN_{name} 不对：")


async def test_where_a_signature_is_required_nothing_goes_without_one(tmp_path: Path) -> None:
    app = create_app(chosen(tmp_path, report_signature="required"))
    assert app[SURROUNDINGS].sending.signature
    assert not create_app(chosen(tmp_path))[SURROUNDINGS].sending.signature
