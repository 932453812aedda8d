"""``tux doctor``: is everything as it should be, and what would leave."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tux.doctor.checks import check
from tux.doctor.preview import preview
from tux.services.sentry.scrubbing.markers import MARKER
from tux.shared.logs import configure_logs
from tux.shared.settings import load_settings

if TYPE_CHECKING:
    from tux.doctor.findings import Finding
    from tux.doctor.preview import Preview
    from tux.shared.settings import Settings

_STYLES: Final = {"ok": "green", "warning": "yellow", "fault": "bold red"}
_SHORTENED: Final = ("modules", "sdk")
"""Long lists of versions: counted on the screen, whole in --json."""


def doctor(
    *,
    privacy: Annotated[
        bool,
        typer.Option(
            "--privacy",
            help="Show what would leave: one item of each kind, with planted secrets. "
            "Nothing is sent.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Look at DSN, receiver, clock, station, spool, sampling, privacy, what is watched, database and token.

    Each line says ok, warning or fault, and what to do. The receiver is asked by a request that makes
    no event. Ends with 1 where there is a fault.
    """
    settings = load_settings()
    # What the checks log is said by their lines.
    configure_logs("CRITICAL")
    console = Console(highlight=False)
    is_well = (
        _show_privacy(console, settings, as_json=as_json)
        if privacy
        else asyncio.run(_show_checks(console, settings, as_json=as_json))
    )
    if not is_well:
        raise typer.Exit(1)


async def _show_checks(console: Console, settings: Settings, *, as_json: bool) -> bool:
    found: list[Finding] = []
    async for finding in check(settings):
        found.append(finding)
        if not as_json:
            _show(console, finding)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in found]))
    return all(finding.level != "fault" for finding in found)


def _show(console: Console, finding: Finding) -> None:
    line = Text.assemble(
        (f"{finding.level:8}", _STYLES[finding.level]),
        (f"{finding.subject:10}", "bold"),
        finding.text,
    )
    console.print(line, soft_wrap=True)
    if finding.advice:
        console.print(Text(f"{'':18}→ {finding.advice}"), soft_wrap=True)


def _show_privacy(console: Console, settings: Settings, *, as_json: bool) -> bool:
    seen = asyncio.run(preview(settings))
    left = {one.name for one in (*seen.left, *seen.allowed)}
    if as_json:
        planted = [{"name": one.name, "removed": one.name not in left} for one in seen.planted]
        items = [{"kind": kind, "payload": payload} for kind, payload in seen.items]
        typer.echo(json.dumps({"planted": planted, "items": items}))
        return not seen.left
    for kind, payload in seen.items:
        text = _marked(json.dumps(_shortened(payload), indent=2, ensure_ascii=False), seen)
        console.print(Panel(text, title=f"[bold]{kind}[/]", title_align="left"))
    table = Table("planted", "in what leaves", box=None, padding=(0, 2, 0, 0))
    for one in seen.planted:
        table.add_row(
            one.name, "[bold red]is still there[/]" if one.name in left else "[green]removed[/]"
        )
    console.print(table)
    marker = ("[removed: …]", "black on green")
    console.print(Text.assemble("nothing was sent; ", marker, " stands where a secret was"))
    if seen.allowed:
        console.print("what members write leaves because a setting wants it so", style="yellow")
    return not seen.left


def _shortened(payload: Any) -> Any:
    if not isinstance(payload, dict):
        return payload
    return {
        name: f"… {len(value)} entries, see --json" if name in _SHORTENED else value
        for name, value in payload.items()
    }


def _marked(text: str, seen: Preview) -> Text:
    """Mark what was removed, and what should have been."""
    marked = Text(text)
    marked.highlight_regex(MARKER, "black on green")
    for one in seen.planted:
        marked.highlight_words([one.secret], "bold white on red")
    return marked
