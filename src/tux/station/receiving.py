"""The routes of clients: the envelope endpoint, the old store endpoint, and health."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from tux.shared.exceptions import TuxConfigurationError
from tux.station.access.rates import Rates
from tux.station.errors import MalformedError, RateLimitedError, TooLargeError, UnavailableError
from tux.station.wire.fingerprints import Rule, RuleFaultError, rule_of
from tux.station.wire.inflate import Body
from tux.station.wire.ingest import answer_id, discard
from tux.station.wire.limits import BODY, MIB, check_limits
from tux.station.wire.protocol import (
    Envelope,
    Item,
    authenticate,
    key_of_dsn,
    keys_of,
    parse_envelope,
)
from tux.station.wire.rows import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tux.shared.settings import StationSettings
    from tux.station.digesting import Digest
    from tux.station.store import Project, Store
    from tux.station.wire.heads import Head

BODY_SECONDS = 60.0
"""Longest time that one body may take to arrive."""
BYTES_AT_ONCE = 64 * MIB
"""Of all bodies that are being received: many large ones at once must not fill the memory."""


def routes(receiver: Receiver) -> Sequence[web.RouteDef]:
    """List the routes of clients. With and without a slash: clients lose data on a redirect."""
    return [
        *(
            web.post(f"/api/{{project}}/{endpoint}{slash}", handler)
            for endpoint, handler in (("envelope", receiver.envelope), ("store", receiver.event))
            for slash in ("/", "")
        ),
        web.get("/health", receiver.health),
    ]


def rules_of(written: Iterable[str]) -> tuple[Rule, ...]:
    """Read the rules of grouping.

    Raises:
        TuxConfigurationError: some cannot be read; names them all.
    """
    rules, faults = list[Rule](), list[str]()
    for number, one in enumerate(written, 1):
        try:
            rules.append(rule_of(one))
        except RuleFaultError as fault:
            faults.append(f"Rule {number}: {fault}")
    if faults:
        raise TuxConfigurationError("STATION_FINGERPRINTS", " ".join(faults))
    return tuple(rules)


def content_of(event_id: str | None) -> bytes:
    """Tell the id, which is hexadecimal digits and needs no quoting."""
    return b"{}" if event_id is None else b'{"id": "%b"}' % event_id.encode("ascii")


class Receiver:
    """Takes what clients send."""

    def __init__(self, store: Store, settings: StationSettings, digest: Digest) -> None:
        self._store = store
        self._digest = digest
        self._key_rate = settings.key_rate
        self._rates = Rates()
        self._receiving = 0

    async def envelope(self, request: web.Request) -> web.Response:
        """Keep an envelope; answered once it is on disk."""
        project_id = request.match_info["project"]
        project, keys = await self._project(project_id), keys_of(request.headers, request.query)
        if keys:  # whoever has a wrong one is not listened to at all
            authenticate(keys, _live(project))
        content, wire = await self._body(request)
        return _answer(await self._take(project, project_id, keys, content, wire))

    async def take(self, head: Head, body: bytes) -> str | None:
        """Keep an envelope that is here as a whole; returns the id to answer with once it is on disk."""
        project = await self._project(head.project_id)
        if head.keys:
            authenticate(head.keys, _live(project))
        content, wire = _inflated(head.encoding, body)
        return await self._take(project, head.project_id, head.keys, content, wire)

    async def _take(
        self,
        project: Project | None,
        project_id: str,
        keys: Sequence[str],
        content: bytes,
        wire: tuple[str, bytes],
    ) -> str | None:
        envelope = parse_envelope(content)
        if envelope.dsn is not None:
            keys = [*keys, key_of_dsn(envelope.dsn, project_id)]
        if envelope.dsn is not None or not keys:
            authenticate(keys, _live(project))
        await self._admit(project, keys[0], envelope)
        return await self._keep(project, envelope, content, wire)

    async def event(self, request: web.Request) -> web.Response:
        """Keep the single event of a client that does not speak envelopes yet."""
        project = await self._project(request.match_info["project"])
        keys = keys_of(request.headers, request.query)
        key = authenticate(keys, _live(project))
        payload, _ = await self._body(request)
        content = b'{}\n{"type":"event","length":%d}\n%b' % (len(payload), payload)
        envelope = Envelope({}, (Item("event", {}, payload),))
        await self._admit(project, key, envelope)
        return _answer(await self._keep(project, envelope, content, ("", b"")))

    async def health(self, _request: web.Request) -> web.Response:
        """Say whether the process lives and what it is sent can be kept."""
        reason = self._store.outage.reason
        if reason is None:
            return web.json_response({"ok": True})
        said = f"the station's file cannot be written: {reason}"
        return web.json_response({"ok": False, "reason": said}, status=503)

    async def _admit(self, project: Project | None, public_key: str, envelope: Envelope) -> None:
        """Count what a key sends, and what is refused because it is too much.

        Raises:
            RateLimitedError: it is.
        """
        if project is None:
            return
        own = next(key.per_minute for key in project.live_keys if key.public_key == public_key)
        per_minute = self._key_rate if own is None else own
        if seconds := self._rates.wait(public_key, per_minute, self._store.clock()):
            rows = tuple(discard(item, "key_quota", self._store.clock()) for item in envelope.items)
            await self._store.write(Batch(project.id, rows))
            raise RateLimitedError(seconds)

    async def _keep(
        self, project: Project | None, envelope: Envelope, content: bytes, wire: tuple[str, bytes]
    ) -> str | None:
        check_limits(envelope)
        received = self._store.clock()
        encoding, body = wire if wire[1] else ("", content)
        if project is not None and self._digest.may_wait(envelope, len(body)):
            await self._digest.put(project.id, received, encoding, body)
            return envelope.event_id
        rows = self._digest.rows(envelope, content, wire, received)
        if project is not None and rows:
            await self._store.write(Batch(project.id, rows))
        return answer_id(envelope, rows)

    async def _project(self, given: str) -> Project | None:
        """Find the project of the path; one that does not exist is refused like a wrong key."""
        if not (given.isascii() and given.isdigit() and len(given) <= 18):  # noqa: PLR2004  # 64 bits
            raise MalformedError("the project id in the path is not a number")
        try:
            return await self._store.fresh_project(int(given))
        except KeyError:
            return None

    async def _body(self, request: web.BaseRequest) -> tuple[bytes, tuple[str, bytes]]:
        """Receive a body: plain, and with its encoding as it came."""
        if (request.content_length or 0) > BODY:
            raise TooLargeError(f"the body is larger than {BODY} bytes")
        encoding = request.headers.get("Content-Encoding", "")
        if request.content.is_eof():  # there is nothing to wait for
            return _inflated(encoding, request.content.read_nowait())
        body, held = Body(encoding, BODY), 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for chunk in request.content.iter_any():
                    body.feed(chunk)
                    self._receiving += len(body) - held
                    held = len(body)
                    if self._receiving > BYTES_AT_ONCE:
                        raise UnavailableError("too much is being received at once")
            return body.finish(), (body.encoding, body.as_it_came())
        except TimeoutError:
            raise MalformedError("the body did not arrive in time") from None
        finally:
            self._receiving -= held


def _live(project: Project | None) -> list[str]:
    """List the keys that open; one that does not exist is opened by none."""
    return [key.public_key for key in project.live_keys] if project else []


def _inflated(encoding: str, content: bytes) -> tuple[bytes, tuple[str, bytes]]:
    """Give a body plain, and with its encoding as it came."""
    body = Body(encoding, BODY)
    body.feed(content)
    return body.finish(), (body.encoding, body.as_it_came())


def _answer(event_id: str | None) -> web.Response:
    return web.Response(body=content_of(event_id), content_type="application/json")
