"""The shell that a device keeps, and the manifest by which the site is installed.

What may be kept and for how long is decided in ``docs/decisions`` (the record on offline copies); the programme that
keeps it is ``islands/src/sw.ts``.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from web.icons import ICONS
from web.pages import HERE, Site, assets, island, theme_colour

STYLES = ("tokens.css", "components.css", "talk.css", "favicon.svg")
ISLANDS = ("elder", "offline")
"""Without these, and what they fetch, no page looks like one; what a page needs beyond is kept when it was loaded."""
PAGE = "/offline"
COPIES = 5
"""How many interviews a device keeps."""
COPY_DAYS = 7
"""For how long a copy may be shown that nobody could ask about since."""


def worker(code: str, files: Sequence[str], version: str, *, on: bool) -> str:
    """The service worker with what it has to know; other bytes as soon as a file of the shell is another one.

    Args:
        code: the script as it was built.
        files: addresses of the shell.
        version: of what stands under them.
        on: without it the worker clears what was kept and takes itself away.
    """
    told = {
        "version": version,
        "page": PAGE,
        "files": [PAGE, *files],
        "copies": COPIES,
        "days": COPY_DAYS,
    }
    return f"self.fangtanShell={json.dumps(told if on else None)};\n{code}"


@cache
def shell() -> tuple[str, ...]:
    """The addresses of everything that the offline page and every other page need."""
    asset = assets()
    fetched = (address for name in ISLANDS for address in island(name))
    # Once each: the browser keeps nothing at all where an address is listed twice.
    return tuple(dict.fromkeys((*(asset(name) for name in STYLES), *fetched)))


@cache
def version() -> str:
    """Another one as soon as the shell's files are, or the page that is kept with them."""
    pages = (HERE / "templates" / name for name in ("base.html", "offline.html"))
    told = [*shell(), *(page.read_text(encoding="utf-8") for page in pages)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]


def manifest(about: Site, asset: Callable[[str], str]) -> dict[str, Any]:
    """The web app manifest (W3C); painted in the main colour of ``tokens.css``."""
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
        "theme_color": theme_colour(),
        "background_color": "#ffffff",
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
