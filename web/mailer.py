"""Mail by SMTP: an address of a server in, one UTF-8 message at a time out.

The Message-ID is made from the key of the outbox's row (RFC 5322, 3.6.4), so that a mail which a crash sends a second
time is the same mail for whoever sorts it.
"""

import asyncio
import hashlib
import re
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiosmtplib

from base.clock import SHANGHAI, utcnow
from base.outbox import Letter, Undelivered

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
TIMEOUT_SECONDS = 20
NO_SUCH_ADDRESS = frozenset({550, 551, 553})
"""Replies about the receiver that another try will not change (RFC 5321, 4.2.3). A full mailbox (452, and 552, which
4.5.3.1.10 has treated alike) may have room tomorrow."""
PERMANENT = 500
TOO_LARGE = 552
FULL = "5.2.2"
"""The enhanced code of a full mailbox (RFC 3463, 3.3), by which a server may also refuse the text after it took the
receiver."""


@dataclass(frozen=True)
class Route:
    """Where mail goes out: ``smtp`` without encryption, ``smtp+starttls`` and ``smtps`` with a checked certificate."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def parse(smtp_url: str) -> Route:
    """``smtp://user:password@host:port`` in parts; user, password and port may be missing, special signs %-encoded.

    Raises:
        ValueError: not such an address. The text never holds the password.
    """
    try:
        parts = urlsplit(smtp_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("not the address of a mail server") from None
    rest = parts.path not in ("", "/") or parts.query or parts.fragment
    half = (parts.username is None) != (parts.password is None)
    if parts.scheme not in PORTS or not host or rest or half or port == 0 or not smtp_url.isprintable():
        raise ValueError("not the address of a mail server")
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    return Route(parts.scheme, host, port or PORTS[parts.scheme], user, password)


def mail_domain(base_url: str) -> str:
    """The domain of the sender: the host citizens type; an IP address as a literal (RFC 5321, 4.1.3)."""
    host = urlsplit(base_url).hostname or "localhost"
    try:
        number = ip_address(host)
    except ValueError:
        return host.encode("idna").decode("ascii")
    return f"[{number}]" if number.version == 4 else f"[IPv6:{number}]"


_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def is_address(text: str) -> bool:
    """Whether mail can be addressed so: ASCII, one ``@``, a domain with a dot, 254 signs at most (RFC 5321)."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


class Mailer:
    """Sends for one installation.

    Args:
        smtp_url: as ``parse`` reads it.
        base_url: its host is the sender's, as ``fangtan@host``.

    Raises:
        ValueError: the address of the server is none.
    """

    def __init__(self, smtp_url: str, base_url: str) -> None:
        self._route = parse(smtp_url)
        self._domain = mail_domain(base_url)
        self._sender = f"fangtan@{self._domain}"

    def message(self, letter: Letter) -> EmailMessage:
        """The mail as it goes over the wire.

        Raises:
            ValueError: the receiver's address is none.
        """
        if not is_address(letter.to):
            raise ValueError("not an address")
        made = EmailMessage()
        made["From"] = self._sender
        made["To"] = letter.to
        made["Subject"] = " ".join(letter.subject.split())
        made["Date"] = format_datetime(utcnow().astimezone(SHANGHAI))
        made["Message-ID"] = f"<{hashlib.sha256(letter.key.encode()).hexdigest()[:40]}@{self._domain}>"
        # So that no out-of-office reply comes back (RFC 3834, 5).
        made["Auto-Submitted"] = "auto-generated"
        if letter.unsubscribe:
            made["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
            # One press in the mail program; the standard asks for https (RFC 8058, 3.1).
            if letter.unsubscribe.startswith("https:"):
                made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        made.set_content(letter.text, charset="utf-8", cte="base64")
        for file in letter.files:
            kind, _, rest = file.media_type.partition("/")
            # The name goes as RFC 2231 writes what is not ASCII.
            made.add_attachment(file.data, maintype=kind, subtype=rest.partition(";")[0], filename=file.name)
        return made

    async def send(self, letter: Letter) -> None:
        """Hand one mail to the server.

        Raises:
            Undelivered: it was not taken; for good where the server knows no such address.
        """
        route = self._route
        try:
            # In a thread: as base64 and in lines, fifteen megabytes keep Python busy for a second.
            wire = await asyncio.to_thread(lambda: self.message(letter).as_bytes(policy=policy.SMTP))
            await aiosmtplib.send(
                wire,
                sender=self._sender,
                recipients=[letter.to],
                hostname=route.host,
                port=route.port,
                username=route.user,
                password=route.password,
                local_hostname=self._domain,
                timeout=TIMEOUT_SECONDS,
                use_tls=route.scheme == "smtps",
                start_tls=route.scheme == "smtp+starttls",
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            why = "；".join(f"{one.code} {one.message}" for one in refused.recipients)
            for_good = all(
                one.code in NO_SUCH_ADDRESS and FULL not in one.message for one in refused.recipients
            )
            raise Undelivered(f"对方的邮件服务器没有收：{why}", for_good=for_good) from None
        except (aiosmtplib.SMTPDataError, aiosmtplib.SMTPSenderRefused) as refused:
            # What is wrong with this mail will be wrong tomorrow; what is wrong with our account can be put right.
            whose = refused.code == TOO_LARGE or isinstance(refused, aiosmtplib.SMTPDataError)
            for_good = whose and refused.code >= PERMANENT and FULL not in refused.message
            why = f"{refused.code} {refused.message}"
            raise Undelivered(f"对方的邮件服务器没有收：{why}", for_good=for_good) from None
        except (aiosmtplib.SMTPException, OSError) as trouble:
            raise Undelivered(f"{type(trouble).__name__}: {trouble}") from None
        except ValueError as wrong:
            raise Undelivered(f"{type(wrong).__name__}: {wrong}", for_good=True) from None
