"""Which runs failed, and which events are errors: one list for what is counted and what is asked."""

from __future__ import annotations

from typing import Final

FAILED: Final = ("internal_error", "unknown_error", "unavailable", "data_loss", "unauthenticated")
"""Statuses that mean that the bot is at fault; a member's mistake has others.

With ``unauthenticated`` it is the bot's own token or key that is refused.
"""
ERRORS: Final = ("error", "fatal")
"""Levels of an event that is an error."""
FAILED_SQL: Final = (
    "status IN ('internal_error', 'unknown_error', 'unavailable', 'data_loss', 'unauthenticated')"
)
"""Word for word what the partial indexes of ``schema.sql`` have, or they are not used."""
ERRORS_SQL: Final = "level IN ('error', 'fatal')"
SUGGESTION: Final = "command.autocomplete"
"""What a member is shown while typing: it has the name of a command and is no run of it."""
COMMANDS_SQL: Final = f"op >= 'command' AND op < 'commane' AND op <> '{SUGGESTION}'"


def is_command(op: str) -> bool:
    """Tell commands from other work; see ``COMMANDS_SQL``."""
    return op.startswith("command") and op != SUGGESTION
