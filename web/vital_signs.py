"""How the installation is, check by check and in words: for the administrator's page, from inside the running server.

``fangtan doctor`` looks from outside, before a start; here is what only the running process knows too: when the bell
last rang, what waits in the outbox, whether the mail server answers.
"""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from aiohttp import web
from sqlalchemy import func, select
from sqlmodel import col

from base import outbox
from base.audit import AuditEntry
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import SYSTEM
from interviews import workdays
from web import mailer
from web.filters import stamp
from web.keys import RINGS, SETTINGS, UNITS

LOW_MB, EMPTY_MB = 2_000, 500
QUIET = timedelta(minutes=2)
"""The bell rings every second; so long without a ring something holds it up."""
LONG_WAIT = timedelta(hours=1)
UNSENT = (
    "要寄，请设 FANGTAN_SMTP_URL 再重新启动，等着的就接着寄；有不该再寄的，先请信息办在“寄出去的信”里取消。"
    "不用邮件也可以，别的都照常。"
)
MAIL_SECONDS = 3
AHEAD = timedelta(seconds=5)
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


class Sign(StrEnum):
    """How something stands."""

    GOOD = "good"
    LOOK = "look"
    BAD = "bad"


WORDS = {Sign.GOOD: "好", Sign.LOOK: "请看", Sign.BAD: "不好"}


@dataclass(frozen=True)
class Check:
    """One thing looked at: how it stands, what was found, and what to do where it is not good."""

    name: str
    sign: Sign
    found: str
    advice: str = ""


async def checks(app: web.Application) -> list[Check]:
    """Everything looked at now; one that fails holds up no other."""
    units, found = app[UNITS], []
    try:
        level = await units.database.synchronous()
        async with units.read(SYSTEM) as uow:
            found.append(await _database(uow, level))
            found.append(await _clock(uow))
            found.append(await outbox_check(uow, set_up=bool(app[SETTINGS].smtp_url)))
            found += await _calendar(uow)
            now = uow.now
    except Refusal as refusal:
        advice = "请看日志（journalctl -u fangtan），核对数据库的文件、权限和磁盘。"
        return [Check("数据库", Sign.BAD, refusal.message, advice), _disk(app[SETTINGS].data)]
    found.insert(1, _disk(app[SETTINGS].data))
    found.append(_bell(app[RINGS], now))
    found.append(await _mail_server(app[SETTINGS].smtp_url))
    return found


async def _database(uow: UnitOfWork, level: str) -> Check:
    many = int(await uow.db.scalar(select(func.count(col(AuditEntry.seq)))) or 0)
    kept = "PostgreSQL" if level == "server" else f"SQLite，synchronous={level}"
    return Check("数据库", Sign.GOOD, f"能读（{kept}），审计记录{many}条。")


def _disk(data: Path) -> Check:
    free = shutil.disk_usage(data if data.exists() else Path(".")).free // 2**20
    sign = Sign.BAD if free < EMPTY_MB else Sign.LOOK if free < LOW_MB else Sign.GOOD
    advice = "" if sign is Sign.GOOD else "请腾出地方，或者换一块大的磁盘。满了，市民交的问题就存不下。"
    return Check("磁盘", sign, f"数据目录那一块还剩{free} MB。", advice)


async def _clock(uow: UnitOfWork) -> Check:
    last = await uow.db.scalar(select(func.max(col(AuditEntry.at))))
    if last is not None and last > uow.now + AHEAD:
        found = f"现在是{stamp(uow.now)}，可审计记录里最后一条是{stamp(last)}的：时钟往回走过。"
        return Check("时钟", Sign.BAD, found, "请用 timedatectl 看时间对不对。到点结束和逾期都按它算。")
    if _is_synchronised():
        return Check("时钟", Sign.GOOD, f"现在是{stamp(uow.now)}，已经和时间服务器对过。")
    advice = "请对一下表；用 timedatectl 看有没有开NTP。到点结束和逾期都按它算。"
    return Check(
        "时钟", Sign.LOOK, f"现在是{stamp(uow.now)}（北京时间），看不出和时间服务器对过没有。", advice
    )


def _is_synchronised() -> bool:
    return SYNCHRONISED.exists()


