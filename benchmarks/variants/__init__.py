"""Ways to watch a bot, a module each: the same two commands, and the same capture.

A worker loads only the one that it is asked for, so that no other weighs on it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from discord.ext import commands

    from benchmarks.rounds import Plan


class Variant(Protocol):
    """What each module of this package has."""

    @property
    def Work(self) -> type[commands.Cog]:  # noqa: N802  # a class
        """A cog with a command ``work``, of three parts, and a command ``fail``."""

    def start(self, plan: Plan) -> Any:
        """Begin to watch."""

    def capture(self, error: Exception) -> object:
        """Report an error."""


def load(plan: Plan) -> Variant:
    """Import the variant of a plan, and start it where the plan has it on."""
    variant = cast("Variant", import_module(f"benchmarks.variants.{plan.variant}"))
    if plan.is_on:
        variant.start(plan)
    return variant
