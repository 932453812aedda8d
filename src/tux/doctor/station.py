"""Whether the station beside the bot can start: address, password, file and port."""

from __future__ import annotations

import errno
import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from tux.doctor.findings import Finding
from tux.doctor.folders import try_folder
from tux.shared.exceptions import TuxConfigurationError, TuxUnavailableError
from tux.station.access.opening import check_host, check_password
from tux.station.store.locking import address_of, unusable
from tux.station.store.schema import version_of

if TYPE_CHECKING:
    from tux.shared.settings import StationSettings

PASSWORDS: Final = 3
"""Version of the file that was the first to have them."""


def check_station(settings: StationSettings) -> Finding:
    """Look at what `tux start` starts it with; nothing is made."""
    address = address_of(settings.path)
    if address is not None:
        return Finding("station", "ok", f"one runs on {settings.path}: {address}")
    try:
        check_host(settings.host)
        _look_into(settings)
        _try_port(settings)
    except TuxUnavailableError as error:
        return Finding("station", "warning", "the bot would run without one", str(error))
    except TuxConfigurationError as error:
        return Finding("station", "fault", "none can start, nor the bot with it", str(error))
    return Finding("station", "ok", f"can start on {settings.path}")


def _look_into(settings: StationSettings) -> None:
    path = settings.path
    try:
        try_folder(path.absolute().parent)
        if not path.exists():
            check_password(None, settings)
            return
        # To close what may only read would leave a journal beside the file.
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            has_table = version_of(connection) >= PASSWORDS
            check_password(connection if has_table else None, settings)
    except (OSError, sqlite3.Error) as error:
        raise unusable(path, error) from error


def _try_port(settings: StationSettings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            hint = f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}."
            is_taken = error.errno == errno.EADDRINUSE
            kind = TuxUnavailableError if is_taken else TuxConfigurationError
            raise kind("STATION_PORT", hint) from error
