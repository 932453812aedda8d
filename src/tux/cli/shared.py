"""What the commands have in common."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

errors = Console(stderr=True)

AWAY = 1
"""Exit code when what a command needs failed or is away: the same may succeed later."""
FAULT = 2
"""Exit code when a setting keeps a command from running: another try would find the same."""

ChildOption = Annotated[
    bool,
    typer.Option("--child", hidden=True, help="Speak JSON lines to the process that started this."),
]
