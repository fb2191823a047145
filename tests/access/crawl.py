"""A crawler that looks at everything a stranger or another citizen can reach, and keeps what it was shown."""

import io
import itertools
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit

from tests.access.stage import Stage

_LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')
_LOCATION = re.compile(r"<loc>([^<]+)</loc>|<(?:id|link)[^>]*?(?:href=\"|>)(https?://[^<\"]+)")
_PLACE = re.compile(r"{(\w+)}")
_SWITCHES = ("mode=", "size=")
_LOGIN = "/login?next="
LOGINS = 50
"""Login pages differ by the address that was asked for alone; all of them were an eighth of the crawl's time."""
MOST = 5000
"""More pages than that in so small a city would be a trap for crawlers."""


@dataclass
class Crawl:
    """One reader's walk.

    Attributes:
        town: what is crawled.
        reader: ``anyone`` or ``citizen``.
        seen: address to what came, headers included.
    """

    town: Stage
    reader: str
    seen: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    _folded: dict[str, str] = field(default_factory=dict)

    async def get(self, address: str, headers: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        """Fetch and keep one address; its status, text and ETag."""
        carried = self.town.headers(self.reader) | dict(headers or {})
        async with self.town.client.get(address, headers=carried, allow_redirects=False) as answer:
            text = readable(await answer.read())
            told = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
            self.keep(address, answer.status, f"{told}\n{text}")
            return answer.status, text, answer.headers.get("ETag", "")

    async def post(self, address: str, **body: Any) -> int:
        """Send something and keep what came back."""
        headers = self.town.headers(self.reader)
        if not address.startswith("/api/"):
            headers = self.town.browser(self.reader)
        async with self.town.client.post(address, headers=headers, allow_redirects=False, **body) as answer:
            told = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
            self.keep(f"POST {address} {body}", answer.status, f"{told}\n{readable(await answer.read())}")
            return answer.status

    def keep(self, address: str, status: int, text: str) -> None:
        """Remember what an address showed."""
        assert status < 500, f"{address}: {text[:300]}"
        self.seen[address] = self.seen.get(address, "") + text
        self.statuses[address] = status

    async def walk(self, start: Sequence[str]) -> None:
        """Follow every link of the site from these addresses on."""
        base = "http://127.0.0.1:8080"
        ahead, logins = list(start), 0
        while ahead:
            address = ahead.pop()
            if address in self.seen or any(switch in address for switch in _SWITCHES):
                continue
            logins += address.startswith(_LOGIN)
            if address.startswith(_LOGIN) and logins > LOGINS:
                continue
            assert len(self.seen) < MOST, "the crawl does not end"
            _, text, _ = await self.get(address)
            leads_to = re.findall(r"^Location: (\S+)", self.seen[address], re.MULTILINE)
            found = [unescape(link) for link in _LINK.findall(text)] + leads_to
            found += [link for pair in _LOCATION.findall(text) for link in pair if link.startswith(base)]
            for link in found:
                local = link.removeprefix(base).split("#")[0] or "/"
                if urlsplit(local).path.startswith("/") and not local.startswith(("//", "/static/")):
                    ahead.append(local)

    def finds(self, word: str) -> list[str]:
        """The addresses that showed a word, whatever its case."""
        if len(self._folded) != len(self.seen):
            self._folded = {address: text.casefold() for address, text in self.seen.items()}
        return [address for address, text in self._folded.items() if word.casefold() in text]


def addresses(patterns: Sequence[str], values: Mapping[str, Sequence[object]]) -> Iterator[str]:
    """Every address of these routes, with every value in every place.

    Raises:
        KeyError: a place that nothing is known to be put in.
    """
    for pattern in patterns:
        places = _PLACE.findall(pattern)
        for chosen in itertools.product(*(values[place] for place in places)):
            filled = pattern
            for place, value in zip(places, chosen, strict=True):
                filled = filled.replace(f"{{{place}}}", quote(str(value), safe=":"))
            yield filled


def readable(content: bytes) -> str:
    """An answer as text; Word and Excel files are unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = [packed.read(name).decode("utf-8", "replace") for name in packed.namelist()]
    return "\n".join(re.sub(r"<[^>]+>", "", part) for part in parts)
