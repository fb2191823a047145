"""A file for the catalogue is read: of a hundred thousand entries it takes longer than a person waits for."""

import asyncio

from base.clock import office_date, utcnow
from base.db import Units
from base.errors import Refusal
from base.people import Actor
from faq import catalog_file, foreseen, imports
from web.backup_contents import Told
from web.long_work import LongWork, Work, until_cancelled

STAGES = {"begin": "准备", "read": "逐行看一遍", "compare": "和目录里的对照", "keep": "存好，等您看"}


def reader() -> LongWork:
    """One person's: what they sent last."""
    return LongWork(
        Refusal("import.reading", "正在读您刚才交的那一份，一次读一份。请等它读完，或者先停下它。"),
        Refusal("import.idle", "现在没有正在读的文件。"),
        "停下了，这份文件没有留下，目录一条也没有动。",
        "文件没有读成。请再交一次；还不行，请联系系统管理员。",
    )


def begin(of: LongWork, units: Units, actor: Actor, filename: str, content: bytes) -> Work:
    """Read a file and keep it to be looked at; the import's number is the work's ``result``.

    Raises:
        Refusal: ``import.reading``.
    """

    async def doing(work: Work, told: Told) -> str:
        # In a thread: reading may take seconds of work, which no live interview is to wait for.
        read = asyncio.to_thread(catalog_file.read, filename, content, office_date(utcnow()))
        reading = await until_cancelled(read, told, "read", 0, 0)
        async with units.read(actor) as uow:
            rows = reading.rows
            counts = await foreseen.count(uow.db, rows, lambda done, of: told("compare", done, of))
        told("keep", 0, 0)
        async with units.act(actor) as uow:
            one = await imports.propose(uow, filename, reading, counts)
        work.result = one.id
        return "读完了。"

    return of.start("import", filename, actor.name, doing)
