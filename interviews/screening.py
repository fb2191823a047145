"""What draws a question to the moderator's eye: personal data, found and masked, and advertising.

Pure: a text goes in, the masked text and the flags come out. Identity numbers: GB 11643-1999 with its check
character (ISO 7064 MOD 11-2). Bank cards: the Luhn check of ISO/IEC 7812. Mobile numbers: eleven digits from 13 to 19.
"""

import re
import unicodedata
from dataclasses import dataclass

MASK = "＊"

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)(\d{17}[\dXx])(?![\dXx])")
_CARD = re.compile(r"(?<!\d)(\d(?:[ -]?\d){15,18})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}-\d{7,8})(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_ADDRESS = re.compile(
    r"[一-鿿]{1,8}(?:小区|花园|公寓|家园)?\d{1,4}(?:号楼|栋|幢|座)(?:\d{1,2}单元)?\d{2,5}(?:室|号)?"
)
_ADVERTISING = re.compile(
    r"(?:加|\+)\s*(?:微信|v信|vx|薇信|qq)|代办.{0,6}(?:包过|下证|低价)|低息.{0,4}贷款|无抵押|刷单|日赚|兼职.{0,6}日结|优惠券|限时优惠|扫码领",
    re.IGNORECASE,
)

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


@dataclass(frozen=True)
class Flag:
    """Why a question was drawn to the moderator's eye: a class and, in words, what was found."""

    kind: str
    why: str

    def to_dict(self) -> dict[str, str]:
        """As stored with the question and shown on the console."""
        return {"kind": self.kind, "why": self.why}


@dataclass(frozen=True)
class Screened:
    """The text with personal data masked, and what was found in it."""

    text: str
    flags: tuple[Flag, ...]


def _is_identity(digits: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(digits[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == digits[17].upper()


def _is_card(digits: str) -> bool:
    plain = [int(digit) for digit in digits if digit.isdigit()]
    total = 0
    for position, digit in enumerate(reversed(plain)):
        doubled = digit * 2 if position % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _masked(found: str, keep: int) -> str:
    return found[:keep] + MASK * (len(found) - keep)


def screen(text: str) -> Screened:
    """Find and mask personal data, and name what a moderator should look at.

    Full-width digits are read as digits; everything else of the text stays as the citizen wrote it.
    """
    folded = "".join(
        unicodedata.normalize("NFKC", c) if len(unicodedata.normalize("NFKC", c)) == 1 else c for c in text
    )
    marks = list(text)
    flags: list[Flag] = []

    def hide(pattern: re.Pattern[str], kind: str, why: str, keep: int, sound: object = None) -> None:
        for match in pattern.finditer(folded):
            found = match.group(1) if pattern.groups else match.group(0)
            if callable(sound) and not sound(found):
                continue
            start = match.start(1) if pattern.groups else match.start(0)
            if any(marks[index] == MASK for index in range(start + keep, start + len(found))):
                continue
            marks[start : start + len(found)] = _masked(folded[start : start + len(found)], keep)
            flags.append(Flag(kind, why))

    hide(_IDENTITY, "personal_data", "有身份证号码，已遮盖", 3, _is_identity)
    hide(_MOBILE, "personal_data", "有手机号码，已遮盖", 3)
    hide(_CARD, "personal_data", "有银行卡号，已遮盖", 4, _is_card)
    hide(_LANDLINE, "personal_data", "有电话号码，已遮盖", 4)
    hide(_EMAIL, "personal_data", "有电子邮箱，已遮盖", 1)
    hide(_ADDRESS, "personal_data", "像是有门牌住址，已遮盖", 2)
    if _ADVERTISING.search(folded):
        flags.append(Flag("advertising", "像是广告"))
    return Screened("".join(marks), tuple(flags))
