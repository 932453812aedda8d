"""``tux spool``: what waits for the receiver, and what a person does about it."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.progress import Progress
from rich.table import Table
from sentry_sdk.utils import BadDsn, Dsn

from tux.services.sentry.delivery.places import receiver_directory
from tux.services.sentry.delivery.resending import purge as purge_waiting
from tux.services.sentry.delivery.resending import send_now
from tux.services.sentry.delivery.spool_files import CorruptFileError
from tux.services.sentry.delivery.spool_view import Contents, contents, receivers, release_of
from tux.shared.exceptions import TuxConfigurationError
from tux.shared.logs import configure_logs
from tux.shared.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from tux.services.sentry.delivery.spool_view import Waiting
    from tux.shared.settings import SentrySettings

app = typer.Typer(
    name="spool",
    no_args_is_help=True,
    help="See, send or give up what waits for the receiver while it is away.\n\n"
    "Envelopes wait in SENTRY_SPOOL_PATH, in a folder for each receiver, which is a host and a "
    "project: a new key of the same project sends what waited under the old one. What a running bot "
    "holds is its own to send; the rest is of bots that have ended.",
)
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many of each receiver.")] = 50,
    *,
    as_json: JsonOption = False,
) -> None:
    """List what waits: age, size, category, event id, release. The oldest first."""
    settings = load_settings().sentry
    found = _found(settings)
    if as_json:
        typer.echo(json.dumps([_as_data(one, settings) for one in found]))
        return
    console = Console()
    for one in found:
        console.print(f"{_title(one, settings)}: {_sum(one)}", highlight=False, soft_wrap=True)
        if one.waiting:
            console.print(_table(one.waiting[:limit]))
        if len(one.waiting) > limit:
            console.print(f"… and {len(one.waiting) - limit} more (--limit)", highlight=False)
    if not found:
        console.print(f"nothing waits in {settings.spool_path}", highlight=False)


@app.command()
def size(*, as_json: JsonOption = False) -> None:
    """Tell how much waits, by category, and how much may."""
    settings = load_settings().sentry
    found = _found(settings)
    if as_json:
        typer.echo(json.dumps([_summed(one, settings) for one in found]))
        return
    console = Console(highlight=False, soft_wrap=True)
    for one in found:
        console.print(f"{_title(one, settings)}: {_sum(one)}")
        counts = Counter(waiting.category for waiting in one.waiting)
        for category, count in counts.most_common():
            console.print(f"  {category}: {count}")
    if not found:
        console.print(f"nothing waits in {settings.spool_path}")
    console.print(
        f"each bot may keep {decimal(settings.spool_bytes)} (SENTRY_SPOOL_BYTES) "
        f"for {settings.spool_days:g} days (SENTRY_SPOOL_DAYS)"
    )


@app.command()
def send(
    *,
    receiver: Annotated[
        str | None,
        typer.Option(
            help="What waits for this other receiver, as `list` names it; it goes to SENTRY_DSN, too."
        ),
    ] = None,
) -> None:
    """Send now what ended bots left for the receiver of SENTRY_DSN, to SENTRY_DSN.

    Errors first, and never faster than the receiver's rate limits allow. It may run beside a bot:
    what that holds is left to it. Ends with 1 where something is left that could not be sent.
    What waits for other receivers is told, with the command that sends it.
    """
    settings = load_settings()
    configure_logs("ERROR")
    dsn = _dsn(settings.sentry)
    directory = _chosen(settings.sentry, receiver)
    console = Console(highlight=False, soft_wrap=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("sending", total=None)
        sent = send_now(
            directory,
            dsn,
            settings.sentry,
            lambda left, total: bar.update(task, total=total, completed=total - left),
        )
    console.print(f"{sent.total - sent.left} of {sent.total} envelopes sent")
    if sent.is_away and (sent.left or sent.reports):
        console.print("the receiver takes nothing now; `tux doctor` says more", style="bold red")
    elif sent.limited_seconds is not None:
        console.print(
            f"the receiver wants no more of the rest for {sent.limited_seconds:.0f} s; "
            "it waits on, and the next bot sends it",
            style="yellow",
        )
    _tell_of_owners(console, contents(directory))
    _tell_of_others(console, settings.sentry, directory.name)
    if sent.left or sent.reports:
        raise typer.Exit(1)


@app.command()
def purge(
    *,
    receiver: Annotated[
        str | None,
        typer.Option(help="Of this receiver, as `list` names it, not of SENTRY_DSN's."),
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Only this category; may be given more than once.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Give up what ended bots left, for good.

    What is given up is counted, and the receiver is told how much it was with the next envelope
    that is sent. Files that were set aside as corrupt go, too; they are counted already.
    """
    settings = load_settings().sentry
    directory = _chosen(settings, receiver)
    found = contents(directory)
    console = Console(highlight=False, soft_wrap=True)
    mine = [one for one in found.waiting if one.owner is None]
    mine = [one for one in mine if not category or one.category in category]
    if not (mine or (found.corrupt and not category)):
        console.print("there is nothing to give up")
        _tell_of_owners(console, found)
        return
    amount = f"{len(mine)} envelopes ({decimal(sum(one.size for one in mine))})"
    aside = 0 if category else len(found.corrupt)
    if not yes:
        typer.confirm(f"Give up {amount} and {aside} corrupt files for good?", abort=True)
    done = purge_waiting(directory, lambda name: not category or name in category)
    for file in found.corrupt if not category else ():
        file.unlink(missing_ok=True)
    told = ", ".join(f"{count} {name}" for name, count in sorted(done.losses.items()))
    console.print(
        f"given up: {done.envelopes} envelopes ({decimal(done.bytes)}) and {aside} corrupt files"
    )
    if told:
        console.print(f"the receiver will be told: {told}")
    _tell_of_owners(console, found)


