"""How the bot's process ends, and that nothing is lost with it: over a real Discord and receiver."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from tests.cli.conftest import environment
from tests.fakes.receiver import Receiver, Reply, wait_until
from tests.fakes.telemetry import Telemetry

from tux.shared.deadline import OVERDUE
from tux.simulator import LocalDiscord

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator
    from pathlib import Path

COG = """
import asyncio, os, time
import sentry_sdk
from discord.ext import commands
from tux.services.sentry import capture_exception_safe

def captured():
    try:
        raise LookupError("captured")
    except LookupError as error:
        capture_exception_safe(error)

class Ends(commands.Cog):
    @commands.command()
    async def die(self, ctx):
        captured()
        os._exit(7)

    @commands.command()
    async def hold(self, ctx):
        captured()
        print("holding", flush=True)
        time.sleep(60)

    @commands.command()
    async def halt(self, ctx):
        captured()
        asyncio.get_running_loop().call_soon(asyncio.get_running_loop().stop)

    @commands.command()
    async def keep(self, ctx):
        captured()
        print("keeping", flush=True)
        await asyncio.sleep(60)

async def setup(bot):
    if os.environ.get("BROKEN"):
        async def broken():
            raise LookupError("broken at the start")
        bot.tree.sync = broken
    await bot.add_cog(Ends())
"""


@dataclass
class Running:
    """The bot in its process, and who it meets."""

    local: LocalDiscord
    receiver: Receiver
    process: Process
    folder: Path

    async def say(self, text: str) -> None:
        guild = self.local.add_guild("Penguins")
        channel = guild.add_text_channel("general")
        await guild.add_member("pingu").say(channel, text)

    async def until(self, word: str) -> None:
        assert self.process.stdout
        while word not in (line := (await self.process.stdout.readline()).decode()):
            assert line, "the bot ended"

    def next_run(self) -> None:
        """Begin a run that has what this one left, wait until all has arrived, and end it."""
        self.receiver.otherwise = Reply()
        telemetry = Telemetry(self.receiver.dsn, self.folder / "tux-data" / "spool")
        telemetry.start()
        assert wait_until(lambda: bool(self.ends))
        telemetry.stop()

    @property
    def errors(self) -> list[str]:
        """What the errors that arrived say."""
        return [event["exception"]["values"][-1]["value"] for event in self.receiver.of("event")]

    @property
    def ends(self) -> list[str]:
        """How sessions ended."""
        return [one["status"] for one in self.receiver.of("session") if one["status"] != "ok"]


@asynccontextmanager
async def bot(folder: Path, *, ready: bool = True, **settings: str) -> AsyncIterator[Running]:
    """Run ``tux start`` with the cog above, until the block ends."""
    (folder / "ends.py").write_text(dedent(COG))
    receiver = Receiver()
    receiver.start()
    async with LocalDiscord() as local:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tux", "start", "--no-station"),
            cwd=folder,
            env=environment(
                SENTRY_DSN=receiver.dsn,
                DISCORD_TOKEN=local.token,
                DISCORD_API_URL=local.api_url,
                DISCORD_GATEWAY_URL=local.gateway_url,
                BOT_EXTENSIONS="ends",
                **settings,
            ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            if ready:
                await local.ready(30)
            yield Running(local, receiver, process, folder)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            receiver.stop()


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)]
)
async def test_a_signal_stops_the_bot(number: signal.Signals, tmp_path: Path) -> None:
    """A connected bot stops at a signal with all sent: no error of its own, and a session that exited."""
    async with bot(tmp_path) as running:
        await running.until("connected to Discord as")
        running.process.send_signal(number)
        assert await running.process.wait() == 0
        assert running.ends == ["exited"]
        assert running.errors == []
    assert await asyncio.to_thread(lambda: list(tmp_path.rglob("*.env"))) == []


async def test_a_stop_has_its_time(tmp_path: Path) -> None:
    """With a command at work and a receiver that hangs a stop takes its time, and leaves the rest."""
    async with bot(tmp_path, BOT_SHUTDOWN_SECONDS="4") as running:
        # Who waits for it waits longer than this test may take.
        running.receiver.otherwise = Reply(delay=600)
        await running.say("!keep")
        await running.until("keeping")
        running.process.send_signal(signal.SIGTERM)
        assert await running.process.wait() == 0
        await asyncio.to_thread(running.next_run)
        assert "captured" in running.errors
        assert running.ends == ["exited"]


async def test_a_loop_that_is_held_is_ended(tmp_path: Path) -> None:
    """A command that blocks the loop cannot keep the bot from ending, nor lose what it captured."""
    async with bot(tmp_path, BOT_SHUTDOWN_SECONDS="1") as running:
        await running.say("!hold")
        await running.until("holding")
        running.process.send_signal(signal.SIGTERM)
        assert await running.process.wait() == OVERDUE
        await asyncio.to_thread(running.next_run)
        assert running.errors == ["captured"]
        assert running.ends == ["crashed"]


@pytest.mark.parametrize(
    ("command", "code", "errors"),
    [
        ("die", 7, ["captured"]),
        ("halt", 1, ["captured", "Event loop stopped before Future completed."]),
    ],
)
async def test_a_bot_that_dies(command: str, code: int, errors: list[str], tmp_path: Path) -> None:
    """What was captured before ``os._exit`` in a cog, or before the loop broke, arrives."""
    async with bot(tmp_path) as running:
        await running.say(f"!{command}")
        assert await running.process.wait() == code
        await asyncio.to_thread(running.next_run)
        assert running.errors == errors
        assert running.ends == ["crashed"]


async def test_a_failure_at_the_start(tmp_path: Path) -> None:
    """An exception that nobody caught while the bot started arrives once, and its run crashed."""
    async with bot(tmp_path, ready=False, BROKEN="1") as running:
        assert await running.process.wait() == 1
        await asyncio.to_thread(running.next_run)
        assert running.errors == ["broken at the start"]
        assert running.ends == ["crashed"]
