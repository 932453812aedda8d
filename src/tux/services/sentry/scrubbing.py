"""JSON-like data → the same data without secrets and personal data. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Scrubber:
    """Remove secrets from texts and trees."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secrets)

    def text(self, value: str) -> str:
        """Return the text without secrets."""
        return value

    def event(self, data: Any) -> Any:
        """Return the tree without secrets."""
        return data


def sanitize_user_data(data: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a dict without secrets and personal data."""
    return data
