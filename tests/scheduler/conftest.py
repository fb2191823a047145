"""A mail server on this machine that keeps what it takes, and the cast with addresses."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlalchemy import select

from base.people import SYSTEM, Person
from tests.cast import PLANNED, City

ADDRESSES = {
    "周科长": "zhou@example.gov.cn",
    "何主任": "he@example.gov.cn",
    "许主任": "xu@example.gov.cn",
    "王处长": "wang@example.gov.cn",
    "外单位老吴": "wu@example.gov.cn",
}


@dataclass
class PostOffice:
    """What the server took, and whom it does not know."""

    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    busy: int = 0
    port: int = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _more: Any) -> str:
        """Say whether somebody lives here."""
        if address in self.unknown:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a mail, or be busy as often as told to."""
        if self.busy:
            self.busy -= 1
            return "451 busy, come back"
        made = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(made, EmailMessage)
        self.taken.append(made)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return "250 taken"

    def texts(self) -> list[str]:
        """What the mails say, in the order they came."""
        return [made.get_content() for made in self.taken]


def password_fits(_server: Any, _session: Any, _envelope: Any, mechanism: str, sent: Any) -> AuthResult:
    """The one account of the server: ``fangtan`` with ``p@ss``."""
    right = isinstance(sent, LoginPassword) and (sent.login, sent.password) == (b"fangtan", b"p@ss")
    return AuthResult(success=right, handled=False)


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    """A real SMTP server on a free port; it takes a password where one is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        kept = PostOffice(port=probe.getsockname()[1])
    server = Controller(
        kept, hostname="127.0.0.1", port=kept.port, authenticator=password_fits, auth_require_tls=False
    )
    server.start()
    yield kept
    server.stop()


async def _addressed(city: City) -> City:
    async with city.units.act(SYSTEM, PLANNED) as uow:
        for person in await uow.db.scalars(select(Person)):
            person.email = ADDRESSES.get(person.display_name)
    return city


@pytest.fixture
async def office(city: City) -> City:
    """The cast with mail addresses and an interview planned, on either database."""
    await _addressed(city)
    await city.plan()
    return city


@pytest.fixture
async def small_office(small_city: City) -> City:
    """The same on SQLite alone."""
    await _addressed(small_city)
    await small_city.plan()
    return small_city
