"""Fifty pieces of personal data that nobody has: made of valid forms and check characters, typed as people type."""

import re
import unicodedata

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def _identity(area: str, born: str, order: str) -> str:
    """An identity number with its check character (GB 11643-1999)."""
    plain = area + born + order
    total = sum(int(digit) * weight for digit, weight in zip(plain, _WEIGHTS, strict=True))
    return plain + _CHECKS[total % 11]


def _card(start: str, length: int) -> str:
    """A bank card's number with its check digit (Luhn)."""
    plain = start.ljust(length - 1, "7")
    digits = [int(digit) for digit in plain + "0"]
    total = sum(
        digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4)
        for place, digit in enumerate(reversed(digits))
    )
    return plain + str(-total % 10)


def _wide(text: str) -> str:
    """The same in full-width digits."""
    return text.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})


_MOBILES = ("13800138001", "15912345678", "18600006666", "19987654321", "17755556666")
_IDENTITIES = (
    _identity("110105", "19491231", "002"),
    _identity("440524", "19800101", "001"),
    _identity("320311", "19770706", "161"),
    _identity("510823", "20011115", "772"),
    _identity("370102", "19650317", "305"),
    _identity("810000", "19850612", "011"),
    _identity("820000", "19900228", "023"),
    _identity("830000", "19781103", "344"),
    _identity("911111", "19880808", "018"),
)
_CARDS = (
    _card("621226", 19),
    _card("622588", 16),
    _card("436742", 16),
    _card("621700", 19),
    _card("52018", 16),
)

ITEMS = (
    *_MOBILES,
    *(f"{one[:3]} {one[3:7]} {one[7:]}" for one in _MOBILES),
    *(f"{one[:3]}-{one[3:7]}-{one[7:]}" for one in _MOBILES),
    *(f"+86{one[:8]}{digit}00" for one, digit in zip(_MOBILES, "12345", strict=True)),
    *map(_wide, ("13711112222", "15033334444", "18955556666")),
    *_IDENTITIES,
    _IDENTITIES[0][:14] + _identity("110105", "19491231", "114")[14:].lower(),
    _wide(_identity("330106", "19920420", "152")),
    *_CARDS,
    *(f"{one[:4]} {one[4:8]} {one[8:12]} {one[12:]}" for one in _CARDS[1:3]),
    "010-66668888", "0571-88776655", "020-81234567",
    "zhang.san1987@example.com", "li_si@mail.example.cn", "wangwu+bao@example.org",
    "翠湖小区3号楼2单元501室", "建设路幸福花园12栋1803室", "人民家园6幢402室", "站前公寓15座2206室",
)  # fmt: skip


def told(item: str) -> str:
    """How an item is looked for: without the marks between digits, in one width, without case."""
    return bare(item)


def bare(text: str) -> str:
    """A text in one width, with nothing between its digits."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"(?<=\d)[ \-]+(?=\d)", "", plain)
