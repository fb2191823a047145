"""A telephone number as people write it: read leniently, kept as they wrote it, dialled by its digits. Pure.

Office lines have an extension (转), short numbers of a switchboard and hotlines have few digits, so only what is plainly
no number is refused. The address to dial is RFC 3966's ``tel:`` without its ``ext``, which telephones read differently:
the extension is dialled by hand.
"""

import re
import unicodedata

LIMIT = 40
_DIGITS = range(3, 17)
"""ITU-T E.164 has fifteen digits at the most; one more for a trunk prefix."""
_NUMBER = re.compile(r"\+?[0-9(][0-9 ()\-]*[0-9]")
_EXTENSION = re.compile(r"\s*(?:转|分机|ext\.?|#)\s*[:：]?\s*([0-9]{1,6})", re.IGNORECASE)
_DASHES = str.maketrans("‐‑‒–—―−", "-------")


def read(text: str) -> str | None:
    """A number as it is kept: half-width, one way of writing the extension; ``None`` for what is no number."""
    plain = " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    found = _EXTENSION.search(plain)
    number, extension = (plain[: found.start()], found[1]) if found else (plain, "")
    whole = found is None or found.end() == len(plain)
    fits = _NUMBER.fullmatch(number) is not None and len(digits(number)) in _DIGITS
    if not whole or not fits or len(plain) > LIMIT:
        return None
    return f"{number}转{extension}" if extension else number


def digits(number: str) -> str:
    """Only the digits of a number, by which one is found however it was written."""
    return "".join(char for char in number if char in "0123456789")


def dialled(number: str) -> str:
    """The address of a number that was kept, such as ``tel:00000010101``."""
    main = number.partition("转")[0]
    return f"tel:{'+' if main.startswith('+') else ''}{digits(main)}"
