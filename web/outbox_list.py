"""The outbox as the office's pages show it: the address's filters in, rows and links out."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from base import outbox
from base.db import UnitOfWork
from base.outbox import Channel, MailStatus, OutboxMail
from base.people import Person
from interviews import outgoing
from interviews.outgoing import Preview, Standing, Wanted
from web import rows
from web.settings import Settings

PATH = "/office/outbox"
PAGE = 50
CHANNEL_LABELS = {Channel.MAIL: "邮件", Channel.WEBHOOK: "短信或消息"}


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


async def page(uow: UnitOfWork, asked: Wanted, number: int, settings: Settings) -> dict[str, Any]:
    """For ``office_outbox.html``."""
    counts = await outgoing.counts(uow, asked)
    total = sum(counts.values()) if asked.standing is None else counts[asked.standing]
    pages = max(1, -(-total // PAGE))
    found = await outgoing.listed(uow, asked, PAGE, (min(number, pages) - 1) * PAGE)
    options = [("", "全部", sum(counts.values()))]
    options += [(one.value, outgoing.STANDING_LABELS[one], counts[one]) for one in Standing]
    set_now = await outbox.delays(uow)
    return {
        "rows": [_row(one) for one in found],
        "states": [
            {
                "label": label,
                "count": count,
                "current": value == (asked.standing or ""),
                "href": address(asked, state=value),
            }
            for value, label, count in options
        ],
        "wanted": asked,
        "ways": [(one.value, label) for one, label in CHANNEL_LABELS.items()],
        "kinds": list(outgoing.KIND_LABELS.items()),
        "pager": rows.pager(number, total, PAGE, _page_href(asked)),
        "total": total,
        "delays": [(kind, label, set_now.get(kind, 0)) for kind, label in outgoing.KIND_LABELS.items()],
        "waits": list(outgoing.DELAYS.items()),
        "delayed": sum(minutes != 0 for minutes in set_now.values()),
        "silent": await _silent(uow, settings),
        "path": PATH,
    }


def _page_href(asked: Wanted) -> str:
    plain = address(asked)
    return f"{plain}{'&' if '?' in plain else '?'}page="


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
