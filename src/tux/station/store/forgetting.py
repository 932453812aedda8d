"""One user goes from the file: the own rows, the mentions in others' rows, and every byte of the id.

It has a connection of its own, so that it works whether the station runs or not; the writer is held
for a few rows at a time. Which tables there are is asked of the file.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.shared.exceptions import TuxConfigurationError
from tux.station.rollups.cascade import USER_HITS
from tux.station.store.mentions import Mentions
from tux.station.store.remains import is_clean, wiped
from tux.station.store.schema import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

AT_ONCE: Final = 200
"""Rows that the writer is held for."""
LOOKED_AT: Final = 2000
"""Rows that are looked through at a time: a long look would keep the station from tidying its log."""
BUSY_MILLISECONDS: Final = 15_000
_SHADOWS: Final = ("logs_text", "issues_text", "sqlite_")
"""Tables that follow others by themselves."""


_LOG_USER: Final = """CAST(json_extract(attributes, '$."user.id"') AS TEXT)"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was found of a user, and what became of it."""

    removed: dict[str, int]
    """Table → rows that were the user's own."""
    rewritten: dict[str, int]
    """Table → others' rows that named the user; empty where the user's own were only counted."""
    is_clean: bool | None
    """Whether no byte of the file holds the id; None where that was not looked at."""
    is_short: bool
    """Whether the id is too short to be looked for in texts."""


def forget(
    path: Path,
    names: Sequence[str],
    *,
    dry_run: bool = False,
    clock: Callable[[], float] = time.time,
) -> Forgotten:
    """Remove a user from a station's file.

    Args:
        path: of the file.
        names: under which the user was stored: the id, and hashes of it.
        dry_run: only count.
        clock: gives the time at which an older file was brought up to date.

    Raises:
        TuxConfigurationError: the file is not there, or cannot be changed.
    """
    if not path.exists():
        raise TuxConfigurationError("STATION_PATH", f"{path} is not there.")
    mentions = Mentions(names)
    try:
        with closing(_connect(path, mentions)) as connection:
            prepare(connection, clock())
            work = _Forgetting(connection, tuple(names), mentions, is_change=not dry_run)
            work.remove_own()
            # To look through others' rows takes long: whoever has own ones is asked about without.
            if not dry_run or not any(work.removed.values()):
                work.rewrite()
            if not dry_run:
                wiped(connection, path, mentions.names)
    except sqlite3.Error as error:
        hint = f"{path} cannot be changed: {error}. What was not removed is removed next time."
        raise TuxConfigurationError("STATION_PATH", hint) from error
    return Forgotten(
        dict(work.removed),
        dict(work.rewritten),
        None if dry_run or not mentions.names else is_clean(path, mentions.names),
        not mentions.names,
    )


def _connect(path: Path, mentions: Mentions) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None
    )
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    for name, count, function in (
        ("in_body", 2, mentions.in_body),
        ("in_payload", 1, mentions.in_payload),
        ("text_without", 1, mentions.column_without),
        ("payload_without", 1, mentions.payload_without),
    ):
        connection.create_function(name, count, function, deterministic=True)
    return connection


