"""Subscriptions by mail, joined to this installation: signed first addresses, the pages that mails name, who is told.

The address in the first mail holds the question, the reader's own address and the second until which it is good, sealed
under the installation's key: nothing of it is in the database before its reader says yes.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from base.db import UnitOfWork
from base.errors import Refusal, missing
from interviews import following
from interviews.following import CONFIRM_DAYS, Address, Links
from interviews.models import Question
from web.mailer import is_address
from web.sealing import Seal
from web.settings import Settings

PURPOSE = "follow"

Projector = Callable[[UnitOfWork], Awaitable[Sequence[Any]]]


def page_of(question: Question) -> str:
    """The page of a question that may be told to anybody: by its number, or by its receipt while it has none."""
    if question.number is None:
        return f"/questions/{question.receipt}"
    return f"/interviews/{question.interview_id}/questions/{question.number}"


@dataclass(frozen=True)
class Wish:
    """What an opened first address says: which question, and who wants to be told of it."""

    question: int
    address: Address


class Following:
    """What subscriptions need of one installation.

    Args:
        seal: encrypts addresses and signs links.
        settings: the site's address, and whether there is a mail server.
    """

    def __init__(self, seal: Seal, settings: Settings) -> None:
        self._seal = seal
        self._base = settings.base_url
        self.offered = bool(settings.smtp_url)
        self.links = Links(
            page=lambda question: self._base + page_of(question),
            stop=lambda key: f"{self._base}/follow/stop/{key}",
        )

    def address(self, typed: str) -> Address:
        """A mail address as it is stored.

        Raises:
            Refusal: ``input.invalid`` for what is none.
        """
        plain = typed.strip()
        if not is_address(plain):
            raise Refusal(
                "input.invalid", "电子邮箱写得不对。请写成name@example.com这样，再按一次。", status=400
            )
        return self._as_address(plain)

    def _as_address(self, plain: str) -> Address:
        mark = hmac.new(self._seal.key(PURPOSE), plain.lower().encode(), sha256).hexdigest()
        return Address(self._seal.close(plain), mark)

    def mark_of(self, sealed: str) -> str:
        """The keyed digest of an address that was stored encrypted; empty where the key has changed since."""
        plain = self._seal.open(sealed)
        return self._as_address(plain).mark if plain else ""

    def confirm_link(self, question: int, address: Address, now: datetime) -> str:
        """The address by which its reader says yes."""
        until = int((now + timedelta(days=CONFIRM_DAYS)).timestamp())
        plain = self._seal.open(address.sealed)
        said = {"for": PURPOSE, "question": question, "address": plain, "until": until}
        return f"{self._base}/follow/{self._seal.close(json.dumps(said))}"

    def opened(self, token: str, now: datetime) -> Wish:
        """What a first address says.

        Raises:
            Refusal: ``not_found`` for one that this installation never made; ``link.expired``.
        """
        try:
            said = json.loads(self._seal.open(token) or "{}")
        except ValueError:
            said = {}
        if not isinstance(said, dict) or said.get("for") != PURPOSE:
            raise missing("这个链接")
        if datetime.fromtimestamp(said["until"], UTC) < now:
            raise Refusal(
                "link.expired",
                f"这个链接过了{CONFIRM_DAYS}天，已经不能用了。想订阅，请到那个问题的页面再留一次邮箱。",
                status=410,
            )
        return Wish(int(said["question"]), self._as_address(str(said["address"])))

    def before(self, project: Projector) -> Projector:
        """Tell those who follow a question of what a unit of work did to it, then go on with ``project``."""

        async def told(uow: UnitOfWork) -> Sequence[Any]:
            await following.tell(uow, self.links)
            return await project(uow)

        return told
