"""Proof of work: a phone computes for a second or two, and its owner may go on submitting.

The challenge is ALTCHA's (version 2, PBKDF2 with a hidden counter), signed with a key of its own, made for one
visitor, good for five minutes. ALTCHA itself accepts a solution as often as it is sent, so the spent ones are kept in
the database until they expire: two processes, or one after a restart, agree on them.

A solution of another visitor is refused. Otherwise one fast machine could solve for a thousand identities, or sell
what it solved; the challenge names its visitor by a keyed digest, since a person's number is nobody's business.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any

import altcha
import pydantic
from aiohttp import web
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, SQLModel, col

from base.clock import utcnow
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.errors import Refusal

LASTS = timedelta(minutes=5)
ALGORITHM = "PBKDF2/SHA-256"
COST = 300
"""Iterations of one try; making a challenge costs the server one try, checking a solution none."""

TRIES = (2_000, 4_000)
"""Between how many tries the answer lies. Chromium 3,000 tries in: 0.2 to 0.4 s on a desktop core, 0.9 to 1.2 s
slowed down six times, and then the page never waited longer than 36 ms."""

LONGEST = 4_096
"""Characters of a payload; ours has some 700."""


class Solved(pydantic.BaseModel):
    """``POST /api/proof``."""

    model_config = pydantic.ConfigDict(extra="forbid", strict=True)

    payload: Annotated[str, pydantic.Field(max_length=LONGEST)]


class SpentProof(SQLModel, table=True):
    """A challenge whose solution has been used, until it has expired."""

    __tablename__ = "spent_proof"

    signature: str = Field(primary_key=True)
    until: datetime = Field(sa_type=UtcDateTime, index=True)


class Proofs:
    """Makes challenges and takes solutions.

    Args:
        key: from ``Seal.key``; what hangs on the installation's secret.
    """

    def __init__(self, key: bytes) -> None:
        self._signs, self._answers, self._names = (
            hmac.new(key, part, hashlib.sha256).digest() for part in (b"challenge", b"answer", b"visitor")
        )

    def challenge(self, person_id: int | None) -> dict[str, Any]:
        """A challenge for one visitor, as ALTCHA's clients read it."""
        made = altcha.create_challenge(
            ALGORITHM,
            COST,
            counter=TRIES[0] + secrets.randbelow(TRIES[1] - TRIES[0]),
            expires_at=utcnow() + LASTS,
            data=self._made_for(person_id),
            hmac_secret=self._signs,
            hmac_key_secret=self._answers,
        )
        found: dict[str, Any] = made.to_dict()
        return found

    async def spend(self, uow: UnitOfWork, payload: str) -> None:
        """Take a solution from the acting visitor, once.

        Args:
            uow: whose actor solved it.
            payload: challenge and solution as ALTCHA's clients send them, JSON in base64.

        Raises:
            Refusal: ``proof.wrong`` where it is forged, unsolved or another visitor's; ``proof.expired``;
                ``proof.spent``.
        """
        sent = _opened(payload)
        checked = altcha.verify_solution(sent, self._signs, hmac_key_secret=self._answers)
        if checked.expired:
            raise Refusal("proof.expired", "验证放得太久了。请再验证一次。", status=400)
        # Nothing in it is looked at before it is known to be signed by us.
        if not checked.verified or sent.challenge.parameters.data != self._made_for(uow.actor.person_id):
            raise _wrong()
        await _remember(uow, str(sent.challenge.signature))

    def _made_for(self, person_id: int | None) -> dict[str, str]:
        return {"for": hmac.new(self._names, str(person_id).encode(), hashlib.sha256).hexdigest()[:32]}


def _opened(payload: str) -> altcha.Payload:
    try:
        return altcha.Payload.from_base64(payload)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _wrong() from None


async def _remember(uow: UnitOfWork, signature: str) -> None:
    """Keep what was spent until the challenge has surely expired, on the clock of any process; drop what has."""
    await uow.db.execute(delete(SpentProof).where(col(SpentProof.until) < uow.now))
    uow.db.add(SpentProof(signature=signature, until=uow.now + 2 * LASTS))
    try:
        await uow.db.flush()
    except IntegrityError:
        raise Refusal("proof.spent", "这次验证已经用过了。请再验证一次。", status=409) from None


def _wrong() -> Refusal:
    return Refusal("proof.wrong", "验证没有通过。请再验证一次。", status=400)


PROOFS = web.AppKey("proofs", Proofs)
