"""``tux watch plan | apply | destroy``: what is watched, set up in Sentry."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from tux.cli.plan_text import as_json, headline, lines_of, summary
from tux.cli.shared import errors
from tux.provisioning.sentry_api import SentryAPI, SystemClock
from tux.provisioning.session import Choice, applied, check, planned, ruin
from tux.shared.exceptions import TuxError
from tux.shared.settings import load_settings
from tux.watch import load_definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.provisioning.plan import Action
    from tux.provisioning.session import Sight
    from tux.shared.settings import Settings

FAULT = 1
CHANGES = 2

PruneOption = Annotated[
    bool, typer.Option("--prune", help="Remove what is ours and no longer declared.")
]
AdoptOption = Annotated[
    bool, typer.Option("--adopt", help="Take over what has our name and not our mark.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, for CI.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs, on standard output.")]


def plan(
    *, prune: PruneOption = False, adopt: AdoptOption = False, as_data: JsonOption = False
) -> None:
    """Say what `tux watch apply` would do in Sentry; nothing is changed.

    Ends with 0 where there is nothing to do, with 2 where there is, with 1 on an error.
    """
    try:
        definitions, settings = load_definitions(), load_settings()
        check(definitions, settings)
        with _api(settings) as api:
            sight = planned(api, definitions, settings, Choice(prune=prune, adopt=adopt))
    except TuxError as error:
        # 2, the code of other commands for a wrong setting, means changes here.
        text = f"[bold red]tux:[/] {escape(str(error))}"
        errors.print(text, highlight=False, soft_wrap=True)
        raise typer.Exit(FAULT) from error
    _show(sight, as_data=as_data)
    if sight.plan.actions:
        raise typer.Exit(CHANGES)


def apply(
    *,
    yes: YesOption = False,
    prune: PruneOption = False,
    adopt: AdoptOption = False,
    as_data: JsonOption = False,
) -> None:
    """Set up in Sentry what is watched: monitors, alerts, dashboard, scrubbing, limits.

    Shows what it will do and asks. What people made by hand is not touched. One that was
    interrupted is run again. Ends with 2 where a setting is missing or wrong, with 1 where Sentry
    fails, refuses, or kept something else.
    """
    choice = Choice(prune=prune, adopt=adopt)
    definitions, settings = load_definitions(), load_settings()
    check(definitions, settings)
    with _api(settings) as api:
        sight = planned(api, definitions, settings, choice)
        _carry_out(api, sight, yes=yes, as_data=as_data)
        # Read back: Sentry may take a body and keep another.
        left = planned(api, definitions, settings, choice) if sight.plan.actions else sight
    if left.plan.actions:
        errors.print("[bold red]Sentry kept something else than it was sent:[/]")
        for line in (line for action in left.plan.actions for line in lines_of(action)):
            errors.print(line, highlight=False, soft_wrap=True)
        raise typer.Exit(FAULT)


def destroy(*, yes: YesOption = False, as_data: JsonOption = False) -> None:
    """Remove from Sentry all that `tux watch apply` made in this project.

    Settings of the project and its keys, releases and deploys stay as they are.
    """
    settings = load_settings()
    check(load_definitions(), settings)
    with _api(settings) as api:
        _carry_out(api, ruin(api, settings), yes=yes, as_data=as_data)


def _carry_out(api: SentryAPI, sight: Sight, *, yes: bool, as_data: bool) -> None:
    _show(sight, as_data=as_data)
    if not sight.plan.actions:
        return
    # A question would stand among the JSON, so it goes where errors go.
    if not yes and not typer.confirm("Do this in Sentry?", err=True):
        raise typer.Exit(FAULT)

    def tell(action: Action) -> None:
        errors.print(f"{headline(action)} [green]done[/]", highlight=False, soft_wrap=True)

    applied(api, sight, tell)


def _show(sight: Sight, *, as_data: bool) -> None:
    if as_data:
        typer.echo(json.dumps(as_json(sight), indent=2))
        return
    console = Console()
    for action in sight.plan.actions:
        for line in lines_of(action):
            console.print(line, highlight=False, soft_wrap=True)
        console.print()
    for note in sight.notes:
        console.print(f"[dim]note: {escape(note)}[/]", highlight=False, soft_wrap=True)
    console.print(summary(sight), highlight=False, soft_wrap=True)


@contextmanager
def _api(settings: Settings) -> Iterator[SentryAPI]:
    api = SentryAPI(settings.sentry, SystemClock())
    try:
        yield api
    finally:
        api.close()
