"""A computer without a Chinese font, for the tests of what is printed."""

from collections.abc import Iterator

import pytest

from interviews import paper_fonts


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only the fonts that typst brings along are here; none of them has a Chinese character."""
    brought = tuple(one for one in paper_fonts._installed() if not one.path)
    monkeypatch.setattr(paper_fonts, "_installed", lambda: brought)
    paper_fonts.fonts.cache_clear()
    yield
    paper_fonts.fonts.cache_clear()
