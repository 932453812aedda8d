"""discord.py's decorators for hybrid commands, with types that mypy can follow.

Theirs take a union of callables, of which mypy solves none (pyright does): a test pins that.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, cast

from discord.ext import commands

Callback = Callable[..., Coroutine[Any, Any, None]]


class HybridGroup(Protocol):
    """What cogs use of ``commands.HybridGroup``."""

    def command(
        self, **options: Any
    ) -> Callable[[Callback], commands.HybridCommand[Any, ..., Any]]:
        """Add a subcommand."""


hybrid_command: Callable[..., Callable[[Callback], commands.HybridCommand[Any, ..., Any]]] = (
    commands.hybrid_command
)
hybrid_group = cast("Callable[..., Callable[[Callback], HybridGroup]]", commands.hybrid_group)