async def outbox_check(uow: UnitOfWork, *, set_up: bool) -> Check:
    """What waits to be sent and what was given up; letters with nowhere to go are said, and are no fault.

    Args:
        uow: to read with.
        set_up: whether there is a mail server.
    """
    mails, since = await _queued(uow, outbox.Channel.MAIL)
    _, oldest = await _queued(uow, *outbox.Channel)
    failed = await _failed(uow)
    found = f"有{mails}封信等着寄" + (f"，最早的一封{stamp(since)}写的" if since else "") + "。"
    found += f"寄不成、不再试的{failed}封。" if failed else ""
    if mails and not set_up:
        return Check("发件箱", Sign.LOOK, f"没有设邮件服务器，{found}设好以前一封也不寄。", UNSENT)
    late = set_up and oldest is not None and uow.now - oldest > LONG_WAIT
    if late or failed:
        return Check("发件箱", Sign.LOOK, found, "请看邮件服务器；信由信息办在“寄出去的信”里看。")
    return Check("发件箱", Sign.GOOD, found)


async def _queued(uow: UnitOfWork, *channels: outbox.Channel) -> tuple[int, datetime | None]:
    """How many go as soon as they can, and when the oldest of them was written; what the office holds is left out."""
    mail = outbox.OutboxMail
    going = (outbox.MailStatus.QUEUED, outbox.MailStatus.SENDING)
    query = select(func.count(col(mail.id)), func.min(col(mail.created_at)))
    query = query.where(col(mail.status).in_(going), col(mail.channel).in_(channels))
    many, since = (await uow.db.execute(query)).one()
    return int(many), since


async def _failed(uow: UnitOfWork) -> int:
    mail = outbox.OutboxMail
    query = select(func.count(col(mail.id))).where(col(mail.status) == outbox.MailStatus.FAILED)
    return int(await uow.db.scalar(query) or 0)


async def _calendar(uow: UnitOfWork) -> list[Check]:
    today, calendar = office_date(uow.now), await workdays.present(uow)
    official = calendar.is_official_year(today.year)
    advice = "请信息办在“日历”里收录，或者运行 fangtan calendar import。收录以前日子都写“暂定”。"
    this = f"{today.year}年的放假通知{'已经收录' if official else '还没有收录'}。"
    found = [Check("今年的日历", Sign.GOOD if official else Sign.BAD, this, "" if official else advice)]
    following = today.year + 1
    if calendar.is_official_year(following):
        found.append(Check("明年的日历", Sign.GOOD, f"{following}年的放假通知已经收录。"))
    else:
        wanted = calendar.notice_wanted(today) == following
        text = f"{following}年的放假通知还没有收录，明年的日子暂定。"
        advice = advice if wanted else "国务院办公厅一般在11月前后发布，发布以后收录。"
        found.append(Check("明年的日历", Sign.LOOK if wanted else Sign.GOOD, text, advice))
    return found


def _bell(rings: dict[str, datetime], now: datetime) -> Check:
    last = max(rings.values(), default=None)
    if last is None:
        return Check("到点的钟", Sign.LOOK, "刚启动，还没有响过。", "请过几秒再看。")
    if now - last > QUIET:
        found = f"最后一次响是{stamp(last)}，该每秒响一次。"
        return Check("到点的钟", Sign.BAD, found, "到点结束、提醒都停了。请重新启动，并看日志。")
    return Check("到点的钟", Sign.GOOD, f"在响，最后一次是{stamp(last)}，有{len(rings)}种事要办。")


async def _mail_server(url: str) -> Check:
    """Whether somebody answers where the mail server should be; nothing is sent."""
    if not url:
        text = "没有设邮件服务器，信不寄，在发件箱里等着。"
        return Check("邮件服务器", Sign.LOOK, text, "要寄信，请设 FANGTAN_SMTP_URL。")
    route = mailer.parse(url)
    place = f"{route.host}:{route.port}"
    try:
        async with asyncio.timeout(MAIL_SECONDS):
            _, writer = await asyncio.open_connection(route.host, route.port)
    except (OSError, TimeoutError):
        advice = "请看网络和邮件服务器。信在发件箱里，连上以后接着寄。"
        return Check("邮件服务器", Sign.BAD, f"{place} 连不上。", advice)
    writer.close()
    return Check("邮件服务器", Sign.GOOD, f"{place} 有人应。")
