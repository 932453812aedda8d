"""What an error is about, as a tag that can be searched and alerted on: database, API, Discord."""

from __future__ import annotations

from typing import Final

from tux.shared.exceptions import TuxAPIError, TuxDatabaseError

TAG: Final = "error.kind"
DATABASE: Final = "database"
API: Final = "api"
DEEPEST: Final = 5
"""Causes that are looked at."""
# By package: none of them has to be installed.
_PACKAGES: Final = {
    **dict.fromkeys(("sqlalchemy", "sqlite3", "aiosqlite", "asyncpg", "psycopg"), DATABASE),
    **dict.fromkeys(("httpx", "aiohttp"), API),
    "discord": "discord",
}


def kind_of(error: BaseException) -> str | None:
    """Tell by an error's class, else by those of its causes."""
    one: BaseException | None = error
    for _ in range(DEEPEST):
        if one is None:
            return None
        if isinstance(one, TuxDatabaseError):
            return DATABASE
        if isinstance(one, TuxAPIError):
            return API
        for base in type(one).__mro__:
            found = _PACKAGES.get(str(base.__module__).partition(".")[0])
            if found is not None:
                return found
        one = one.__cause__
    return None
