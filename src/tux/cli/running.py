"""``tux start``: a bot at work."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from tux.app import run_bot, token_of
from tux.cli.shared import FAULT, ChildOption, errors
from tux.services.sentry import report_signal
from tux.shared.child import until_stopped
from tux.shared.exceptions import TuxServiceError
from tux.shared.logs import configure_logs
from tux.shared.settings import load_settings
from tux.supervisor import Child, station_child

if TYPE_CHECKING:
    from tux.shared.settings import Settings


def start(
    *,
    station: Annotated[
        bool,
        typer.Option(
            "--station/--no-station",
            help="Start our own receiver beside the bot where SENTRY_DSN names no other.",
        ),
    ] = True,
    child: ChildOption = False,
) -> None:
    """Run the bot on Discord. Needs DISCORD_TOKEN.

    Errors and timings go to where SENTRY_DSN points. Without it the station is started beside the
    bot and keeps them on this machine.
    """
    settings = load_settings()
    configure_logs(settings.bot.log_level)
    token_of(settings)
    # BOT_EXTENSIONS names modules of the folder in which the bot is started, too.
    sys.path.append(str(Path.cwd()))
    own = station and settings.sentry.dsn is None
    work = _with_station(settings, announce=child) if own else run_bot(settings, announce=child)
    within = settings.bot.shutdown_seconds
    asyncio.run(until_stopped(work, tied=child, on_signal=report_signal, within=within))


async def _with_station(settings: Settings, *, announce: bool) -> None:
    """Run the bot with a station of its own, in a process of its own.

    A bot that dies or hangs must not take the report of it along; nor may a station that does not
    start take the bot along, unless it is by a wrong setting, which whoever starts the bot can mend.
    """
    beside: Child = station_child(settings.station.port)
    try:
        announced = await beside.start()
    except TuxServiceError as error:
        if beside.exit_code == FAULT:  # it has said which setting
            raise typer.Exit(FAULT) from None
        errors.print(
            f"the bot runs unwatched: {escape(str(error))}. Mend what is said above and start the "
            "bot again, or start it with --no-station",
            highlight=False,
            soft_wrap=True,
        )
        await run_bot(settings, announce=announce)
        return
    errors.print(
        f"SENTRY_DSN is not set: the station keeps what the bot sends, see "
        f"[bold]{announced['url']}[/] (--no-station to do without)",
        highlight=False,
        soft_wrap=True,
    )
    sentry = {**settings.sentry.model_dump(), "dsn": announced["dsn"]}
    try:
        await run_bot(load_settings(sentry=sentry), announce=announce)
    finally:
        await beside.stop()
