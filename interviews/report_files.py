"""A report as a file, made by a process of its own, so that a long one does not disturb the live room of another.

Python runs one thread at a time: in a thread of the server 5,000 questions delayed a 10 ms ticker by up to 0.24 s, in a
process by no more than the machine's own noise (docs/report.md). The process is gone afterwards, and its memory too.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from base.errors import Refusal
from interviews.report_words import Content

FORMS = ("docx", "pdf", "html", "json")
PATIENCE = 120
"""Seconds after which a file is given up; 5,000 questions take fewer than ten."""
AT_ONCE = 1
"""Presses that run at the same time; the next one waits."""
_LOT = 200

_presses: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


@dataclass(frozen=True)
class Printed:
    """A file, and what its reader should know: which fonts took the place of the standard's."""

    body: bytes
    notes: tuple[str, ...]


async def write(content: Content, form: str) -> Printed:
    """A version of a report as a file.

    Args:
        content: the version, as ``reports.draft`` keeps it or ``reports.content`` gives it.
        form: ``docx``, ``pdf``, ``html`` or ``json``; ``svg:ID`` for one plot of its ``plots``.

    Raises:
        Refusal: ``report.format`` for another form; ``report.no_font``; ``report.not_printed`` where the press broke
            down or took too long.
    """
    known = form in FORMS or form in {f"svg:{plot['id']}" for plot in content.get("plots", [])}
    if not known:
        raise Refusal("report.format", "格式只能是 docx、pdf、html 或者 json。请换一个。", status=400)
    async with _press():
        return await _printed(content, form)


@contextlib.asynccontextmanager
async def _press() -> AsyncIterator[None]:
    """One press at a time on each event loop; what belonged to closed loops is forgotten."""
    for loop in [loop for loop in _presses if loop.is_closed()]:
        del _presses[loop]
    running = asyncio.get_running_loop()
    async with _presses.setdefault(running, asyncio.Semaphore(AT_ONCE)):
        yield


async def _printed(content: Content, form: str) -> Printed:
    sent = await asyncio.to_thread(lambda: b"".join(_parts(content)))
    pipe = asyncio.subprocess.PIPE
    press = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "interviews.report_press", form, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(PATIENCE):
            body, told = await press.communicate(sent)
    except TimeoutError:
        raise _broken() from None
    finally:
        if press.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                press.kill()
            await press.wait()
    said = _said(told)
    if "refused" in said:
        code, message, status = said["refused"]
        raise Refusal(code, message, status=status)
    if press.returncode or "notes" not in said:
        raise _broken()
    return Printed(body, tuple(said["notes"]))


def _said(told: bytes) -> dict[str, Any]:
    """The last line of what the press said; libraries may have warned before."""
    try:
        said: dict[str, Any] = json.loads(told.decode(errors="replace").strip().splitlines()[-1])
    except (ValueError, IndexError):
        return {}
    return said


def _broken() -> Refusal:
    return Refusal("report.not_printed", "文件没有做成。请再试一次；还不行，请联系管理员。", status=503)


def _parts(content: Content) -> Iterator[bytes]:
    """A content as JSON, a lot of rows at a time: one call over all of it would hold up every other thread."""
    yield b"{"
    for place, (key, value) in enumerate(content.items()):
        yield (", " if place else "").encode() + json.dumps(key).encode() + b": "
        if isinstance(value, list):
            yield b"["
            for begin in range(0, len(value), _LOT):
                lot = json.dumps(value[begin : begin + _LOT], ensure_ascii=False)[1:-1]
                yield (", " if begin else "").encode() + lot.encode()
            yield b"]"
        else:
            yield json.dumps(value, ensure_ascii=False).encode()
    yield b"}"
