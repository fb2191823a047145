"""What counts as a text: cleaned of what nobody can see, measured in code points, or refused in words. Pure."""

import re
import unicodedata

from base.errors import Refusal

QUESTION_LIMIT = 2000
NICKNAME_LIMIT = 20
ANSWER_LIMIT = 20000
REASON_LIMIT = 1000
THEME_LIMIT = 60
ADDRESS_LIMIT = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# Overrides that make a text read otherwise than it is stored (Unicode Annex 9).
_BIDI = frozenset("‪‫‬‭‮⁦⁧⁨⁩")


def _unreadable(char: str) -> bool:
    return char in _BIDI or (unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t")


def _blank(text: str) -> bool:
    return all(char.isspace() or unicodedata.category(char) in ("Cf", "Zs", "Mn") for char in text)


def clean(text: str, limit: int, what: str) -> str:
    """The text as it will be stored and shown: line ends unified, outer white space gone.

    Args:
        text: what came in.
        limit: how many code points it may have.
        what: its name in Chinese for the refusal, such as ``问题``.

    Raises:
        Refusal: ``text.empty``, ``text.too_long``, or ``text.unreadable`` for control characters, halves of
            surrogate pairs and direction overrides.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(_unreadable(char) for char in unified):
        raise Refusal(
            "text.unreadable", f"{what}里有看不见的控制字符。请删掉，或者重新打一遍再交。", status=400
        )
    if not unified or _blank(unified):
        raise Refusal("text.empty", f"{what}是空的。请写上内容再交。", status=400)
    if len(unified) > limit:
        raise Refusal(
            "text.too_long", f"{what}最多{limit}个字，现在是{len(unified)}个。请删短一些再交。", status=400
        )
    return unified


def clean_line(text: str | None, limit: int, what: str) -> str | None:
    """The same for one optional line, such as a nickname; nothing or only white space is ``None``."""
    if text is None or not text.strip():
        return None
    return " ".join(clean(text, limit, what).split())


def mail_address(text: str) -> str | None:
    """One address for mail, as it was typed; nothing or only white space is ``None``.

    Raises:
        Refusal: ``body.email``; it is none.
    """
    address = text.strip()
    if not address:
        return None
    if len(address) > ADDRESS_LIMIT or not address.isprintable() or not _ADDRESS.fullmatch(address):
        raise Refusal("body.email", "电子邮箱写得不对。请写成name@example.com这样，或者不填。", status=400)
    return address