def _found(settings: SentrySettings) -> list[Contents]:
    """Look at all folders; those in which nothing waits are left out."""
    try:
        found = [contents(path) for path in receivers(settings.spool_path.absolute())]
    except OSError as error:
        raise TuxConfigurationError(
            "SENTRY_SPOOL_PATH", f"{settings.spool_path} cannot be read: {error.strerror}."
        ) from error
    return [one for one in found if one.waiting or one.corrupt]


def _dsn(settings: SentrySettings) -> str:
    dsn = settings.dsn.get_secret_value() if settings.dsn else ""
    try:
        Dsn(dsn)
    except (BadDsn, ValueError):
        raise TuxConfigurationError(
            "SENTRY_DSN", "It says where to send; set it to the DSN of the bot that has ended."
        ) from None
    return dsn


def _own(settings: SentrySettings) -> str | None:
    """Name the folder of SENTRY_DSN."""
    try:
        return receiver_directory(settings.spool_path, Dsn(_dsn(settings))).name
    except TuxConfigurationError:
        return None


def _chosen(settings: SentrySettings, receiver: str | None) -> Path:
    names = {path.name: path for path in receivers(settings.spool_path.absolute())}
    name = receiver or _own(settings)
    if name is None:
        raise TuxConfigurationError("SENTRY_DSN", "Set it, or choose one by --receiver.")
    if receiver and receiver not in names:
        known = ", ".join(names) or "there is none"
        raise TuxConfigurationError("--receiver", f"There is nothing for {receiver}; for: {known}.")
    return names.get(name, settings.spool_path.absolute() / name)


def _title(one: Contents, settings: SentrySettings) -> str:
    is_own = one.receiver == _own(settings)
    return "for SENTRY_DSN" if is_own else f"for another receiver, {one.receiver}"


def _sum(one: Contents) -> str:
    parts = [f"{len(one.waiting)} envelopes, {decimal(one.bytes)}"]
    if one.waiting:
        parts.append(f"the oldest {_age(one.waiting[0].captured)} old")
    if one.owners:
        held = sum(waiting.owner is not None for waiting in one.waiting)
        parts.append(f"{held} of them held by process {', '.join(map(str, one.owners))}")
    if one.corrupt:
        parts.append(f"{len(one.corrupt)} corrupt files set aside ({decimal(one.corrupt_bytes)})")
    return ", ".join(parts)


def _table(some: tuple[Waiting, ...]) -> Table:
    table = Table(
        "age", "size", "category", "event", "release", "held by", box=None, padding=(0, 2, 0, 0)
    )
    for one in some:
        owner = "" if one.owner is None else f"process {one.owner}"
        table.add_row(
            _age(one.captured), decimal(one.size), one.category, one.id, _release(one), owner
        )
    return table


def _release(one: Waiting) -> str:
    try:
        return release_of(one)
    except CorruptFileError:
        return "(corrupt)"


def _age(moment: float) -> str:
    seconds = max(0.0, time.time() - moment)
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _summed(one: Contents, settings: SentrySettings) -> dict[str, Any]:
    return {
        "receiver": one.receiver,
        "is_current": one.receiver == _own(settings),
        "envelopes": len(one.waiting),
        "bytes": one.bytes,
        "oldest": one.waiting[0].captured if one.waiting else None,
        "categories": dict(Counter(waiting.category for waiting in one.waiting)),
        "owners": list(one.owners),
        "corrupt": len(one.corrupt),
        "corrupt_bytes": one.corrupt_bytes,
    }


def _as_data(one: Contents, settings: SentrySettings) -> dict[str, Any]:
    waiting = [
        {
            "captured": each.captured,
            "category": each.category,
            "event_id": each.id,
            "size": each.size,
            "release": _release(each),
            "owner": each.owner,
        }
        for each in one.waiting
    ]
    return {**_summed(one, settings), "waiting": waiting}


def _tell_of_owners(console: Console, found: Contents) -> None:
    held = sum(one.owner is not None for one in found.waiting)
    if held:
        console.print(
            f"{held} envelopes are left to process {', '.join(map(str, found.owners))}, which runs"
        )


def _tell_of_others(console: Console, settings: SentrySettings, but: str) -> None:
    """Say what waits for other receivers, which may be those of a DSN that was changed."""
    for one in _found(settings):
        left = sum(waiting.owner is None for waiting in one.waiting)
        if left and one.receiver != but:
            option = "" if one.receiver == _own(settings) else f" --receiver {one.receiver}"
            whose = "SENTRY_DSN" if not option else "another receiver"
            console.print(
                f"{left} envelopes wait for {whose}: `tux spool send{option}` sends them to SENTRY_DSN"
            )
