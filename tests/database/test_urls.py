"""Which addresses are taken, and what is said of the others."""

from __future__ import annotations

import pytest

from tux.database.urls import parse_url
from tux.shared.exceptions import TuxConfigurationError

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("address", "driver", "database"),
    [
        ("sqlite:///tux.db", "sqlite+aiosqlite", "tux.db"),
        ("sqlite:////var/tux.db", "sqlite+aiosqlite", "/var/tux.db"),
        ("sqlite+aiosqlite:///tux.db", "sqlite+aiosqlite", "tux.db"),
        ("sqlite:///:memory:", "sqlite+aiosqlite", ":memory:"),
        ("postgresql://tux:hunter2@db/tux", "postgresql+asyncpg", "tux"),
        ("postgres://tux:hunter2@db/tux", "postgresql+asyncpg", "tux"),
        ("postgresql+asyncpg://tux:hunter2@db/tux", "postgresql+asyncpg", "tux"),
    ],
)
def test_an_address_gets_its_async_driver(address: str, driver: str, database: str) -> None:
    """Every way to write an address ends in the driver that does not block."""
    url = parse_url(address)
    assert (url.drivername, url.database) == (driver, database)


def test_the_rest_of_the_address_is_kept() -> None:
    """User, password, host, port and query reach the driver as they are written."""
    url = parse_url("postgres://tux:p%40ss@db.example:5433/bot?ssl=require")
    assert (url.username, url.password, url.host, url.port) == ("tux", "p@ss", "db.example", 5433)
    assert dict(url.query) == {"ssl": "require"}


@pytest.mark.parametrize(
    "address",
    [
        f"mysql://tux:{SECRET}@db/tux",
        f"postgresql+psycopg2://tux:{SECRET}@db/tux",
        f"postgresql://tux:{SECRET}@db",
        f"postgresql://tux:{SECRET}@db/",
        f"postgresql://tux:{SECRET}/tux",
        f"postgresql://tux@db:{SECRET}/tux",
        SECRET,
        "sqlite://",
        "sqlite:///",
        "",
    ],
)
def test_another_address_is_a_fault_of_the_setting(address: str) -> None:
    """An address that is not taken is told by its variable, and not shown."""
    with pytest.raises(TuxConfigurationError, match="DATABASE_URL") as raised:
        parse_url(address)
    assert raised.value.key == "DATABASE_URL"
    assert "sqlite:///path" in str(raised.value)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None
