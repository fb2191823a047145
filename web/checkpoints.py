"""Checkpoints (存档点) of the audit chain: where it stood on a day, kept outside the database.

Whoever can write the database can also rewrite the whole chain and its head. A checkpoint in other hands shows it:
the chain of today must still pass through it. Its signature is an HMAC-SHA-256 with a key that hangs on the secret
key, so that nobody without that key can make a checkpoint that fits a rewritten chain.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import pydantic

from base import audit
from base.audit import Mark, Verdict
from base.clock import shanghai_iso
from base.db import UnitOfWork
from base.errors import Refusal

KIND = "fangtan-audit-checkpoint"
LONGEST = 10_000
"""Bytes of a checkpoint's file; ours has some 300."""

PURPOSE = "checkpoint"
"""What the signing key is derived for (``Seal.key``)."""

Digest = Annotated[str, pydantic.Field(pattern="^[0-9a-f]{64}$")]


class Checkpoint(pydantic.BaseModel):
    """What a file says: so many entries, the last one's digest, when, and the signature where it has one.

    The result of ``fangtan audit verify --json`` is read as one too, without a signature.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    entries: Annotated[int, pydantic.Field(ge=0, le=2**53)]
    head: Digest
    at: Annotated[str, pydantic.Field(max_length=40)] = ""
    signature: Digest | None = None

    @property
    def mark(self) -> Mark:
        """The place on the chain."""
        return Mark(self.entries, self.head)

    def signed_with(self, key: bytes) -> str:
        """The signature that this checkpoint has under a key."""
        said = {"kind": KIND, "entries": self.entries, "head": self.head, "at": self.at}
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()

    def file(self) -> bytes:
        """The file: one JSON object, UTF-8."""
        whole = {"kind": KIND, **self.model_dump()}
        return (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode()


@dataclass(frozen=True)
class Compared:
    """A chain against a checkpoint: ``signed`` is ``None`` where there was no key to look with."""

    checkpoint: Checkpoint
    verdict: Verdict
    signed: bool | None

    @property
    def sentence(self) -> str:
        """What was found, for a person."""
        at, found = self.checkpoint.entries, self.verdict
        if found.ok:
            later = f"以后新记了{found.entries - at}条" if found.entries > at else "以后没有新的"
            return f"对得上：存档以来，以前的{at}条一条也没有改过，{later}。"
        if found.entries > at:
            return f"存档点以前的{at}条没有改过；以后的，从第{found.broken_at}条起断了。"
        return f"对不上：从第{found.broken_at}条起，和存档时不一样。请不要再用这个库，马上找管理员。"

    @property
    def remark(self) -> str | None:
        """What to know about the signature; nothing where it fits."""
        if self.signed is None:
            return "没有设密钥，没有核对存档点的签名。"
        if not self.signed:
            return "这个存档点没有签名，只能比数，说明不了它是谁存的。"
        return None


def parse(content: bytes) -> Checkpoint:
    """Read a checkpoint's file.

    Raises:
        Refusal: ``checkpoint.unreadable``.
    """
    try:
        if len(content) > LONGEST:
            raise ValueError("too long")
        return Checkpoint.model_validate_json(content)
    except ValueError:
        message = "这个文件不是审计存档点。请选用“存一个存档点”或者 fangtan audit checkpoint 存下的文件。"
        raise Refusal("checkpoint.unreadable", message, status=400) from None


async def make(uow: UnitOfWork, key: bytes | None) -> Checkpoint:
    """A checkpoint of the chain as it stands, after a walk along all of it; signed where there is a key.

    Raises:
        Refusal: ``audit.broken``: a broken chain is not certified.
    """
    found = await audit.verify(uow)
    if not found.ok:
        message = f"审计链从第{found.broken_at}条起断了，不能存存档点。请马上找管理员，用以前的备份核对。"
        raise Refusal("audit.broken", message, status=409)
    made = _at(found, uow.now)
    return made if key is None else made.model_copy(update={"signature": made.signed_with(key)})


def _at(found: Verdict, now: datetime) -> Checkpoint:
    return Checkpoint(entries=found.entries, head=found.head, at=shanghai_iso(now))


async def compare(
    uow: UnitOfWork, checkpoint: Checkpoint, key: bytes | None, walked: audit.Walked = audit.untold
) -> Compared:
    """The chain of today against a checkpoint; ``walked`` is told how far it is.

    Raises:
        Refusal: ``checkpoint.forged``: its signature is not of this installation, or it was changed since.
    """
    signed = None
    if key is not None:
        signed = checkpoint.signature is not None
        if checkpoint.signature and not hmac.compare_digest(
            checkpoint.signature, checkpoint.signed_with(key)
        ):
            message = "这个存档点的签名对不上：不是这个系统存的，或者存下以后改过，或者系统换过密钥。"
            raise Refusal("checkpoint.forged", message + "请换另一份存档点核对。", status=409)
    return Compared(checkpoint, await audit.verify(uow, checkpoint.mark, walked), signed)
