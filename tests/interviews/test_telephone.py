"""Telephone numbers as clerks write them, and what is none."""

import pytest

from interviews import telephone


@pytest.mark.parametrize(
    ("written", "kept", "dialled"),
    [
        ("0000-0010101", "0000-0010101", "tel:00000010101"),
        (" 0000－0010101 转 8012 ", "0000-0010101转8012", "tel:00000010101"),
        ("0000-0010101 ext. 8012", "0000-0010101转8012", "tel:00000010101"),
        ("（0000）0010101分机8", "(0000)0010101转8", "tel:00000010101"),
        ("+86 100 0000 0101", "+86 100 0000 0101", "tel:+8610000000101"),
        ("１２３４５", "12345", "tel:12345"),
        ("110", "110", "tel:110"),
    ],
)
def test_numbers_are_kept_as_they_are_written_and_dialled_by_their_digits(
    written: str, kept: str, dialled: str
) -> None:
    assert telephone.read(written) == kept
    assert telephone.dialled(kept) == dialled
    assert telephone.read(kept) == kept, "what was kept can be sent again"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "12",
        "许主任",
        "0000-0010101转",
        "0000-0010101转8转9",
        "0000/0010101",
        "1" * 17,
        "tel:110",
        "110;ext=1",
    ],
)
def test_what_is_no_number_is_none(written: str) -> None:
    assert telephone.read(written) is None
