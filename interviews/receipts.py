"""Receipt numbers: fifty random bits that can be read out over a telephone, and a check character. Pure.

The alphabet is Crockford's Base32 (no I, L, O, U); the check character is Luhn's algorithm modulo 32, which
notices every single wrong character and nearly every swap of neighbours.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS = 10
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def _check(body: str) -> str:
    total = 0
    for position, char in enumerate(reversed(body)):
        value = ALPHABET.index(char) * (2 if position % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def new() -> str:
    """A fresh receipt number, four, four and three characters."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return _grouped(body + _check(body))


def _grouped(plain: str) -> str:
    return f"{plain[:4]}-{plain[4:8]}-{plain[8:]}"


def read(typed: str) -> str | None:
    """The receipt number somebody typed, in its stored form, or ``None`` where it cannot be one.

    Case, spaces and dashes do not matter; the letters that look like digits are read as digits.
    """
    plain = "".join(char for char in typed.upper() if char.isalnum()).translate(_READ_AS)
    if len(plain) != RANDOM_CHARACTERS + 1 or any(char not in ALPHABET for char in plain):
        return None
    return _grouped(plain) if _check(plain[:-1]) == plain[-1] else None
