"""The example city's 政府信息公开目录, which the bot answers from: imported and published like any other."""

from datetime import datetime

from base.db import Units
from base.people import SYSTEM
from faq import library
from faq.table_file import row_of
from web.city.data import read_file


async def fill_catalogue(units: Units, now: datetime) -> None:
    """Import and publish the city's entries where the catalogue has none yet.

    Raises:
        Refusal: a bad entry; the message names it.
    """
    async with units.read() as uow:
        if await library.version(uow.db):
            return
    entries = read_file("catalog.yaml")["entries"]
    rows = [
        row_of({name: _cell(value) for name, value in one.items()}, n) for n, one in enumerate(entries, 1)
    ]
    async with units.act(SYSTEM, now=now) as uow:
        await library.import_rows(uow, rows, publish_too=True)


def _cell(value: object) -> str:
    """A value of the file as the cell of a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "\n".join(value)
    return str(value)
