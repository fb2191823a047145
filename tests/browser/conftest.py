"""Debian's Chromium, headless, and the example city that it looks at."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.demo import Demo, shared
from tests.browser.serving import last_words
from tests.browser.strangers import Sent, settled

SHELL = Path("/usr/bin/chromium-headless-shell")
CHROMIUM = str(SHELL) if SHELL.exists() else "/usr/bin/chromium"
"""Debian's, without a window where there is one, which takes a quarter less of the processor."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Five seconds, the library's own patience, are too few beside other work on a small machine.
expect.set_options(timeout=60_000)

OUTPUT = Path(__file__).parent.parent / "output"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """One browser for a test; people are contexts of it."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()
    await last_words()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One example city for all that only look at it or add to it; the first of several workers fills it for all."""
    base, own = tmp_path_factory.getbasetemp(), tmp_path_factory.mktemp("demo")
    with shared(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base, own) as city:
        yield city


@pytest.fixture
async def sent(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Sent]:
    """The city before its interview is announced, and everything that strangers will have typed in it."""
    async with settled(tmp_path, migrated_file) as found:
        yield found


@pytest.fixture
def shots() -> Path:
    """Where screenshots for people go; not committed."""
    OUTPUT.mkdir(exist_ok=True)
    return OUTPUT
