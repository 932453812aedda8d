"""A password → what is kept of it. Pure."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

SHORTEST: Final = 10
"""Characters of a password that is taken."""
LONGEST: Final = 1000
# 16 MiB and some 40 ms for each guess: OWASP's least for scrypt, times one.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1
_MOST_MEMORY: Final = 64 * 1024 * 1024


def hashed(password: str, salt: bytes | None = None) -> str:
    """Hash a password; with a salt of its own where none is given."""
    salt = secrets.token_bytes(16) if salt is None else salt
    parts = ("scrypt", _COST, _BLOCK, _PARALLEL, salt.hex(), _digest(password, salt).hex())
    return "$".join(map(str, parts))


def is_right(password: str, stored: str) -> bool:
    """Tell whether a password is the one that was hashed, in constant time."""
    _, cost, block, parallel, salt, digest = stored.split("$")
    numbers = (int(cost), int(block), int(parallel))
    found = _digest(password[:LONGEST], bytes.fromhex(salt), numbers)
    return hmac.compare_digest(found, bytes.fromhex(digest))


def _digest(
    password: str, salt: bytes, numbers: tuple[int, int, int] = (_COST, _BLOCK, _PARALLEL)
) -> bytes:
    cost, block, parallel = numbers
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=block,
        p=parallel,
        maxmem=_MOST_MEMORY,
    )
