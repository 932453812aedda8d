"""The demo's surroundings, as a process: the local Discord, its members, and a comics server.

Says JSON lines: first the addresses, then one for each thing that a member did. The line ``stop`` on
its standard input sends the members home; ``{"done": true}`` says that the last answer is in.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
from contextlib import aclosing, suppress
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tux.demo.comics import comics
from tux.demo.script import BROKEN_ROUTES, furnish, rushes, scenes
from tux.shared.child import STOPPED, heard, say, until_stopped
from tux.simulator import Crowd, Fault, LocalDiscord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.demo.script import Rush

PACE_SECONDS = 0.25
"""Mean pause between two things that members do."""
FIRST_RUSH_SECONDS = 1.5
RUSH_SECONDS = 60.0
"""Pause between two rounds of rushes."""


async def live(ports: tuple[int, int], seed: int) -> None:
    """Open the local Discord and the comics, wait for a bot, and let the members act."""
    async with LocalDiscord(port=ports[0]) as local, comics(ports[1]) as comics_url:
        local.token = os.environ["DISCORD_TOKEN"]
        guild = furnish(local)
        for method, path, status in BROKEN_ROUTES:
            local.faults.add(Fault(method, path, status=status, times=sys.maxsize))
        addresses = {
            "api_url": local.api_url,
            "gateway_url": local.gateway_url,
            "comics_url": comics_url,
        }
        say(
            {
                **addresses,
                "ports": [urlsplit(addresses[name]).port for name in ("api_url", "comics_url")],
            }
        )
        stop = asyncio.Event()
        listening = asyncio.create_task(_listen(stop))
        # The parent is gone, or has no more to say: nobody is left whom the members could amuse.
        listening.add_done_callback(partial(_go_home, asyncio.current_task()))
        await local.ready(timeout=None)
        crowd = Crowd(local, guild, scenes(guild), random.Random(seed))  # noqa: S311  # a play
        provoking = asyncio.create_task(_provoke(crowd, rushes(guild), stop))
        async with aclosing(crowd.run(stop, PACE_SECONDS)) as deeds:
            told: set[str] = set()
            async for deed in deeds:
                tokens = set(local.interaction_tokens)
                say({"deed": asdict(deed), "tokens": sorted(tokens - told)})
                told = tokens
        await provoking
        say({"done": True})
        # The bot is still connected: go only when the parent says so.
        await listening


async def _provoke(crowd: Crowd, provoked: Sequence[Rush], stop: asyncio.Event) -> None:
    """Make alerts fire soon after the start, and again from time to time."""
    pause = FIRST_RUSH_SECONDS
    while True:
        for rush in provoked:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause + rush.after)
            if stop.is_set():
                return
            pause = 0.0
            crowd.rush(rush.scene, rush.members)
        pause = RUSH_SECONDS


def _go_home(world: asyncio.Task[None] | None, _: object) -> None:
    if world is not None:
        world.cancel(STOPPED)


async def _listen(stop: asyncio.Event) -> None:
    async for line in heard():
        if line == "stop":
            stop.set()


def main() -> None:
    """Read the parent's arguments and live until it is gone."""
    parser = argparse.ArgumentParser(prog="python -m tux.demo.world", description=__doc__)
    parser.add_argument("--ports", default="0,0", help="ports of the local Discord and the comics")
    parser.add_argument("--seed", type=int, default=7, help="which members do what")
    arguments = parser.parse_args()
    discord_port, comics_port = (int(port) for port in arguments.ports.split(","))
    # A parent that was killed takes nothing of what is still said.
    with suppress(BrokenPipeError):
        asyncio.run(until_stopped(live((discord_port, comics_port), arguments.seed), tied=False))


if __name__ == "__main__":
    main()
