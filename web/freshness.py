"""How a public page stays fresh and small: a tag of what it says, a short answer where nothing changed, compression.

The tag is made from the page itself, so it changes whenever anything on the page does: a word taken down, a day that
has passed, the reader's own question, the 长辈版. Nothing has to be remembered when something new is put on a page. The
browser asks each time before it shows what it kept (``no-cache``), so what was removed is gone at once; nobody else may
keep a page (``private``), because its forms are signed for one browser.
"""

import hashlib
from http import HTTPStatus

from aiohttp import web

KEPT = "private, no-cache"
VARY = "Cookie, Accept-Encoding"
SMALLEST = 1024
"""Characters from which compression is worth its head."""

COMPRESSED_AT_ONCE = 128 * 1024
"""Bytes that are compressed on the event loop (some 2 ms); what is larger is compressed beside it."""


def tag_of(text: str, passing: str | None = None) -> str:
    """The tag of a page, weak because it is compressed on the way.

    Args:
        text: the page.
        passing: what differs each time and says nothing, the random name of a form.
    """
    said = text.replace(passing, "") if passing else text
    digest = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12)
    return f'W/"{digest.hexdigest()}"'


def known(request: web.Request, tag: str) -> bool:
    """Whether the browser has this very page; a ``*`` is not believed, it names no page."""
    sent = request.headers.get("If-None-Match", "")
    opaque = tag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") == opaque for one in sent.split(","))


def settle(request: web.Request, response: web.Response, passing: str | None = None) -> web.Response:
    """A public page as it leaves: with its tag, or as the word that the browser's copy is still right.

    Args:
        request: the reader's.
        response: the page, complete; what is not 200 or not asked for by GET passes as it is.
        passing: see ``tag_of``.
    """
    text = response.text
    if response.status != HTTPStatus.OK or request.method not in ("GET", "HEAD") or text is None:
        return response
    tag = tag_of(text, passing)
    if known(request, tag):
        response = web.Response(status=HTTPStatus.NOT_MODIFIED)
    elif len(text) >= SMALLEST and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.enable_compression(web.ContentCoding.gzip)
    response.headers.update({"ETag": tag, "Cache-Control": KEPT, "Vary": VARY})
    return response
