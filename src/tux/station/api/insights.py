"""Answers about whom it hits, since when, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.station.queries import errors as error_queries
from tux.station.queries import groups, people
from tux.station.queries import releases as release_queries
from tux.station.queries import tags as tag_queries
from tux.station.queries.errors import Cause
from tux.station.queries.groups import Group
from tux.station.queries.measured import Sampling, sampling
from tux.station.queries.people import Affected, Met, Used
from tux.station.queries.releases import Version
from tux.station.queries.tags import Tag

if TYPE_CHECKING:
    import sqlite3

    from tux.station.pages.rendering import Asked


@dataclass(frozen=True, slots=True)
class Groups:
    """Runs or steps by kind."""

    sampling: Sampling
    groups: list[Group]


@dataclass(frozen=True, slots=True)
class Hosts:
    """Whom the bot calls over HTTP, and with which requests."""

    sampling: Sampling
    hosts: list[Group]
    calls: list[Group]


@dataclass(frozen=True, slots=True)
class Causes:
    """Which issues the errors of a time are of."""

    causes: list[Cause]


@dataclass(frozen=True, slots=True)
class Users:
    """Who met errors."""

    users: list[Affected]


@dataclass(frozen=True, slots=True)
class User:
    """What one user met and used."""

    issues: list[Met]
    used: list[Used]


@dataclass(frozen=True, slots=True)
class Releases:
    """Releases side by side."""

    sampling: Sampling
    releases: list[Version]


@dataclass(frozen=True, slots=True)
class Tags:
    """What the values of tags tell apart."""

    sampling: Sampling
    tags: list[Tag]


def operations(connection: sqlite3.Connection, asked: Asked) -> Groups:
    """Read kinds of work and of steps."""
    return Groups(_known(connection, asked), groups.operations(connection, asked.range, asked.now))


def queries(connection: sqlite3.Connection, asked: Asked) -> Groups:
    """Read database queries."""
    found = groups.database_queries(connection, asked.range, asked.now, 100)
    return Groups(_known(connection, asked), found)


def hosts(connection: sqlite3.Connection, asked: Asked) -> Hosts:
    """Read calls, of all hosts or of one."""
    found = groups.calls(connection, asked.range, asked.now, 100, asked.word("host"))
    hosts_of_all = groups.hosts(connection, asked.range, asked.now)
    return Hosts(_known(connection, asked), hosts_of_all, found)


def errors(connection: sqlite3.Connection, asked: Asked) -> Causes:
    """Read what the errors of a time are of."""
    return Causes(error_queries.causes(connection, asked.since, asked.now + 120.0, {}))


def users(connection: sqlite3.Connection, asked: Asked) -> Users:
    """Read who met errors."""
    return Users(people.affected(connection, asked.range, asked.now))


def user(connection: sqlite3.Connection, asked: Asked) -> User:
    """Read one user."""
    name = asked.word("id")
    return User(people.issues_met(connection, name), people.used(connection, name))


def releases(connection: sqlite3.Connection, asked: Asked) -> Releases:
    """Read releases."""
    found = release_queries.versions(connection, asked.range, asked.now)
    return Releases(_known(connection, asked), found)


def tags(connection: sqlite3.Connection, asked: Asked) -> Tags:
    """Read tags, all or one."""
    found = tag_queries.tags(connection, asked.range, asked.now, asked.word("key"))
    return Tags(_known(connection, asked), found)


def _known(connection: sqlite3.Connection, asked: Asked) -> Sampling:
    return sampling(connection, asked.range, asked.now)
