"""Who receives a report sees its file on its way too, by the address in a mail and in the inbox, and may stop it."""

import asyncio
import re
from typing import Any

import pytest

from interviews import report_files
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.long_record import archive
from tests.web.test_long_work import Press, over
from tests.web.test_report_links import address_in_mail, mailed
from web import long_work
from web.keys import PRESSES

__all__ = ["mailed"]

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    """A press that waits until it is let go; no page waits for it."""
    one = Press()
    monkeypatch.setattr(long_work, "AT_ONCE", 0.0)
    monkeypatch.setattr(report_files, "write", one.write)
    return one


async def asked(who: Browser, path: str, **headers: str) -> tuple[str, bytes, Any]:
    """Where a browser ends up, what it got, and the headers."""
    async with who.client.get(path, headers=PAGE | headers) as answer:
        body = await answer.read()
        who.text = body.decode("utf-8", "replace")
        return str(answer.url.relative()), body, answer.headers


async def done(town: Town) -> None:
    app: Any = town.client.app
    for one in app[PRESSES].of.values():
        await over(one)


async def test_a_reader_by_mail_sees_the_file_on_its_way_and_gets_it(mailed: Town, press: Press) -> None:
    address, who = await address_in_mail(mailed), Browser(mailed)
    ended, _, headers = await asked(who, f"{address}/report.pdf")
    assert ended == f"{address}/making?form=pdf"
    await asyncio.wait_for(press.begun.wait(), 60)
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == (
        "no-store",
        "noindex, nofollow, noarchive",
    )
    _, body, _ = await asked(who, ended)
    text = body.decode()
    assert "正在做PDF文件" in text
    assert "排版、画图，33%" in text
    assert f'<noscript><meta http-equiv="refresh" content="2;url={ended}"></noscript>' in text
    async with who.client.get(ended, headers={"Accept": "application/json"}) as answer:
        assert (await answer.json())["running"] is True
        assert answer.headers["Referrer-Policy"] == "same-origin"
    # Another who holds the address waits for the same file, which is made once.
    assert (await asked(Browser(mailed), f"{address}/report.pdf"))[0] == ended
    press.goes.set()
    await done(mailed)
    _, _, headers = await asked(who, ended)
    assert headers["Refresh"] == f"0;url={address}/made?form=pdf"
    _, body, headers = await asked(who, f"{address}/made?form=pdf")
    assert (body, headers["Content-Type"]) == (b"%PDF-", "application/pdf")
    assert press.times == 1


async def test_what_was_made_comes_at_once_and_a_program_waits_as_ever(
    mailed: Town, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, who = await address_in_mail(mailed), Browser(mailed)
    press.goes.set()
    async with who.client.get(f"{address}/report.docx") as answer:
        assert (answer.url.path, await answer.read()) == (f"{address}/report.docx", b"%PDF-")
    await asked(who, f"{address}/report.pdf")
    await done(mailed)
    monkeypatch.setattr(long_work, "AT_ONCE", 60.0)
    before = press.times
    ended, body, _ = await asked(who, f"{address}/report.pdf")
    assert (ended, body, press.times) == (f"{address}/report.pdf", b"%PDF-", before)


async def test_a_reader_by_mail_stops_it_and_begins_again(mailed: Town, press: Press) -> None:
    address, who = await address_in_mail(mailed), Browser(mailed)
    await asked(who, f"{address}/report.docx")
    await asyncio.wait_for(press.begun.wait(), 60)
    assert await who.sends(f"{address}/making?form=docx", act="cancel") == 200
    assert "正在停下" in who.text
    await done(mailed)
    assert press.ended
    await who.opens(f"{address}/making?form=docx")
    assert "停下了，什么也没有留下" in who.text
    assert f'href="{address}/report.docx">重新做一份' in who.text
    ended, _, _ = await asked(who, f"{address}/made?form=docx")
    assert ended == f"{address}/making?form=docx"


async def test_a_forged_address_waits_for_nothing(mailed: Town, press: Press) -> None:
    address, who = await address_in_mail(mailed), Browser(mailed)
    await asked(who, f"{address}/report.pdf")
    await asyncio.wait_for(press.begun.wait(), 60)
    forged = address[:-1] + ("A" if address[-1] != "A" else "B")
    assert await who.opens(f"{forged}/making?form=pdf") == 404
    assert await who.opens(f"{forged}/made?form=pdf") == 404
    assert await who.opens(f"{address}/making?form=html") == 404
    press.goes.set()
    await asyncio.wait_for(done(mailed), 60)


async def test_an_inbox_shows_the_file_on_its_way_to_its_own_reader_alone(town: Town, press: Press) -> None:
    await archive(town.city)
    await town.city.does("周科长", "summary.send", cast.END, interview=town.city.interview)
    who = Browser(town)
    await who.signs_in("recipient")
    await who.opens("/inbox")
    home = re.findall(r'"(/inbox/\d+)"', who.text)[0]
    ended, _, _ = await asked(who, f"{home}/report.docx")
    assert ended == f"{home}/making?form=docx"
    await asyncio.wait_for(press.begun.wait(), 60)
    assert "正在做Word文件" in who.text
    await who.opens(f"{home}/making?form=pdf")
    assert "没有正在做的文件" in who.text
    await who.opens(ended)
    assert await who.sends(ended, act="cancel") == 200
    await done(town)
    assert press.ended
    await who.opens(ended)
    assert "停下了" in who.text
