"""The signed webhook: a notice out as one POST of JSON, to the gateway behind which a city has its SMS or messenger.

The headers and the signature are those of Standard Webhooks 1.0.0 (www.standardwebhooks.com), so that a receiver may
verify with any of its libraries: ``webhook-id`` stays the same over all tries, ``webhook-timestamp`` is of this try,
``webhook-signature`` is ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``.
"""

import base64
import binascii
import hashlib
import hmac
import json
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp

from base.clock import SHANGHAI, as_utc, utcnow
from base.outbox import Letter, Undelivered

TIMEOUT_SECONDS = 15
BEGINS = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64
"""Bytes of a key, by the specification."""

AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
"""Replies of the 4xx kind after which the same request may be taken; all others say that it never will."""


def checked_address(url: str) -> str:
    """The address that may be called: https anywhere, http on this machine alone.

    Raises:
        ValueError: not such an address, or one with a password in it; the text never holds it.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("not the address of a webhook") from None
    plain = parts.scheme == "http" and host is not None and _this_machine(host)
    if not host or port == 0 or parts.username is not None or parts.fragment or not url.isprintable():
        raise ValueError("not the address of a webhook")
    if parts.scheme != "https" and not plain:
        raise ValueError("neither https nor this machine")
    return url


def _this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keys(secrets: str) -> tuple[bytes, ...]:
    """The keys of one or several secrets with spaces between them, each ``whsec_`` and base64 of 24 to 64 bytes.

    Several are for the days of a change: every request is signed with all of them.

    Raises:
        ValueError: one of them is none; the text never holds it.
    """
    return tuple(_key(one) for one in secrets.split())


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(BEGINS), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(BEGINS) or not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ValueError("not a secret for a webhook")
    return key


def call_id(letter: Letter) -> str:
    """What the receiver knows a call again by, however often it comes."""
    return f"msg_{hashlib.sha256(letter.key.encode()).hexdigest()[:40]}"


def body(letter: Letter) -> bytes:
    """The JSON of one notice, the same at every try.

    It holds what the notice says and the address that the person chose, and of the person nothing but the number of
    the account and its role.
    """
    written = as_utc(letter.created_at or utcnow()).astimezone(SHANGHAI)
    said = {
        "type": f"notice.{letter.kind}",
        "timestamp": written.isoformat(timespec="seconds"),
        "data": {
            "id": call_id(letter),
            "title": letter.subject,
            "text": letter.text,
            "to": {
                "person": letter.about.get("person"),
                "role": letter.about.get("role"),
                "address": letter.to or None,
            },
        },
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def signature(key: bytes, message_id: str, timestamp: int, content: bytes) -> str:
    """One signature as the header carries it."""
    signed = f"{message_id}.{timestamp}.".encode() + content
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


class Webhook:
    """Calls the gateway of one installation.

    Args:
        url: as ``checked_address`` lets through.
        secrets: as ``keys`` reads them.
        timeout: seconds for one call, connecting included.
    """

    def __init__(self, url: str, secrets: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self._url = checked_address(url)
        self._keys = keys(secrets)
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def send(self, letter: Letter) -> None:
        """Hand one notice to the gateway; a reply of 200 to 299 means that it has it.

        Redirects are not followed: the body would go to an address that nobody has approved.

        Raises:
            Undelivered: it was not taken; for good where the gateway says that this request never will be.
        """
        content, message_id = body(letter), call_id(letter)
        moment = int(utcnow().timestamp())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "fangtan",
            "webhook-id": message_id,
            "webhook-timestamp": str(moment),
            "webhook-signature": " ".join(signature(key, message_id, moment, content) for key in self._keys),
        }
        try:
            # A connection of its own for each: there are few, and a gateway that was away leaves nothing half open.
            async with (
                aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.post(self._url, data=content, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except TimeoutError:
            raise Undelivered(f"{self._timeout.total:g}秒没有回应") from None
        except (aiohttp.ClientError, OSError) as trouble:
            raise Undelivered(f"连不上：{type(trouble).__name__}") from None
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        if status < HTTPStatus.BAD_REQUEST:
            raise Undelivered(f"回的是转到别处（{status}），没有跟过去")
        for_good = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in AGAIN
        raise Undelivered(f"对方没有收：{status}", for_good=for_good)
