"""``tux station forget``: one user goes from the station's file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from tux.shared.pseudonyms import kept_key, pseudonym_of
from tux.shared.settings import load_settings
from tux.station.store.forgetting import forget as forget_user

if TYPE_CHECKING:
    from tux.shared.privacy import PrivacySettings
    from tux.station.store.forgetting import Forgotten

WORDS = {
    "issue_users": "issues' lists of users",
    "series_users": "lists of who ran what",
    "affected": "lists of who was hit",
    "user_hits": "counts of the user's errors",
    "hit_minutes": "counts of the user's latest errors",
    "event_tags": "tags of events",
    "check_ins": "check-ins",
}
"""Table → what a person calls its rows."""


def forget(
    user_id: Annotated[
        str, typer.Argument(help="The Discord id, or whatever the user's events have as user.id.")
    ],
    *,
    path: Annotated[
        Path | None, typer.Option(help="The station's SQLite file. [STATION_PATH]")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Remove all that the station keeps of one user; it may run meanwhile.

    Events, transactions, logs and feedback of the user go, also where the id was told as a hash, and
    with them issues that nobody else met. Where the data of others names the user, the id is
    replaced. Counts of how often something happened stay. Ends with 1 where the id could not be wiped
    from every byte of the file.
    """
    if not user_id.strip():
        raise typer.BadParameter("an empty id is nobody's", param_hint="USER_ID")
    settings = load_settings()
    file = path or settings.station.path
    names = names_of(user_id, settings.privacy)
    console = Console()
    if not (dry_run or yes):
        if not _show(console, forget_user(file, names, dry_run=True), "to remove"):
            return
        typer.confirm(f"Remove this for good from {file}?", abort=True)
    done = forget_user(file, names, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    else:
        _show(console, done, "to remove" if dry_run else "removed")
        _conclude(console, done)
    if done.is_clean is False:
        raise typer.Exit(1)


def names_of(user_id: str, privacy: PrivacySettings) -> tuple[str, ...]:
    """List what the bot may have told of a user: the id and, where there is a key, its hash."""
    key = privacy.key.get_secret_value().encode() if privacy.key else kept_key(privacy.key_path)
    return (user_id, pseudonym_of(user_id, key)) if key else (user_id,)


def _show(console: Console, done: Forgotten, title: str) -> bool:
    """Tell what was found, and whether anything was."""
    table = Table("what", title, "id replaced in", box=None, padding=(0, 2, 0, 0))
    for name in sorted(done.removed.keys() | done.rewritten.keys()):
        removed, rewritten = done.removed.get(name, 0), done.rewritten.get(name, 0)
        if removed or rewritten:
            table.add_row(WORDS.get(name, name), str(removed), str(rewritten))
    if table.row_count:
        console.print(table)
    else:
        console.print("nothing is kept of this user")
    return bool(table.row_count)


def _conclude(console: Console, done: Forgotten) -> None:
    if done.is_clean:
        console.print("no byte of the file holds the id")
    elif done.is_clean is False:
        console.print(
            "the id still stands in bytes of the file that are in use by others: "
            "run this again when the station is less busy, or stopped",
            style="bold red",
        )
    if done.is_short:
        console.print(
            "the id is too short to be told from chance: texts were not searched for it",
            style="yellow",
        )
