"""What a span says that it did → the group that pages show it in. Pure.

Clients put values into their texts: a thousand users make a thousand queries of one. What differs
from run to run is taken out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

DATABASE: Final = "db"
CALL: Final = "http"
LONGEST: Final = 400
"""Characters of a name; more would tell hardly more apart."""
_READ: Final = 4000
"""Characters that are looked at."""
# Spaces are single ones by then. A number is a value where something is compared with it, or in a
# list: `SELECT 1` stays what it is.
_VALUE: Final = re.compile(
    r"""
    '(?:[^']|'')*(?:'|$)                         # a text, or one that was cut
    | (?P<before>\b(?:LIMIT|OFFSET|BETWEEN|AND|LIKE)\x20|(?<=[=<>(,])\x20?)
      -?\d+(?:\.\d+)?(?:e[+-]?\d+)?\b
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_PLACE: Final = r"(?:\?\d*|\$\d+|%s|%\(\w+\)s|:\w+|@\w+|NULL|DEFAULT)"
_LIST: Final = re.compile(
    rf"\b(IN|VALUES)\s*\(\s*{_PLACE}(?:\s*,\s*{_PLACE})*\s*\)(?:\s*,\s*\([^()]*\))*",
    re.IGNORECASE | re.ASCII,
)
_ID: Final = re.compile(
    r"\d+|[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII
)
_TOKEN: Final = 40
"""Characters of a part of a path that must be a key of some kind."""


def group_of(op: str, description: str) -> tuple[str, str] | None:
    """Give the kind and the name of a span's group; None where no page shows it."""
    if op.startswith(DATABASE):
        return DATABASE, query_of(description[:_READ])
    if op == "http.client":
        return CALL, call_of(description[:_READ])
    return None


@lru_cache(maxsize=1024)
def query_of(text: str) -> str:
    """Take values out of a query, and make lists of any length alike."""
    return _LIST.sub(r"\1 (…)", _VALUE.sub(r"\g<before>?", " ".join(text.split())))[:LONGEST]


@lru_cache(maxsize=1024)
def call_of(text: str) -> str:
    """Take ids, keys, names of users and the query out of ``GET https://host/path?query``."""
    method, _, address = " ".join(text.split()).rpartition(" ")
    address = re.split(r"[?#]", address, maxsplit=1)[0]
    scheme, slashes, rest = address.rpartition("://")
    host, slash, path = rest.partition("/")
    if slashes:
        host = host.rpartition("@")[2]
    parts = "/".join(map(_part, path.split("/")))
    return f"{method} {scheme}{slashes}{host}{slash}{parts}".strip()[:LONGEST]


def _part(part: str) -> str:
    if _ID.fullmatch(part):
        return "{id}"
    return "{token}" if len(part) >= _TOKEN and "{" not in part else part
