"""The shell that a device keeps, the manifest by which the site is installed, and what was taken down since a copy.

What may be kept and for how long is decided in ``docs/decisions`` (the record on offline copies); the programme that
keeps it is ``islands/src/sw.ts``.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from base.db import UnitOfWork
from interviews.lifecycle import QuestionStatus
from interviews.models import Interview, Item, Question
from web.icons import ICONS
from web.pages import STATIC, Site

SHELL = ("tokens.css", "components.css", "talk.css", "favicon.svg", "elder", "offline")
"""Styles and islands without which no page looks like one; what a page needs beyond them is kept when it was loaded."""
PAGE = "/offline"
COPIES = 5
"""How many interviews a device keeps."""
COPY_DAYS = 7
"""For how long a copy may be shown that nobody could ask about since."""
REMEMBERED_SECONDS = 10.0
"""How long one process answers from memory: with the device's 45 s it stays under the 60 s of the contract."""
_COLOUR = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6})")

GONE = (QuestionStatus.WITHDRAWN, QuestionStatus.REMOVED)


def worker(code: str, asset: Callable[[str], str], *, on: bool) -> str:
    """The service worker with what it has to know; other bytes as soon as a file of the shell is another one.

    Args:
        code: as it was built.
        asset: from a name to an address, as templates have it.
        on: without it the worker clears what was kept and takes itself away.
    """
    files = [PAGE, *(address for name in SHELL if (address := asset(name)))]
    listed = ",".join(f'"{one}"' for one in files)
    told = f"{{page:\"{PAGE}\",files:[{listed}],copies:{COPIES},days:{COPY_DAYS}}}" if on else "null"
    return f"self.FANGTAN_SHELL={told};\n{code}"


def manifest(about: Site, asset: Callable[[str], str]) -> dict[str, Any]:
    """The web app manifest (W3C); its colours are those of ``tokens.css``."""
    colours: Mapping[str, str] = dict(reversed(_COLOUR.findall(_tokens())))
    icons = [
        {
            "src": f"/icons/{name}.png",
            "sizes": f"{side}x{side}",
            "type": "image/png",
            "purpose": name.partition("-")[0],
        }
        for name, (side, _) in ICONS.items()
        if not name.startswith("touch")
    ]
    return {
        "id": "/",
        "name": about.name,
        "short_name": "网上访谈",
        "description": "答复单位按主题在网上回答公众提问",
        "lang": "zh-CN",
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "theme_color": colours["qing"],
        "background_color": colours["paper"],
        "icons": [
            {"src": asset("favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            *icons,
        ],
        "shortcuts": [
            {"name": "全部访谈", "url": "/interviews"},
            {"name": "问机器人", "url": "/faq"},
            {"name": "凭回执查", "url": "/#receipt"},
        ],
    }


def _tokens() -> str:
    return (STATIC / "tokens.css").read_text(encoding="utf-8")


class TakenDown:
    """For each interview, a word that is another one as soon as something in it was taken down or taken back.

    Every device that keeps copies asks for it again and again; one answer is good for some seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[int, tuple[float, str | None]] = {}

    async def words(self, uow: UnitOfWork, interviews: Sequence[int]) -> dict[int, str]:
        """The word of each of these interviews; one that strangers do not find has none.

        Args:
            uow: of a stranger.
            interviews: numbers, a few.
        """
        now = self._clock()
        wanted = [one for one in interviews if self._known.get(one, (-1.0, None))[0] <= now]
        if wanted:
            found = await self._read(uow, wanted)
            # Numbers that do not exist are not remembered: somebody could name any number of them.
            for one in wanted:
                self._known.pop(one, None)
            self._known |= {one: (now + REMEMBERED_SECONDS, word) for one, word in found.items()}
        return {one: word for one in interviews if (word := self._known.get(one, (0, None))[1]) is not None}

    async def _read(self, uow: UnitOfWork, wanted: Sequence[int]) -> dict[int, str]:
        public = select(col(Interview.id)).where(
            col(Interview.id).in_(wanted), col(Interview.rehearsal).is_(False)
        )
        items = select(col(Item.interview_id), func.count(col(Item.id))).where(
            col(Item.interview_id).in_(wanted), col(Item.removed_at).is_not(None)
        )
        asked = select(col(Question.interview_id), func.count(col(Question.id))).where(
            col(Question.interview_id).in_(wanted),
            col(Question.number).is_not(None),
            col(Question.status).in_(GONE),
        )
        removed = {one: n for one, n in await uow.db.execute(items.group_by(col(Item.interview_id)))}
        gone = {one: n for one, n in await uow.db.execute(asked.group_by(col(Question.interview_id)))}
        return {
            one: f"{removed.get(one, 0)}.{gone.get(one, 0)}"
            for one in await uow.db.scalars(public)
            if one is not None
        }
