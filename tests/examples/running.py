"""The example in a process of its own, between a local Discord and a receiver of Sentry's."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli  # type: ignore[import-untyped]  # ships no types
from tests.fakes.receiver import Receiver, wait_until
from tests.fakes.sent import status_of

import tux
from tux.simulator import LocalDiscord

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable
    from http.server import BaseHTTPRequestHandler

    from tux.simulator import Channel, Guild

EXAMPLE = Path(__file__).parents[2] / "examples" / "price_bot.py"
LAUNCH = Path(__file__).with_name("launch.py")
MINE = ("SENTRY_", "DISCORD_")
END_SECONDS = 20.0


class BrotliReceiver(Receiver):
    """Reads what the SDK's own transport sends where brotli is installed, as it is with Tux."""

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        if request.headers["Content-Encoding"] != "br":
            super()._handle(request)
            return
        length = int(request.headers["Content-Length"])
        connection, plain = request.rfile, brotli.decompress(request.rfile.read(length))
        del request.headers["Content-Encoding"]
        request.headers.replace_header("Content-Length", str(len(plain)))
        request.rfile = io.BytesIO(plain)
        super()._handle(request)
        request.rfile = connection


@dataclass(frozen=True)
class Variant:
    """A way to run the example."""

    how: str = "plain"
    """A word for ``launch.py``."""
    changes: tuple[tuple[str, str], ...] = ()
    """What is written otherwise in it: old, new."""

    example: Path = EXAMPLE
    environment: tuple[tuple[str, str], ...] = ()

    def script(self, folder: Path) -> Path:
        """Give the example, or write one with the changes."""
        if not self.changes:
            return self.example
        text = self.example.read_text()
        for old, new in self.changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        changed = folder / self.example.name
        changed.write_text(text)
        return changed


PLAIN = Variant()


@dataclass
class Script:
    """The example in its process, and all that it meets."""

    local: LocalDiscord
    receiver: Receiver
    process: Process
    log: Path
    guild: Guild
    channel: Channel

    @property
    def events(self) -> list[Any]:
        return self.receiver.of("event")

    @property
    def transactions(self) -> list[Any]:
        return self.receiver.of("transaction")

    @property
    def failed(self) -> list[Any]:
        """The transactions of what has a bug."""
        return [unit for unit in self.transactions if status_of(unit) == "internal_error"]

    @property
    def everything(self) -> bytes:
        """Every byte of every envelope."""
        return b"".join(self.receiver.bodies)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what must arrive; what must not is looked for when the script has ended."""
        assert await asyncio.to_thread(wait_until, condition), self.log.read_text()

    async def stop(self) -> int:
        """Interrupt the script as Ctrl-C does, wait for its end, and give its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        return await self.end()

    async def end(self) -> int:
        """Wait for the script's end, and give its exit code."""
        try:
            async with asyncio.timeout(END_SECONDS):
                return await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            raise AssertionError(self.log.read_text()) from None


@asynccontextmanager
async def launched(
    folder: Path, variant: Variant = PLAIN, token: str | None = None
) -> AsyncIterator[Script]:
    """Launch the example, with the local Discord's token or another."""
    receiver, log = BrotliReceiver(), folder / "bot.log"
    receiver.start()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(MINE)},
        # The same Tux as here, whichever is installed.
        "PYTHONPATH": str(Path(tux.__file__).parents[1]),
        "SENTRY_DSN": receiver.dsn,
        **dict(variant.environment),
    }
    async with LocalDiscord() as local:
        guild = local.add_guild("Penguins")
        channel = guild.add_text_channel("general")
        addresses = local.api_url, local.gateway_url
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, LAUNCH, variant.script(folder), *addresses, variant.how),
                cwd=folder,
                env={**environment, "DISCORD_TOKEN": token or local.token},
                stdout=output,
                stderr=output,
            )
        script = Script(local, receiver, process, log, guild, channel)
        try:
            yield script
        finally:
            await script.stop()
            receiver.stop()


@asynccontextmanager
async def running(folder: Path, variant: Variant = PLAIN) -> AsyncIterator[Script]:
    """Run the example until the block ends; all has arrived then."""
    async with launched(folder, variant) as script:
        await script.local.ready(END_SECONDS)
        yield script
        assert await script.stop() == 0, script.log.read_text()
