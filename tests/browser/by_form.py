"""A form sent as a browser without scripts sends it, by somebody signed in, with or without a file."""

import re
from typing import Any

from aiohttp import FormData

from tests.browser.strangers import Sent, foreign
from tests.web.browser import Browser as Plain


async def signed_in(sent: Sent, role: str) -> Plain:
    """A browser without scripts at which somebody in a role is signed in."""
    plain = Plain(sent.town)
    await plain.signs_in(role)
    return plain


async def uploads(plain: Plain, path: str, name: str, content: bytes, **typed_too: str) -> None:
    """Send a form that brings a file, from the page that is open."""
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', plain.text)
    form = FormData(default_to_multipart=True)
    for key, value in ({"csrf": token[1] if token else ""} | typed_too).items():
        form.add_field(key, value)
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    async with plain.client.post(path, data=form) as answer:
        plain.text, plain.status = await answer.text(), answer.status
        plain.path = str(answer.url.path)
    assert plain.status < 500, (path, name)
    assert not foreign(plain.text), (path, name)


def without(given: dict[str, Any], name: str) -> dict[str, Any]:
    """What is sent, but for one field."""
    return {key: value for key, value in given.items() if key != name}
