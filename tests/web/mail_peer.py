"""The other end of a report's mail: a real SMTP server with every bad habit, and the rounds of post and ledger."""

import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import time_machine
from aiosmtpd.controller import Controller
from sqlalchemy import select
from sqlmodel import col

from base.outbox import Letter, OutboxMail
from base.people import SYSTEM
from interviews import deliveries, duties
from interviews.deliveries import Way
from interviews.models import Duty
from scheduler.jobs import post, settle_reports
from tests.cast import City
from tests.scheduler.conftest import PostOffice
from web.enclosures import Enclosures
from web.mailer import Mailer

BASE = "https://fangtan.example.gov.cn"


@dataclass
class Peer(PostOffice):
    """A server that may also be full, find a mail too large, or die with the mail in its hands.

    Attributes:
        full: how many times a receiver is refused for want of room, and with which words.
        dies: how many times it takes a mail and goes away before it says so.
        too_large: whether every mail is refused for its size.
        during: called while a mail is in the server's hands.
    """

    full: int = 0
    full_words: str = "452 4.2.2 mailbox full"
    dies: int = 0
    too_large: bool = False
    during: Callable[[], None] = field(default=lambda: None)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, more: Any) -> str:
        if self.full:
            self.full -= 1
            return self.full_words
        return await super().handle_RCPT(server, session, envelope, address, more)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.too_large:
            return "552 5.3.4 message too big"
        self.during()
        said = await super().handle_DATA(server, session, envelope)
        if self.dies:
            self.dies -= 1
            server.transport.abort()
        return said

    def reports(self) -> list[EmailMessage]:
        """The mails with a report; reminders go the same way."""
        return [made for made in self.taken if made.is_multipart()]


@contextmanager
def listening(peer: Peer) -> Iterator[Peer]:
    """The server at a free port of this machine; the same one where it listened before."""
    if not peer.port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            peer.port = probe.getsockname()[1]
    server = Controller(peer, hostname="127.0.0.1", port=peer.port)
    server.start()
    try:
        yield peer
    finally:
        server.stop()


@dataclass
class Rounds:
    """What the clock does again and again: send what is in the outbox, then note what came."""

    city: City
    peer: Peer

    def sending(self) -> Callable[[Letter], Awaitable[str | None]]:
        """The way from a letter to the server, as the application joins it."""
        enclosures = Enclosures(self.city.units)
        mailer = Mailer(f"smtp://127.0.0.1:{self.peer.port}", BASE)

        async def send(letter: Letter) -> str | None:
            letter, remark = await enclosures.enclosed(letter)
            await mailer.send(letter)
            return remark

        return send

    async def at(self, when: datetime) -> int:
        """One round at an instant; how many mails went."""
        with time_machine.travel(when, tick=True):
            went = await post(self.city.units, self.sending())
            await settle_reports(self.city.units)
        return went

    async def ways(self) -> dict[str, Way]:
        """How far the newest version has come, by recipient."""
        async with self.city.units.read(SYSTEM) as uow:
            found = await deliveries.ways(uow, self.city.interview)
        newest = max(way.version for way in found)
        return {way.body: way for way in found if way.version == newest}

    async def summary(self) -> Duty:
        """The duty to send the report."""
        async with self.city.units.read(SYSTEM) as uow:
            owed = await duties.of_interview(uow, self.city.interview)
        return next(duty for duty in owed if duty.rule == "summary")

    async def mails(self) -> list[OutboxMail]:
        """The outbox's rows of reports, the oldest first."""
        async with self.city.units.read(SYSTEM) as uow:
            query = select(OutboxMail).where(col(OutboxMail.key).startswith("report:"))
            return list(await uow.db.scalars(query.order_by(col(OutboxMail.id))))
