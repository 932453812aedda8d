"""``tux settings``: what can be set, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from tux.shared.settings import default_of, variables

if TYPE_CHECKING:
    from collections.abc import Sequence


def settings(
    *,
    markdown: Annotated[bool, typer.Option(help="As the table of docs/settings.md.")] = False,
) -> None:
    """List every setting with its meaning and its default.

    Settings stand in the environment, in .env or in tux.toml, in this order of strength.
    """
    rows = [
        (name, " ".join((info.description or "").split()), default_of(info))
        for name, info in variables().items()
    ]
    if markdown:
        typer.echo(settings_page(rows))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("variable", no_wrap=True)
    for title in ("meaning", "default"):
        table.add_column(title)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def settings_page(rows: Sequence[tuple[str, str, str]]) -> str:
    """Write the body of docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Each stands in the environment, in `.env`, or in `tux.toml`, in this order of strength;",
        "`SENTRY_DSN` is `dsn` below `[sentry]` in `tux.toml`. An unknown name in `tux.toml` is an",
        "error that says what may have been meant. This page is made by",
        "`tux settings --markdown > docs/settings.md`.",
        "",
        "| variable | meaning | default |",
        "|---|---|---|",
        *(f"| `{name}` | {meaning} | `{default}` |" for name, meaning, default in rows),
    ]
    return "\n".join(lines)
