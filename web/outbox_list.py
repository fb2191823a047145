"""The outbox as the office's pages show it: the address's filters in, rows and links out."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from multidict import MultiMapping

from base import outbox
from base.db import UnitOfWork
from base.outbox import Channel, MailStatus, OutboxMail
from base.people import Person
from interviews import outgoing
from interviews.outgoing import Preview, Standing, Wanted
from web import working_list
from web.settings import Settings
from web.working_list import Cell, Column, Filter, Line

PATH = "/office/outbox"
CHANNEL_LABELS = {Channel.MAIL: "邮件", Channel.WEBHOOK: "短信或消息"}
COLUMNS = (
    Column("subject", "写的是什么"),
    Column("kind", "什么事"),
    Column("to", "给谁"),
    Column("way", "怎么发", shown=False),
    Column("state", "怎么样了"),
    Column("created_at", "写的时候"),
    Column("next", "哪天以后发", shown=False),
    Column("sent_at", "发了的时候"),
    Column("attempts", "试了几次", number=True, shown=False),
    Column("remark", "说明"),
)
SINCE = [("90", "三个月以内和没有发的"), ("366", "一年以内和没有发的"), ("all", "全部")]
FILTERS = (
    Filter("state", "怎么样了", list(outgoing.STANDING_LABELS.items())),
    Filter("kind", "什么事", list(outgoing.KIND_LABELS.items())),
    Filter("way", "怎么发", list(CHANNEL_LABELS.items())),
    Filter("since", "多久以内", SINCE, fixed=SINCE[0][0]),
)


def wanted(query: Mapping[str, str]) -> Wanted:
    """What the address asks for; a word it does not know asks for nothing."""
    standing = query.get("state", "")
    channel = query.get("way", "")
    kind = query.get("kind", "")
    return Wanted(
        Standing(standing) if standing in list(Standing) else None,
        Channel(channel) if channel in list(Channel) else None,
        kind if kind in outgoing.KIND_LABELS else "",
    )


def address(asked: Wanted, **more: object) -> str:
    """The list's address with these filters."""
    said = {"state": asked.standing, "way": asked.channel, "kind": asked.kind} | more
    left = {name: str(value) for name, value in said.items() if value}
    return f"{PATH}?{urlencode(left)}" if left else PATH


async def lines(uow: UnitOfWork, asked: working_list.Asked) -> list[Line]:
    """The letters of the asked time, the newest first; those that wait or are held can be ticked."""
    days = asked.chosen["since"]
    since = uow.now - timedelta(days=int(days)) if days.isdecimal() else None
    return [_line(one) for one in await outgoing.listed(uow, Wanted(), since)]


def _line(mail: OutboxMail) -> Line:
    status, standing = MailStatus(mail.status), outgoing.standing_of(mail)
    cells: dict[str, Cell] = {
        "subject": mail.subject,
        "kind": outgoing.KIND_LABELS.get(mail.kind, mail.kind),
        "to": outgoing.to_words(mail.to, mail.kind, mail.channel),
        "way": CHANNEL_LABELS[Channel(mail.channel)],
        "state": outgoing.STATUS_LABELS[status],
        "created_at": mail.created_at,
        "next": mail.next_try_at if status == MailStatus.QUEUED else None,
        "sent_at": mail.sent_at,
        "attempts": mail.attempts,
        "remark": mail.last_error,
    }
    tags = {"state": standing.value, "kind": mail.kind, "way": mail.channel}
    open_ones = (MailStatus.QUEUED, MailStatus.HELD)
    return Line(cells, tags, f"{PATH}/{mail.id}", mail.id if status in open_ones else None)


async def page(uow: UnitOfWork, query: MultiMapping[str], settings: Settings) -> dict[str, Any]:
    """For ``office_outbox.html``."""
    asked, listed = wanted(query), working_list.asked(query, COLUMNS, FILTERS)
    counts = await outgoing.counts(uow, asked)
    options = [("", "全部", sum(counts.values()))]
    options += [(one.value, outgoing.STANDING_LABELS[one], counts[one]) for one in Standing]
    set_now = await outbox.delays(uow)
    return {
        "l": working_list.drawn(PATH, COLUMNS, FILTERS, await lines(uow, listed), listed),
        "states": [
            {
                "label": label,
                "count": count,
                "current": value == (asked.standing or ""),
                "href": address(asked, state=value),
            }
            for value, label, count in options
        ],
        "delays": [(kind, label, set_now.get(kind, 0)) for kind, label in outgoing.KIND_LABELS.items()],
        "drawn": delays_drawn(set_now),
        "waits": list(outgoing.DELAYS.items()),
        "delayed": sum(minutes != 0 for minutes in set_now.values()),
        "silent": await _silent(uow, settings),
        "path": PATH,
    }


def delays_drawn(minutes: Mapping[str, int]) -> dict[str, str]:
    """What the form of the delays is drawn with: field to how long it waits, in words."""
    return {f"wait-{kind}": outgoing.DELAYS.get(minutes.get(kind, 0), "") for kind in outgoing.KIND_LABELS}


async def _silent(uow: UnitOfWork, settings: Settings) -> list[str]:
    """A sentence for each channel that has something waiting and nowhere to send it."""
    told = []
    for channel, url, what in (
        (Channel.MAIL, settings.smtp_url, "邮件服务器"),
        (Channel.WEBHOOK, settings.webhook_url, "短信平台的地址"),
    ):
        count = 0 if url else await outbox.unsent(uow, channel)
        if count:
            told.append(
                f"还没有设置{what}，{count}封{CHANNEL_LABELS[channel]}等着。设置的办法请问系统管理员。"
            )
    return told


def _row(one: Preview) -> dict[str, Any]:
    mail = one.mail
    return {
        "id": mail.id,
        "href": f"{PATH}/{mail.id}",
        "subject": mail.subject,
        "to": one.to,
        "kind": outgoing.KIND_LABELS.get(mail.kind, mail.kind),
        "channel": CHANNEL_LABELS[Channel(mail.channel)],
        "status": outgoing.STATUS_LABELS[MailStatus(mail.status)],
        "state": outgoing.standing_of(mail).value,
        "at": mail.created_at,
        "next": mail.next_try_at if mail.status == MailStatus.QUEUED else None,
        "sent_at": mail.sent_at,
        "attempts": mail.attempts,
        "remark": mail.last_error,
    }


async def one(uow: UnitOfWork, mail_id: int) -> dict[str, Any]:
    """For ``office_outbox_one.html``.

    Raises:
        Refusal: ``not_found``.
    """
    found, tries = await outgoing.one(uow, mail_id)
    mail = found.mail
    return {
        "row": _row(found),
        "text": found.text,
        "citizen": found.citizen,
        "who": await _who(uow, mail),
        "enclosed": len(mail.enclosures),
        "tries": [{"no": one.attempt, "at": one.at, "trouble": one.trouble} for one in tries],
        "can": {
            "hold": mail.status == MailStatus.QUEUED,
            "release": mail.status == MailStatus.HELD,
            "hurry": mail.status == MailStatus.QUEUED,
            "cancel": mail.status in (MailStatus.QUEUED, MailStatus.HELD),
            "retry": mail.status == MailStatus.FAILED and mail.kind != "report",
        },
        "report": mail.kind == "report",
        "path": PATH,
    }


async def _who(uow: UnitOfWork, mail: OutboxMail) -> str | None:
    """The name of the member of staff whom a call of the webhook is for."""
    number = mail.about.get("person")
    person = await uow.db.get(Person, number) if isinstance(number, int) else None
    return person.display_name if person else None
