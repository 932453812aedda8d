"""Whether a station may open at all where its settings say."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import TYPE_CHECKING

from tux.shared.exceptions import TuxConfigurationError
from tux.station.access.places import places_of

if TYPE_CHECKING:
    import sqlite3

    from tux.shared.settings import StationSettings


def check_host(host: str) -> None:
    """Let only addresses pass: a name may stand for several.

    Raises:
        TuxConfigurationError: it is none.
    """
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return
    if host != "localhost":
        raise TuxConfigurationError("STATION_HOST", f"{host} is no address of this machine.")


def check_password(connection: sqlite3.Connection | None, settings: StationSettings) -> None:
    """Let a station that others can reach start with a password only: it tells everything.

    Args:
        connection: to its file; None where there is none yet.
        settings: what it would start with.

    Raises:
        TuxConfigurationError: it has none.
    """
    if settings.password is not None or not places_of(settings).is_reachable:
        return
    if connection is None or not connection.execute("SELECT 1 FROM passwords").fetchone():
        hint = (
            f"Others can reach a station at {settings.url or settings.host}, so it needs one: set "
            "it with `tux station password`, or listen on 127.0.0.1."
        )
        raise TuxConfigurationError("STATION_PASSWORD", hint)
