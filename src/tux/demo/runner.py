"""Run the demo: three child processes, what they say, and whether it agrees in the end."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import stat
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from rich.console import Console

from tux.demo.alarms import alarm_rows
from tux.demo.ledger import Ledger, Received, compare
from tux.demo.lookout import Lookout, watched
from tux.demo.pager import TOML, pager
from tux.demo.view import DemoView, print_summary
from tux.shared.exceptions import TuxConfigurationError, TuxServiceError
from tux.shared.settings import Settings
from tux.simulator import Deed
from tux.supervisor import Child, station_child

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from tux.demo.ledger import Row

POLL_SECONDS = 1.0
SETTLE_SECONDS = 20.0
"""How long what is on its way may take to arrive after the members have stopped."""
ROWS = 100_000
PREFIX = "tux-demo-"
"""How folders begin that are removed at the end."""
LOCK = "demo.lock"


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command line says."""

    seconds: float | None
    """When to end by itself; None runs until Ctrl-C."""
    port: int
    """Wanted port of the dashboard; a free one is taken where it is in use."""
    data: Path | None
    """Where to keep what was seen; None removes it at the end."""
    seed: int


@dataclass
class Demo:
    """The three processes of a running demo, and the ledger of what happened."""

    url: str
    """Base address of the station."""
    station: Child
    world: Child
    bot: Child
    ledger: Ledger
    lookout: Lookout
    notices: list[dict[str, Any]]
    """What the teams were told."""
    members_done: asyncio.Event = field(default_factory=asyncio.Event)

    async def received(self, client: httpx.AsyncClient) -> Received | None:
        """Ask the station what it has; None while it is away."""
        try:
            events = await client.get("/data/events", params={"limit": ROWS})
            transactions = await client.get("/data/transactions", params={"limit": ROWS})
            for answer in (events, transactions):
                answer.raise_for_status()
        except httpx.HTTPError:
            return None
        return Received(events.json(), transactions.json())

    def rows(self, received: Received) -> tuple[Row, ...]:
        """Hold what was done against what was received and told."""
        return compare(self.ledger, received) + alarm_rows(self.ledger, self.notices)


async def run_demo(options: DemoOptions, console: Console | None = None) -> bool:
    """Run the demo and tell whether what was done and what was received agree.

    Raises:
        TuxServiceError: one of the three processes does not start.
    """
    out = console or Console()
    # The folder is the children's own: a person's .env and tux.toml are for the real bot.
    with _folder(options.data) as folder:
        out.print("starting the station, the local Discord and the bot …", highlight=False)
        async with _running(options, folder) as demo:
            with DemoView(f"{demo.url}/?range=15m", demo.ledger, options.seconds, out) as view:
                received = await _watch(demo, view, options.seconds)
        await asyncio.to_thread(demo.lookout.look, at_all=True)
        rows = (*demo.rows(received), demo.lookout.row())
        print_summary(out, demo.ledger, received, rows)
        if options.data is not None:
            out.print(f"kept in {folder}: look again with `tux station --path {folder}/station.db`")
    agrees = all(row.agrees for row in rows) and bool(demo.ledger.done)
    out.print(
        "done and received agree" if agrees else "[bold red]done and received do not agree[/]"
    )
    return agrees


@contextlib.contextmanager
def _folder(kept: Path | None) -> Any:
    if kept is not None:
        with _alone_in(kept):
            yield kept.resolve()
        return
    hidden = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))
    # Under a name that others look for it is there only once it is locked: none of them takes it for
    # what a killed demo left.
    folder = hidden.with_name(hidden.name[1:])
    try:
        with _alone_in(hidden):
            hidden.rename(folder)
            clear_up(folder.parent)
            yield folder
    finally:
        for left in (hidden, folder):
            shutil.rmtree(left, ignore_errors=True)


