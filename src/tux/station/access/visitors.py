"""Who asks: somebody at this machine, somebody who is logged in, or a program with a token."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tux.station.access.passwords import hashed, is_right
from tux.station.access.throttle import Throttle

if TYPE_CHECKING:
    import sqlite3

    from tux.shared.settings import StationSettings
    from tux.station.access.places import Places
    from tux.station.store import Store

LASTS: Final = 14 * 86_400.0
"""Seconds of a login."""
TOKEN_PREFIX: Final = "tux_"  # noqa: S105  # what a token begins with, so that scanners know it


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who asks for a page or for data."""

    may_enter: bool
    session: str = ""
    """What the browser has of its login; empty without one."""
    is_program: bool = False
    """Whether a token was shown: a browser sends none by itself, so no form of ours is needed."""


VISITOR: Final = web.RequestKey("visitor", Visitor)
"""Who asks, in each request of a person or a program."""


class Access:
    """Who may enter, by what the store knows now: another process may change it."""

    def __init__(self, store: Store, settings: StationSettings, places: Places) -> None:
        self._store = store
        self._given = settings.password.get_secret_value() if settings.password else None
        self._own: str | None = None
        self._places = places
        self._throttle = Throttle()
        self._one_guess = asyncio.Semaphore(1)  # each takes 16 MiB

    async def visitor(self, session: str, bearer: str | None) -> Visitor:
        """Tell who has shown a session and a token."""
        return await asyncio.to_thread(self._visitor, session, bearer)

    async def log_in(self, password: str, who: str) -> str | float:
        """Let somebody in who knows the password.

        Gives the session for the browser; or the seconds until the next guess, which are 0 where
        another one may be made now.
        """
        now = self._store.clock()
        if wait := self._throttle.wait(who, now):
            return wait
        async with self._one_guess:
            stored = await asyncio.to_thread(self._stored)
            if stored is None or not await asyncio.to_thread(is_right, password, stored):
                self._throttle.wrong(who, now)
                return self._throttle.wait(who, now)
        self._throttle.right(who)
        session = secrets.token_urlsafe(32)
        row = (_digest(session), now + LASTS, _digest(stored))

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM logins WHERE expires < ?", (now,))
            connection.execute("INSERT INTO logins VALUES (?, ?, ?)", row)

        await self._store.change(write)
        return session

    async def log_out(self, session: str) -> None:
        """End a login."""
        digest = _digest(session)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM logins WHERE digest = ?", (digest,))

        await self._store.change(write)

    def _visitor(self, session: str, bearer: str | None) -> Visitor:
        stored = self._stored()
        if stored is None and not self._places.is_reachable:
            return Visitor(may_enter=True, is_program=bearer is not None)
        with self._store.read() as connection:
            if bearer is not None:
                known = connection.execute(
                    "SELECT 1 FROM api_tokens WHERE digest = ?", (_digest(bearer),)
                ).fetchone()
                return Visitor(may_enter=known is not None, is_program=True)
            found = connection.execute(
                "SELECT 1 FROM logins WHERE digest = ? AND expires > ? AND proof = ?",
                (_digest(session), self._store.clock(), _digest(stored or "")),
            ).fetchone()
        if found is None or stored is None:
            return Visitor(may_enter=False)
        return Visitor(may_enter=True, session=session)

    def _stored(self) -> str | None:
        """Give the hash of the password that is asked for; None where there is none."""
        if self._given is not None:
            if self._own is None:  # the same salt each time, so that logins outlive a restart
                salt = _digest(self._store.project().keys[0].public_key)
                self._own = hashed(self._given, salt[:16])
            return self._own
        with self._store.read() as connection:
            row = connection.execute("SELECT hash FROM passwords").fetchone()
        return row[0] if row else None


def set_password(connection: sqlite3.Connection, password: str | None, now: float) -> None:
    """Ask for this password from now on, or for none; whoever is logged in is not any more."""
    connection.execute("DELETE FROM logins")
    connection.execute("DELETE FROM passwords")
    if password is not None:
        connection.execute("INSERT INTO passwords VALUES (1, ?, ?)", (hashed(password), now))


def create_token(connection: sqlite3.Connection, label: str, now: float) -> str:
    """Make a token for a program; this is the only time that it can be read."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    connection.execute(
        "INSERT INTO api_tokens (label, digest, created) VALUES (?, ?, ?)",
        (label, _digest(token), now),
    )
    return token


def tokens_of(connection: sqlite3.Connection) -> list[tuple[int, str, float]]:
    """List tokens: number, label, when made."""
    rows = connection.execute("SELECT id, label, created FROM api_tokens ORDER BY id")
    return [(row[0], row[1], row[2]) for row in rows]


def revoke_token(connection: sqlite3.Connection, number: int) -> bool:
    """Let a token open nothing from now on; tells whether there was one."""
    return connection.execute("DELETE FROM api_tokens WHERE id = ?", (number,)).rowcount > 0


def _digest(text: str) -> bytes:
    """Digest what is too long to guess; a stolen file opens nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
