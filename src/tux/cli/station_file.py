"""The station's file, for commands that work on it beside a station that may run."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from tux.shared.exceptions import TuxConfigurationError
from tux.shared.settings import StationSettings
from tux.station.store import Store

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Coroutine, Iterator

    import typer

Result = TypeVar("Result")


def settings_of(asked: typer.Context) -> StationSettings:
    """Return the settings of the station that ``tux station`` was called for."""
    settings = asked.find_object(StationSettings)
    if settings is None:
        raise TypeError("this is no command of `tux station`")
    return settings


def kept_of(asked: typer.Context) -> StationSettings:
    """Return the settings of a station that has a file: in a wrong folder none is made.

    Raises:
        TuxConfigurationError: there is none.
    """
    settings = settings_of(asked)
    if not settings.path.exists():
        raise TuxConfigurationError("STATION_PATH", f"{settings.path} is not there.")
    return settings


def change_station(
    settings: StationSettings, work: Callable[[sqlite3.Connection], Result]
) -> Result:
    """Run a function on the station's file, in a transaction of its own; a station may run.

    Raises:
        TuxConfigurationError: the file cannot be used.
    """
    return with_station(settings, lambda store: store.change(work))


def with_station(
    settings: StationSettings, work: Callable[[Store], Coroutine[object, object, Result]]
) -> Result:
    """Run something with the station's file open; a station may run.

    Raises:
        TuxConfigurationError: the file cannot be used.
    """

    async def run() -> Result:
        store = Store(settings.path)
        store.open()
        try:
            return await work(store)
        finally:
            await asyncio.to_thread(store.close)

    return asyncio.run(run())


@contextmanager
def reading_station(settings: StationSettings) -> Iterator[sqlite3.Connection]:
    """Lend a connection that sees the station's file as it is now.

    Raises:
        TuxConfigurationError: the file cannot be used.
    """
    store = Store(settings.path)
    store.open()
    try:
        with store.read() as connection:
            yield connection
    finally:
        store.close()
