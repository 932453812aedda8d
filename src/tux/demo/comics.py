"""A comics server on loopback, so that the ``xkcd`` command has somebody to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

from contextlib import asynccontextmanager

NEWEST = 3000
BROKEN = 1337
"""The comic at which the server falls over, every time."""
TITLES = ("Penguins", "Ice Floe", "Kernel Panic", "Off by One", "Tabs", "The Heap", "Fish Index")


async def _newest(_request: web.Request) -> web.Response:
    return web.json_response(_comic(NEWEST))


async def _numbered(request: web.Request) -> web.Response:
    number = int(request.match_info["number"])
    if number == BROKEN:
        raise web.HTTPInternalServerError(text="the ink has run out")
    if not 1 <= number <= NEWEST:
        raise web.HTTPNotFound
    return web.json_response(_comic(number))


def _comic(number: int) -> dict[str, object]:
    title = TITLES[number % len(TITLES)]
    return {
        "num": number,
        "title": title,
        "safe_title": title,
        "alt": f"A comic about {title.lower()}.",
        "img": f"https://comics.invalid/{number}.png",
        "year": "2026",
        "month": "11",
        "day": "24",
    }


@asynccontextmanager
async def comics(port: int = 0) -> AsyncIterator[str]:
    """Serve the comics and give their base address.

    The paths and fields are those of https://xkcd.com/json.html.
    """
    app = web.Application()
    app.router.add_get("/info.0.json", _newest)
    app.router.add_get(r"/{number:\d{1,9}}/info.0.json", _numbered)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        bound = runner.addresses[0][1]
        yield f"http://127.0.0.1:{bound}"
    finally:
        await runner.cleanup()
