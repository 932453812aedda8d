"""What the commands have in common."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

errors = Console(stderr=True)

ChildOption = Annotated[
    bool,
    typer.Option("--child", hidden=True, help="Speak JSON lines to the process that started this."),
]