def clear_up(parent: Path) -> None:
    """Remove the folders of demos that were killed: nobody holds their lock any more."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, TuxConfigurationError):
            # In a folder that others made, the lock may be a link to anything.
            kind = folder.lstat()
            is_ours = stat.S_ISDIR(kind.st_mode) and kind.st_uid == os.getuid()
            if is_ours and (folder / LOCK).exists():
                with _alone_in(folder):
                    shutil.rmtree(folder)


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Make a folder, and keep other demos out of it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("w", encoding="utf-8")
    except OSError as error:
        raise _unusable(folder, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TuxConfigurationError(
                "--data", f"Another demo keeps its data in {folder}; name another folder."
            ) from None
        yield


def _unusable(folder: Path, error: OSError) -> TuxConfigurationError:
    return TuxConfigurationError("--data", f"{folder} cannot be used: {error.strerror}.")


@asynccontextmanager
async def _running(options: DemoOptions, folder: Path) -> AsyncIterator[Demo]:
    """Start station, world and bot in this order, and stop them backwards."""
    environment = _environment(folder)
    ledger = Ledger()
    notices: list[dict[str, Any]] = []
    try:
        (folder / "tux.toml").write_text(TOML, encoding="utf-8")
    except OSError as error:
        raise _unusable(folder, error) from error
    async with contextlib.AsyncExitStack() as stack:
        environment["ALERTS_WEBHOOK_URLS"] = await stack.enter_async_context(pager(notices))
        station, seen = await _started_station(options.port, environment, folder, stack)
        world = _world_child(environment, folder, options.seed)
        stack.push_async_callback(world.stop)
        places = await world.start()
        planted = _addresses_with_secrets()
        lookout = Lookout(_secrets_in_use(environment, planted, str(seen["dsn"])))
        dsn = await stack.enter_async_context(watched(str(seen["dsn"]), lookout))
        bot = Child(
            "bot",
            ("tux", "start", "--no-station", "--child"),
            {**environment, **planted, **_bot_environment(dsn, places)},
            folder,
        )
        stack.push_async_callback(bot.stop)
        demo = Demo(str(seen["url"]), station, world, bot, ledger, lookout, notices)
        world.on_line = lambda line: _take(demo, line)
        for child in (world, bot):
            child.on_restart = lambda: ledger.restarts.append(time.time())
        station.on_restart = lambda: ledger.station_restarts.append(time.time())
        await bot.start()
        yield demo


async def _started_station(
    port: int, environment: Mapping[str, str], folder: Path, stack: contextlib.AsyncExitStack
) -> tuple[Child, dict[str, Any]]:
    """Start the station on the wanted port, or on a free one where that is taken."""
    if wanted := _free(port):
        station = station_child(wanted, environment, folder)
        stack.push_async_callback(station.stop)
        # Between the look and the start another demo may have taken it.
        with contextlib.suppress(TuxServiceError):
            return station, await station.start()
    station = station_child(0, environment, folder)
    stack.push_async_callback(station.stop)
    return station, await station.start()


def _world_child(environment: Mapping[str, str], folder: Path, seed: int) -> Child:
    module = ("tux.demo.world", "--seed", str(seed))
    return Child(
        "local Discord",
        module,
        environment,
        folder,
        # The bot knows these ports; a second local Discord must be found on them.
        again=lambda announced: (*module, "--ports", ",".join(map(str, announced["ports"]))),
    )


def _take(demo: Demo, line: Mapping[str, Any]) -> None:
    if "deed" in line:
        demo.ledger.done.append(Deed(**line["deed"]))
        demo.lookout.tell(line["tokens"])
    elif line.get("done"):
        demo.members_done.set()


async def _watch(demo: Demo, view: DemoView, seconds: float | None) -> Received:
    """Show what happens until it is time to end, then wait until everything has arrived."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with httpx.AsyncClient(base_url=demo.url, timeout=10, trust_env=False) as client:
        received = Received()
        try:
            async with asyncio.timeout(seconds):
                while not ended.is_set():
                    received = await _look(demo, view, client, ended) or received
        except TimeoutError:
            pass
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
        await demo.world.write("stop")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(demo.members_done.wait(), SETTLE_SECONDS)
        return await _settled(demo, client, received)


async def _look(
    demo: Demo, view: DemoView, client: httpx.AsyncClient, ended: asyncio.Event
) -> Received | None:
    received = await demo.received(client)
    if received is not None:
        view.update(received)
    await asyncio.to_thread(demo.lookout.look)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), POLL_SECONDS)
    return received


async def _settled(demo: Demo, client: httpx.AsyncClient, received: Received) -> Received:
    """Ask until both sides agree, or until waiting longer is no use."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLE_SECONDS):
            while not all(row.agrees for row in demo.rows(received)):
                await asyncio.sleep(POLL_SECONDS / 4)
                received = await demo.received(client) or received
    return received


def _environment(folder: Path) -> dict[str, str]:
    """Give the children their own files, whatever settings the person has for the real bot."""
    mine = tuple(f"{section}_".upper() for section in Settings.model_fields)
    inherited = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(mine)
    }
    return {
        **inherited,
        "DISCORD_TOKEN": secrets.token_hex(24),
        "DATABASE_URL": f"sqlite:///{folder}/tux.db",
        "STATION_PATH": str(folder / "station.db"),
        "SENTRY_SPOOL_PATH": str(folder / "spool"),
        "BOT_LOG_LEVEL": "CRITICAL",
        "ALERTS_LOOK_SECONDS": "0.5",
    }


def _addresses_with_secrets() -> dict[str, str]:
    """Make the addresses that some commands fail with: nothing listens at the database's."""
    number, token = 10**17 + secrets.randbelow(10**17), secrets.token_urlsafe(51)
    return {
        "DEMO_WEBHOOK_URL": f"https://discord.com/api/webhooks/{number}/{token}",
        "DEMO_DATABASE_URL": f"postgresql://tux:{secrets.token_urlsafe(15)}@127.0.0.1:1/treasury",
    }


def _secrets_in_use(
    environment: Mapping[str, str], planted: Mapping[str, str], dsn: str
) -> dict[str, str]:
    return {
        "bot token": environment["DISCORD_TOKEN"],
        "webhook token": planted["DEMO_WEBHOOK_URL"].rpartition("/")[2],
        "database password": str(urlsplit(planted["DEMO_DATABASE_URL"]).password),
        "DSN key": str(urlsplit(dsn).username),
    }


def _bot_environment(dsn: str, world: Mapping[str, Any]) -> dict[str, str]:
    return {
        "SENTRY_DSN": dsn,
        "SENTRY_ENVIRONMENT": "demo",
        # Every run must be seen for done and received to agree; the defaults keep one in ten.
        "SENTRY_COMMAND_SAMPLE_RATE": "1.0",
        "SENTRY_TASK_SAMPLE_RATE": "1.0",
        "SENTRY_DEFAULT_SAMPLE_RATE": "1.0",
        # The members repeat the same mistakes on purpose, which the limiter would hold back.
        "SENTRY_LIMIT_BURST": "100000",
        "SENTRY_LIMIT_TOTAL_BURST": "100000",
        "DISCORD_API_URL": str(world["api_url"]),
        "DISCORD_GATEWAY_URL": str(world["gateway_url"]),
        "HTTP_XKCD_URL": str(world["comics_url"]),
        "BOT_EXTENSIONS": "tux.demo.playground",
    }


def _free(port: int) -> int:
    """Keep the wanted port where nobody has it, else let the system choose."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
