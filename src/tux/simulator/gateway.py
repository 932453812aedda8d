"""The gateway: one WebSocket for each shard of a bot, gateway v10, JSON in text frames."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tux.simulator.connection import Connection
from tux.simulator.events import PRESENCES, Event
from tux.simulator.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.simulator.model import Json
    from tux.simulator.state import State

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS = 1, 2, 3, 4, 6, 7, 8
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes, gateway v10."""
UNKNOWN_ERROR, UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED = 4000, 4001, 4002, 4003
AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED, INVALID_SEQUENCE = 4004, 4005, 4007
SESSION_TIMED_OUT = 4009
GOING_AWAY = 1001
ENDS_SESSION = frozenset({1000, 1001})
"""Close codes with which a client gives its session up."""
CHUNK = 1000
MISSED_BEATS = 2.5
"""A client that was not heard for so many intervals is gone."""
ACK_SECONDS = 0.02
"""An answer to a heartbeat is that long on its way at least. One that is back before the thread which
asked has noted when it did is taken for the answer to the beat before: late by a whole interval."""


class Gateway:
    """Holds the sessions and tells them of events."""

    def __init__(self, state: State, heartbeat_seconds: float) -> None:
        self.token = ""
        self.url = ""
        self.ready = asyncio.Event()
        """Set while a bot is connected and knows its guilds."""
        self._state = state
        self._heartbeat = heartbeat_seconds
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()
        self._operations: dict[int, Callable[[Connection, Json], None]] = {
            HEARTBEAT: self._beat,
            IDENTIFY: self._identify,
            PRESENCE: self._accept,
            VOICE: self._accept,
            RESUME: self._resume,
            MEMBERS: self._members,
        }
        state.dispatch = self.dispatch

    def dispatch(self, event: Event) -> None:
        """Send an event to every session that wants it."""
        now = self._state.clock()
        for session in list(self._sessions.values()):
            if session.has_expired(now):
                del self._sessions[session.id]
            elif session.wants(event):
                session.tell(event.name, event.data)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one client until it goes."""
        socket = web.WebSocketResponse(compress=False, max_msg_size=0, timeout=1.0)
        await socket.prepare(request)
        connection = Connection(socket, request)
        self._connections.add(connection)
        try:
            connection.operate(HELLO, {"heartbeat_interval": int(self._heartbeat * 1000)})
            await self._listen(connection, socket)
        finally:
            self._connections.discard(connection)
            await connection.stop()
            self._leave(connection, socket.close_code)
        return socket

    async def _listen(self, connection: Connection, socket: web.WebSocketResponse) -> None:
        while True:
            try:
                message = await socket.receive(timeout=self._heartbeat * MISSED_BEATS)
            except TimeoutError:
                connection.close(SESSION_TIMED_OUT)
                continue
            if message.type is not WSMsgType.TEXT:
                return
            self._take(connection, message.data)

    def _take(self, connection: Connection, text: str) -> None:
        try:
            frame = json.loads(text)
            operation, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            connection.close(DECODE_ERROR)
            return
        if operation not in self._operations:
            connection.close(UNKNOWN_OPCODE)
        elif connection.session is None and operation not in {HEARTBEAT, IDENTIFY, RESUME}:
            connection.close(NOT_AUTHENTICATED)
        else:
            self._operations[operation](connection, data)

    def _leave(self, connection: Connection, code: int | None) -> None:
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        session.lost_at = self._state.clock()
        if code in ENDS_SESSION and not connection.closed_by_us:
            self._sessions.pop(session.id, None)
        if not any(other.connection for other in self._sessions.values()):
            self.ready.clear()

    def _accept(self, _connection: Connection, _data: Json) -> None:
        """Take a presence or a voice state, which nobody looks at."""

    def _beat(self, connection: Connection, _data: Json) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(ACK_SECONDS, connection.operate, HEARTBEAT_ACK, None)

    def _identify(self, connection: Connection, data: Json) -> None:
        if data.get("token") != self.token:
            connection.close(AUTHENTICATION_FAILED)
            return
        if connection.session is not None:
            connection.close(ALREADY_AUTHENTICATED)
            return
        number, count = data.get("shard") or (0, 1)
        session = Session(int(data.get("intents", 0)), (number, count))
        self._attach(connection, session)
        guilds = [guild for guild in self._state.guilds.values() if session.covers(guild.id)]
        bot = self._state.bot
        session.tell(
            "READY",
            {
                "v": 10,
                "user": bot.own_payload(),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": self.url,
                "shard": [number, count],
                "application": {"id": str(bot.id), "flags": 0},
                "private_channels": [],
                "relationships": [],
                "_trace": [],
            },
        )
        few = int(data.get("large_threshold", 50))
        for guild in guilds:
            everybody = bool(session.intents & PRESENCES) and len(guild.members) <= few
            session.tell("GUILD_CREATE", guild.event(everybody=everybody))
        self.ready.set()

    def _attach(self, connection: Connection, session: Session) -> None:
        self._sessions[session.id] = session
        connection.session = session
        session.connection = connection
        session.lost_at = None

    def _resume(self, connection: Connection, data: Json) -> None:
        if data.get("token") != self.token:
            connection.close(AUTHENTICATION_FAILED)
            return
        session = self._sessions.get(str(data.get("session_id")))
        sequence = int(data.get("seq") or 0)
        if session is None or session.has_expired(self._state.clock()):
            connection.operate(INVALID_SESSION, data=False)
            return
        if sequence > session.sequence:
            connection.close(INVALID_SEQUENCE)
            return
        missed = session.missed(sequence)
        if missed is None:
            del self._sessions[session.id]
            connection.operate(INVALID_SESSION, data=False)
            return
        self._attach(connection, session)
        for text in missed:
            connection.send(text)
        session.tell("RESUMED", {"_trace": []})
        self.ready.set()

    def _members(self, connection: Connection, data: Json) -> None:
        session, guild = connection.session, self._state.guilds.get(int(data["guild_id"]))
        if session is None or guild is None:
            return
        members = list(guild.members.values())
        wanted = data.get("user_ids")
        query = str(data.get("query") or "").lower()
        if wanted is not None:
            numbers = {int(number) for number in (wanted if isinstance(wanted, list) else [wanted])}
            members = [member for member in members if member.id in numbers]
        elif query:
            members = [member for member in members if member.name.lower().startswith(query)]
        members = members[: int(data.get("limit") or 0) or None]
        pages = [members[start : start + CHUNK] for start in range(0, len(members), CHUNK)] or [[]]
        for index, page in enumerate(pages):
            chunk = {
                "guild_id": str(guild.id),
                "members": [member.payload() for member in page],
                "chunk_index": index,
                "chunk_count": len(pages),
                "not_found": [],
                **({"nonce": data["nonce"]} if data.get("nonce") else {}),
            }
            session.tell("GUILD_MEMBERS_CHUNK", chunk)

    def cut(self) -> None:
        """Drop every connection without a word, as a failing network does."""
        self.ready.clear()
        for connection in list(self._connections):
            connection.cut()

    def ask_to_reconnect(self) -> None:
        """Ask every client to come again (op 7)."""
        self.ready.clear()
        for connection in list(self._connections):
            connection.operate(RECONNECT, None)

    def invalidate(self, *, resumable: bool) -> None:
        """Tell every client that its session is over (op 9)."""
        self.ready.clear()
        if not resumable:
            self._sessions = {}
        for connection in list(self._connections):
            connection.operate(INVALID_SESSION, data=resumable)

    def close(self, code: int = GOING_AWAY) -> None:
        """Close every connection."""
        self.ready.clear()
        for connection in list(self._connections):
            connection.close(code)
