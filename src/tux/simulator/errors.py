"""What the local Discord refuses: to the bot as an API error, to the script as an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tux.shared.exceptions import TuxError

if TYPE_CHECKING:
    from collections.abc import Iterable

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json, API v10.
REFUSALS: dict[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10026: (404, "Unknown Ban"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50033: (400, "Invalid Recipient(s)"),
    50035: (400, "Invalid Form Body"),
    50109: (400, "The request body contains invalid JSON."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
}
"""JSON error code → HTTP status and message."""


class ApiError(Exception):
    """A request is refused as Discord refuses it."""

    def __init__(self, code: int, errors: dict[str, Any] | None = None) -> None:
        self.code = code
        self.status, self.reason = REFUSALS[code]
        self.errors = errors
        super().__init__(f"{code}: {self.reason}")


def invalid(path: str, kind: str, text: str) -> ApiError:
    """Say which field of a body is wrong; dots in ``path`` lead into it."""
    errors: dict[str, Any] = {"_errors": [{"code": kind, "message": text}]}
    for part in reversed(path.split(".")):
        errors = {part: errors}
    return ApiError(50035, errors)


class ImpossibleActError(TuxError):
    """A scripted member wants to do what a person could not do."""


class UnknownCommandError(ImpossibleActError):
    """The bot has synced no such command here."""

    command: str

    def __init__(self, command: str, known: Iterable[str]) -> None:
        self.command = command
        listed = ", ".join(sorted(known)) or "none at all"
        super().__init__(f"the bot has synced no command {command!r} here; it has synced {listed}")


class BadOptionError(ImpossibleActError):
    """A command's option is unknown, missing, or of another type than the bot registered."""

    option: str

    def __init__(self, command: str, option: str, fault: str) -> None:
        self.option = option
        super().__init__(f"/{command}: option {option!r} {fault}")
