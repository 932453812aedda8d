"""The routes of people (being written)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.station import data

if TYPE_CHECKING:
    from aiohttp import web

    from tux.station.store import Store


def routes(store: Store) -> list[web.RouteDef]:
    """List the routes of the pages."""
    return data.routes(store)
