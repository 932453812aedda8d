"""Run a script of discord.py on a local Discord: SCRIPT API GATEWAY plain|uvloop|inside."""

from __future__ import annotations

import asyncio
import importlib
import runpy
import signal
import sys
from contextlib import suppress

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL


def main(script: str, api_url: str, gateway_url: str, how: str) -> None:
    Route.BASE = api_url
    DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway_url)
    sys.argv = [script]
    # A shell lets its background jobs ignore it, and they hand that on to their children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if how == "inside":
        with suppress(KeyboardInterrupt):
            asyncio.run(inside(script))
        return
    if how == "uvloop":
        asyncio.set_event_loop_policy(importlib.import_module("uvloop").EventLoopPolicy())
    runpy.run_path(script, run_name="__main__")


async def inside(script: str) -> None:
    """Run the script where a loop runs: elsewhere the SDK's AsyncioIntegration does nothing."""
    asked: list[tuple[discord.Client, str]] = []
    # A loop that runs cannot run another: what the script asks for is done after it.
    discord.Client.run = lambda *args: asked.append(args)  # type: ignore[method-assign]
    runpy.run_path(script, run_name="__main__")
    client, token = asked[0]
    # As `run` does.
    discord.utils.setup_logging()
    async with client:
        await client.start(token)


if __name__ == "__main__":
    main(*sys.argv[1:])
