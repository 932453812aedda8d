"""What all parts of the fake Sentry need: whose it is, what is asked, and the table of who answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ORG, PROJECT, PROJECT_ID, TOKEN = "acme", "tux-bot", 4_500_000_000_000_001, "sntryu_" + "a1" * 32
OTHER_PROJECT, OTHER_ID = "other-bot", 4_500_000_000_000_002
"""Of the same organization."""
PROJECTS = {PROJECT: PROJECT_ID, OTHER_PROJECT: OTHER_ID}
Json = dict[str, Any]


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status, self.body, self.headers = status, body, headers or {}


@dataclass
class Asked:
    """A request."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    token: str


Work = Callable[..., Any]
ROUTES: list[tuple[str, str, str, Work]] = []


def route(method: str, pattern: str, scopes: str) -> Callable[[Work], Work]:
    def keep(work: Work) -> Work:
        ROUTES.append((method, pattern, scopes, work))
        return work

    return keep


def there(rows: dict[str, Json], one: str) -> Json:
    if one not in rows:
        raise RefusedError(404, {"detail": "The requested resource does not exist"})
    return rows[one]


def owner(owner: str | None) -> Json | None:
    if not owner:
        return None
    kind, _, one = owner.partition(":")
    return {"type": kind, "id": one, "name": "a team"}
