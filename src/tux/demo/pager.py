"""Where the teams of the demo are told: a receiver of webhooks, and rules that do not take minutes.

The thresholds are the guide's; only windows and waits are shorter.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WINDOW_SECONDS: Final = 6.0
RULES: Final = ("error_rate", "command_duration", "database_errors")
TOML: Final = "".join(
    f"[watch.alerts.{name}]\nwindow_seconds = {WINDOW_SECONDS}\ncooldown_seconds = 0\n"
    for name in RULES
)
"""What stands in the ``tux.toml`` of the demo."""


@asynccontextmanager
async def pager(notices: list[dict[str, Any]]) -> AsyncIterator[str]:
    """Take notices, each once, and give the address to post them to."""

    async def take(request: web.Request) -> web.Response:
        notice = await request.json()
        # It is sent again where our answer was lost.
        if notice["id"] not in {known["id"] for known in notices}:
            notices.append(notice)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/notices", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/notices"
    finally:
        await runner.cleanup()
