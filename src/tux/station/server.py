"""The station as a process: start, announce, serve, stop."""

from __future__ import annotations

import asyncio
import errno
import gc
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web
from loguru import logger

from tux.shared.exceptions import TuxConfigurationError, TuxUnavailableError
from tux.station import receiving
from tux.station.access.opening import check_host, check_password
from tux.station.access.places import places_of
from tux.station.access.visitors import Access
from tux.station.alerting.watching import Alerts, Watch
from tux.station.api import routes as api
from tux.station.digesting import Digest
from tux.station.entrance import entrance
from tux.station.guards import guard, set_security_headers
from tux.station.misread import protocols_of
from tux.station.pages import logins, routes
from tux.station.pages.live import Live
from tux.station.pages.rendering import Site
from tux.station.pages.warming import warm_for_ever
from tux.station.store import Store
from tux.station.store.backlog import build
from tux.station.store.locking import alone
from tux.station.store.projects import create_key
from tux.station.store.retention import prune_for_ever

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tux.shared.settings import StationSettings

RECEIVER = web.AppKey("receiver", receiving.Receiver)
STOP_SECONDS = 5.0
BACKLOG = 128
"""Connections that wait to be taken."""
TURN_SECONDS = 0.001
"""Longest time that a thread keeps Python's lock while others wait for it: a fifth of the usual. Whoever
makes a page asks for the lock at each step of a query, while another thread reads what has come."""


@dataclass(frozen=True, slots=True)
class Station:
    """A station that is being served."""

    url: str
    """Base address of the pages, ``http://127.0.0.1:8765``."""
    dsn: str
    store: Store
    alerts: Alerts

    def announced(self) -> dict[str, object]:
        """Say what others need to reach it."""
        return {"url": self.url, "dsn": self.dsn}


def create_app(store: Store, settings: StationSettings, alerts: Alerts) -> web.Application:
    """Put the routes of clients and of people together, guarded alike."""
    places = places_of(settings)
    access = Access(store, settings, places)
    app = web.Application(middlewares=[guard(access, places, Site(store).refused)])
    app.on_response_prepare.append(set_security_headers)
    digest = Digest(
        store, receiving.rules_of(settings.fingerprints), keeps_envelopes=settings.envelope_days > 0
    )
    app.cleanup_ctx.append(digest.running)
    receiver = receiving.Receiver(store, settings, digest)
    app[RECEIVER] = receiver
    app.add_routes(receiving.routes(receiver))
    app.add_routes(logins.routes(store, access, places))
    live = Live(store)
    app.cleanup_ctx.append(live.running)
    app.on_shutdown.append(live.stop)
    app.router.add_get("/live", live.handler)
    app.add_routes(api.routes(store, settings))
    app.add_routes(routes.routes(store, alerts, settings))
    return app


async def serve(
    settings: StationSettings,
    announce: Callable[[dict[str, object]], None] = lambda _: None,
    watch: Watch | None = None,
) -> None:
    """Serve until cancelled; ``announce`` is told url and DSN once connections are taken.

    Raises:
        TuxConfigurationError: the host is not of this machine, the port is in use, or the file
            cannot be used.
    """
    async with serving(settings, watch) as station, asyncio.TaskGroup() as group:
        _share_process()
        announce(station.announced())
        logger.info("the station listens on {}", station.url)
        group.create_task(station.alerts.run())
        group.create_task(warm_for_ever(station.store, station.alerts.definitions))
        await build(station.store)
        await prune_for_ever(station.store, settings)


@asynccontextmanager
async def serving(settings: StationSettings, watch: Watch | None = None) -> AsyncIterator[Station]:
    """Serve within a ``with`` block; see ``serve``. Alert rules are looked at when told so."""
    check_host(settings.host)
    with alone(settings.path) as tell_address:
        store = Store(settings.path)
        store.open()
        try:
            with store.read() as connection:
                check_password(connection, settings)
            _warn_of_plain_text(settings)
            await _ensure_key(store)
            async with _listening(store, settings, Alerts(store, watch or Watch())) as station:
                tell_address(settings.url or station.url)
                yield station
        finally:
            await asyncio.to_thread(store.close)


@asynccontextmanager
async def _listening(
    store: Store, settings: StationSettings, alerts: Alerts
) -> AsyncIterator[Station]:
    app = create_app(store, settings, alerts)
    runner = web.AppRunner(app, shutdown_timeout=STOP_SECONDS)
    try:
        await runner.setup()
        assert runner.server is not None  # noqa: S101  # it was set up
        async with (
            entrance(protocols_of(runner.server), app[RECEIVER], places_of(settings)) as protocols,
            _server(protocols, settings) as server,
        ):
            port = server.sockets[0].getsockname()[1]
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            url = f"http://{host}:{port}"
            alerts.url = (settings.url or url).rstrip("/")
            yield Station(url, store.dsn(settings.url or url), store, alerts)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _server(
    protocols: Callable[[], asyncio.Protocol], settings: StationSettings
) -> AsyncIterator[asyncio.Server]:
    """Take connections within a ``with`` block; those that are open stay so."""
    try:
        server = await asyncio.get_running_loop().create_server(
            protocols, settings.host, settings.port, backlog=BACKLOG
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            hint = (
                f"port {settings.port} is taken by another program. Stop that one "
                f"(`lsof -i :{settings.port}` names it), or choose another port; 0 takes a free one."
            )
            raise TuxUnavailableError("STATION_PORT", hint) from error
        hint = f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}."
        raise TuxConfigurationError("STATION_PORT", hint) from error
    try:
        yield server
    finally:
        server.close()


def _share_process() -> None:
    """Let threads of this process wait less for each other: it is the station's own."""
    sys.setswitchinterval(TURN_SECONDS)
    # What was imported stays, and need not be looked through each time that garbage is collected.
    gc.collect()
    gc.freeze()


async def _ensure_key(store: Store) -> None:
    """Make a key where all are revoked: a DSN without one is none, and a bot beside would be unwatched."""
    project = store.project()
    if not project.live_keys:
        made = partial(create_key, project=project.id, label="made at a start", per_minute=None)
        await store.change(partial(made, now=store.clock()))
        await store.fresh_project(project.id)
        logger.warning("no key opened the station any more; it has made one")


def _warn_of_plain_text(settings: StationSettings) -> None:
    if not places_of(settings).is_reachable:
        return
    if settings.url is None or settings.url.startswith("http:"):
        logger.warning(
            "the station can be reached by others without TLS: passwords and events can be read "
            "on the way; put a proxy with https in front and name it in STATION_URL"
        )
