"""The auditor's walk over the whole chain, which takes half a minute over a city's ten years (docs/decisions/0027)."""

from base import audit
from base.db import Units
from base.errors import Refusal
from base.people import Actor
from web import checkpoints
from web.backup_contents import Told
from web.checkpoints import Checkpoint
from web.long_work import Doing, LongWork, Work


def walker() -> LongWork:
    """The one walk of a process: two auditors watch the same."""
    return LongWork(
        Refusal("audit.walking", "正在核对，一次只核对一遍。请等它办完，或者先停下它。"),
        Refusal("audit.idle", "现在没有正在进行的核对。"),
        "停下了，没有核对完。记录一条也没有动。",
        "没有核对成，原因在日志里。请再试一次。",
    )


def walking(units: Units, actor: Actor, checkpoint: Checkpoint | None, key: bytes | None) -> Doing:
    """The walk; its result is an ``audit.Verdict``, or against a checkpoint ``checkpoints.Compared``."""

    async def doing(work: Work, told: Told) -> str:
        async with units.read(actor) as uow:
            total = await audit.length(uow)

            def walked(count: int) -> None:
                told("walk", count, max(total, count))

            if checkpoint is None:
                work.result = await audit.verify(uow, walked=walked)
            else:
                work.result = await checkpoints.compare(uow, checkpoint, key, walked)
        return "核对完了。"

    return doing
