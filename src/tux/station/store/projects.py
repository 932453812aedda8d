"""Projects and the keys that open them to clients."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


@dataclass(frozen=True, slots=True)
class Key:
    """What a client needs to send to a project: the user part of its DSN."""

    public_key: str
    label: str
    created: float
    revoked: float | None
    per_minute: int | None
    """Envelopes that it may send; None is the setting's, 0 is without limit."""


@dataclass(frozen=True, slots=True)
class Project:
    """Whom events are for."""

    id: int
    name: str
    keys: tuple[Key, ...]
    """The oldest first."""

    @property
    def live_keys(self) -> tuple[Key, ...]:
        """Those that open."""
        return tuple(key for key in self.keys if key.revoked is None)

    @property
    def public_key(self) -> str:
        """The one that the pages tell; empty where all are revoked."""
        return self.live_keys[0].public_key if self.live_keys else ""


def projects_of(connection: sqlite3.Connection) -> dict[int, Project]:
    """Read all projects with their keys."""
    keys: dict[int, list[Key]] = {}
    for row in connection.execute(
        "SELECT project_id, public_key, label, created, revoked, per_minute FROM project_keys "
        "ORDER BY created, public_key"
    ):
        keys.setdefault(row[0], []).append(Key(*row[1:]))
    rows = connection.execute("SELECT id, name FROM projects ORDER BY id")
    return {row[0]: Project(row[0], row[1], tuple(keys.get(row[0], ()))) for row in rows}


def create_project(connection: sqlite3.Connection, name: str, now: float) -> int:
    """Make a project with its first key; gives its id."""
    key = secrets.token_hex(16)
    made = connection.execute(
        "INSERT INTO projects (name, public_key, created) VALUES (?, ?, ?)", (name, key, now)
    )
    add_first_keys(connection)
    return int(made.lastrowid or 0)


def create_key(
    connection: sqlite3.Connection, project: int, label: str, per_minute: int | None, now: float
) -> str:
    """Make one more key of a project."""
    key = secrets.token_hex(16)
    connection.execute(
        "INSERT INTO project_keys (public_key, project_id, label, created, per_minute) "
        "VALUES (?, ?, ?, ?, ?)",
        (key, project, label, now, per_minute),
    )
    return key


def revoke_key(connection: sqlite3.Connection, public_key: str, now: float) -> bool:
    """Let a key open nothing from now on; tells whether there was such a key that did."""
    done = connection.execute(
        "UPDATE project_keys SET revoked = ? WHERE public_key = ? AND revoked IS NULL",
        (now, public_key),
    )
    return done.rowcount > 0


def add_first_keys(connection: sqlite3.Connection) -> None:
    """Give every project the key that it was made with, where it does not have it yet."""
    connection.execute(
        "INSERT OR IGNORE INTO project_keys (public_key, project_id, label, created) "
        "SELECT public_key, id, 'first', created FROM projects"
    )