class _Forgetting:
    """The work on one file, and what it came to."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        names: tuple[str, ...],
        mentions: Mentions,
        *,
        is_change: bool,
    ) -> None:
        self.removed: Counter[str] = Counter()
        self.rewritten: Counter[str] = Counter()
        self._connection = connection
        self._names = names
        self._is_one = f"IN ({', '.join('?' * len(names))})"
        self._mentions = mentions
        self._is_change = is_change
        self._columns = dict(_columns(connection))

    def remove_own(self) -> None:
        """Remove the rows that are about the user."""
        if self._mentions.names:
            # First: a station that runs makes rows of what is left, which are looked through below.
            self._remove_ids("inbox", self._search("inbox", "in_body(encoding, body)"))
        own = self._ids("SELECT event_id FROM events", "user_id")
        own += self._ids("SELECT event_id FROM transactions", "user_id")
        issues = set(self._ids("SELECT issue_id FROM events", "user_id"))
        issues.update(self._ids("SELECT issue_id FROM issue_users", "user_id"))
        alone = [issue for issue in sorted(issues) if not self._has_others(issue)]
        self._remove_ids("logs", self._ids("SELECT id FROM logs", _LOG_USER))
        said = self._belonging("feedback", own)
        for column in ("user_id", "name", "contact"):
            said.update(self._ids("SELECT id FROM feedback", column))
        self._remove_ids("feedback", said)
        raw = self._belonging("envelopes", own)
        if self._mentions.names:
            # It holds other users' lines as well, which are kept as rows.
            raw.update(self._search("envelopes", "in_body(encoding, body)"))
        self._remove_ids("envelopes", raw)
        # A station that runs adds minutes to what is longer: they go first.
        for table in sorted(self._columns, key=lambda table: table != USER_HITS.minutes):
            if "user_id" in self._columns[table] and table != "feedback":
                self._remove_of_user(table, self._columns[table])
        self._remove_ids("issues", alone)
        self._count_users(sorted(issues))

    def rewrite(self) -> None:
        """Replace the user's id in what is kept of others."""
        for table in ("events", "transactions"):
            self._rewrite_payloads(table, self._search(table, "in_payload(payload)"))
        self._rewrite_logs()
        for table, columns in self._columns.items():
            for column, kind in columns.items():
                if kind == "TEXT" and table != "logs" and column != "user_id":
                    self._rewrite_texts(table, column)

    def _ids(self, select: str, column: str) -> list[Any]:
        statement = f"{select} WHERE {column} {self._is_one}"
        return [row[0] for row in self._connection.execute(statement, self._names)]

    def _belonging(self, table: str, events: Iterable[str]) -> set[int]:
        """Find what came with, or about, the user's own events."""
        return {
            row[0]
            for event_id in events
            for row in self._connection.execute(
                f"SELECT id FROM {table} WHERE event_id = ?",  # noqa: S608  # one of two
                (event_id,),
            )
        }

    def _has_others(self, issue: int) -> bool:
        """Tell whether somebody else met an issue, too."""
        # Events go by their age, and who met it is remembered for as long as it is met.
        found = self._connection.execute(
            "SELECT 1 FROM events WHERE issue_id = ? "  # noqa: S608  # question marks
            f"AND (user_id IS NULL OR NOT user_id {self._is_one}) "
            f"UNION ALL SELECT 1 FROM issue_users WHERE issue_id = ? AND NOT user_id {self._is_one}",
            (issue, *self._names) * 2,
        ).fetchone()
        # One that was merged is needed to take that back, and its events may be moving still.
        merged = self._connection.execute(
            "SELECT 1 FROM issues WHERE id = ?1 AND merged_into IS NOT NULL OR merged_into = ?1",
            (issue,),
        ).fetchone()
        return found is not None or merged is not None

    def _remove_of_user(self, table: str, columns: Iterable[str]) -> None:
        if "id" in columns:
            self._remove_ids(table, self._ids(f"SELECT id FROM {table}", "user_id"))  # noqa: S608  # its own name
            return
        condition = f"FROM {table} WHERE user_id {self._is_one}"
        (count,) = self._connection.execute(f"SELECT count(*) {condition}", self._names).fetchone()
        self.removed[table] += count
        if self._is_change:
            with _writing(self._connection):
                self._connection.execute(f"DELETE {condition}", self._names)

    def _remove_ids(self, table: str, ids: Iterable[int]) -> None:
        ids = sorted(ids)
        self.removed[table] += len(ids)
        for some in self._steps(ids):
            self._connection.executemany(
                f"DELETE FROM {table} WHERE id = ?",  # noqa: S608  # a table's own name
                [(one,) for one in some],
            )

    def _count_users(self, issues: Sequence[int]) -> None:
        """Count anew who met an issue."""
        for some in self._steps(issues):
            self._connection.executemany(
                "UPDATE issues SET users = "
                "(SELECT count(*) FROM issue_users WHERE issue_id = ?1) WHERE id = ?1",
                [(issue,) for issue in some],
            )
            # Readers remember how many users there were at times that are over.
            self._connection.execute("UPDATE late SET times = times + 1")
            self._connection.execute("UPDATE late_halves SET times = times + 1")

    def _search(self, table: str, condition: str) -> list[int]:
        """Look through a whole table, bit by bit."""
        found: list[int] = []
        (last,) = self._connection.execute(f"SELECT max(id) FROM {table}").fetchone()  # noqa: S608  # its own name
        for first in range(0, (last or 0) + 1, LOOKED_AT):
            rows = self._connection.execute(
                f"SELECT id FROM {table} WHERE id >= ? AND id < ? AND {condition}",  # noqa: S608  # constants
                (first, first + LOOKED_AT),
            )
            found += [row[0] for row in rows]
        return found

    def _rewrite_payloads(self, table: str, ids: Sequence[int]) -> None:
        self.rewritten[table] += len(ids)
        for some in self._steps(ids):
            self._connection.executemany(
                f"UPDATE {table} SET payload = payload_without(payload) WHERE id = ?",  # noqa: S608  # one of two
                [(one,) for one in some],
            )

    def _rewrite_texts(self, table: str, column: str) -> None:
        for name in self._mentions.names:
            condition = f"instr({column}, ?) AND text_without({column}) <> {column}"
            (count,) = self._connection.execute(
                f"SELECT count(*) FROM {table} WHERE {condition}",  # noqa: S608  # the file's own names
                (name,),
            ).fetchone()
            self.rewritten[table] += count
            if count and self._is_change:
                with _writing(self._connection):
                    for how, text in self._ways(table, column):
                        self._connection.execute(
                            f"UPDATE OR {how} {table} SET {column} = {text} WHERE {condition}",  # noqa: S608  # as above
                            (name,),
                        )

    def _ways(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        """Give what to do about rows that would be alike then: what others point to must stay."""
        text = f"text_without({column})"
        if "id" in self._columns[table]:
            yield "IGNORE", text
            text += " || ' ' || id"
        yield "REPLACE", text

    def _rewrite_logs(self) -> None:
        """Write lines anew: the index of their texts follows removals and additions only."""
        texts = [name for name, kind in self._columns["logs"].items() if kind == "TEXT"]
        # A line may belong to no trace.
        condition = " OR ".join(
            f"({name} IS NOT NULL AND text_without({name}) <> {name})" for name in texts
        )
        ids = self._search("logs", f"({condition})")
        self.rewritten["logs"] += len(ids)
        columns = list(self._columns["logs"])
        values = ", ".join(
            f"iif({name} IS NULL, NULL, text_without({name}))" if name in texts else name
            for name in columns
        )
        for some in self._steps(ids):
            for one in some:
                row = self._connection.execute(
                    f"SELECT {values} FROM logs WHERE id = ?",  # noqa: S608  # the file's own names
                    (one,),
                ).fetchone()
                self._connection.execute("DELETE FROM logs WHERE id = ?", (one,))
                self._connection.execute(
                    f"INSERT INTO logs ({', '.join(columns)}) "  # noqa: S608  # as above
                    f"VALUES ({', '.join('?' * len(columns))})",
                    row,
                )

    def _steps(self, ids: Sequence[int]) -> Iterator[Sequence[int]]:
        """Give some at a time, in a transaction of their own; none where nothing may change."""
        for first in range(0, len(ids) if self._is_change else 0, AT_ONCE):
            with _writing(self._connection):
                yield ids[first : first + AT_ONCE]


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


def _columns(connection: sqlite3.Connection) -> Iterator[tuple[str, dict[str, str]]]:
    """Ask which tables and columns the file has: table, and column → its type."""
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    ).fetchall()
    for (table,) in tables:
        if not table.startswith(_SHADOWS):
            facts = connection.execute(f"PRAGMA table_info({table})")
            yield table, {row[1]: row[2] for row in facts}
