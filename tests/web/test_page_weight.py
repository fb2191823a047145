"""What a phone must load for a public page: HTML, style sheets and scripts, compressed, under 100 KB together."""

import gzip
import json
import re
import sys
from urllib.parse import urljoin

from tests.web.conftest import Town
from tests.web.long_record import archive, long_record
from web.pages import MANIFEST

BOUND = 100 * 1024
"""Bytes; ``pages.md`` asks for it, 1 KB = 1024 B."""
STYLES = re.compile(r'<link rel="stylesheet"[^>]* href="([^"]+)"')
SCRIPTS = re.compile(r'<script[^>]* src="([^"]+)"')
WORKER = re.compile(r' data-worker="([^"]+)"')

ITEMS, WAITING = 2_000, 40
"""The interview's pages are measured full: the first page of a long record, and of what waits beside it."""


def with_imports(script: str) -> set[str]:
    """The address of a built script and of all that it imports before it runs."""
    built = json.loads(MANIFEST.read_text(encoding="utf-8"))
    by_file = {f"/static/built/{one['file']}": name for name, one in built.items()}

    def of(name: str) -> set[str]:
        one = built[name]
        return {f"/static/built/{one['file']}"}.union(*(of(other) for other in one.get("imports", ())))

    return of(by_file[script]) if script in by_file else {script}


async def weights(town: Town, path: str) -> dict[str, int]:
    """Bytes of a page, by kind, each file compressed by itself as it travels."""

    async def size(address: str) -> int:
        async with town.client.get(address) as answer:
            assert answer.status == 200, address
            return len(gzip.compress(await answer.read(), 6))

    async with town.client.get(path) as answer:
        html = await answer.text()
    scripts = set(WORKER.findall(html)).union(*(with_imports(one) for one in SCRIPTS.findall(html)))
    styles = set(STYLES.findall(html))
    assert styles, path
    assert all(urljoin("/", one).startswith("/") for one in scripts | styles)
    return {
        "html": len(gzip.compress(html.encode(), 6)),
        "css": sum([await size(one) for one in styles]),
        "js": sum([await size(one) for one in scripts]),
    }


async def test_public_pages_are_under_a_hundred_kilobytes(town: Town) -> None:
    await long_record(town.city, ITEMS, WAITING)
    page = f"/interviews/{town.city.interview}"
    table = {path: await weights(town, path) for path in ("/", "/faq", "/interviews", "/search?q=医保")}
    table[f"{page} (live)"] = await weights(town, page)
    await archive(town.city)
    table[f"{page} (transcript)"] = await weights(town, page)
    for path, kinds in table.items():
        listed = " ".join(f"{kind} {size:6}" for kind, size in kinds.items())
        sys.stdout.write(f"{path:26} {listed}  {sum(kinds.values()) / 1024:5.1f} KB\n")
    assert {path: kinds for path, kinds in table.items() if sum(kinds.values()) >= BOUND} == {}
