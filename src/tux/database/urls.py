"""What people write as a database address → what SQLAlchemy is given."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from tux.shared.exceptions import TuxConfigurationError

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
HINT = "It is sqlite:///path or postgresql://user:password@host/name."


def parse_url(address: str) -> URL:
    """Choose the async driver for an address.

    Raises:
        TuxConfigurationError: it is no address, or of a database that we do not know. The address
            is not shown, since it may hold a password.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        # A ValueError where something else stands in the port's place, a password say.
        raise TuxConfigurationError("DATABASE_URL", HINT) from None
    driver = DRIVERS.get(url.drivername)
    if driver is None or not url.database:
        raise TuxConfigurationError("DATABASE_URL", HINT)
    return url.set(drivername=driver)
