"""``tux watch``: what is watched, whether a file declares it well, and whether teams hear."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from tux.cli import provisioning
from tux.shared.exceptions import TuxConfigurationError
from tux.shared.logs import configure_logs
from tux.shared.settings import load_settings
from tux.station.alerting.notices import amount, span
from tux.station.alerting.notifiers import targets_of
from tux.station.alerting.telling import attempt, trial_of
from tux.watch import load_definitions
from tux.watch.loading import FILE, KINDS

if TYPE_CHECKING:
    from tux.station.alerting.errors import NotToldError
    from tux.station.alerting.notifiers import Target

app = typer.Typer(
    name="watch",
    help="What is watched: metrics, widgets, alert rules and teams.",
    no_args_is_help=True,
)

app.command()(provisioning.plan)
app.command()(provisioning.apply)
app.command()(provisioning.destroy)


@app.command()
def show() -> None:
    """List the alert rules, and how each team is told."""
    definitions, settings = load_definitions(), load_settings()
    rules = Table(title="alert rules", title_justify="left")
    for title in ("name", "fires", "within", "told again after", "team"):
        rules.add_column(title)
    for name, rule in definitions.alerts.items():
        when = f"{rule.source} {rule.aggregate} > {amount(rule.threshold, rule.unit)}"
        rules.add_row(
            name,
            when if rule.enabled else "never: disabled",
            span(rule.window_seconds),
            span(rule.cooldown_seconds),
            rule.team,
        )
    ways = Table(title="teams", title_justify="left")
    for title in ("team", "by", "to"):
        ways.add_column(title)
    for target in targets_of(definitions, settings.alerts):
        ways.add_row(target.team, target.kind, target.place)
    console = Console()
    console.print(rules)
    console.print(ways)


@app.command()
def check(
    named: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="File with tables below \\[watch].",
            show_default=str(FILE),
        ),
    ] = None,
) -> None:
    """Say what is wrong with the definitions of a file, all of it, with line numbers.

    Ends with 2 where something is.
    """
    if named is not None and not named.exists():
        raise TuxConfigurationError("FILE", f"{named} is not there.")
    file = named or FILE
    definitions = load_definitions(file)
    counts = ", ".join(f"{len(getattr(definitions, kind))} {kind}" for kind in KINDS)
    typer.echo(f"{file if file.exists() else 'no file, so the defaults'}: {counts}")


@app.command()
def test(team: Annotated[str, typer.Argument(help="Name of a team, such as developers.")]) -> None:
    """Tell a team that this is a test, in every way that it is told; ends with 1 where one fails."""
    definitions, settings = load_definitions(), load_settings()
    if team not in definitions.teams:
        known = ", ".join(definitions.teams)
        raise TuxConfigurationError("TEAM", f"There is no team {team}; there are {known}.")
    configure_logs("INFO")
    targets = [one for one in targets_of(definitions, settings.alerts) if one.team == team]
    station = settings.station.url or f"http://{settings.station.host}:{settings.station.port}"
    faults = asyncio.run(_tell(targets, team, f"{station.rstrip('/')}/alerts/"))
    for target, fault in zip(targets, faults, strict=True):
        typer.echo(f"{target.kind:<8} {target.place}: {'told' if fault is None else fault.reason}")
    if any(faults):
        raise typer.Exit(1)


async def _tell(targets: list[Target], team: str, url: str) -> list[NotToldError | None]:
    notice = trial_of(team, time.time(), url)
    return await asyncio.gather(*(attempt(one, notice) for one in targets))
