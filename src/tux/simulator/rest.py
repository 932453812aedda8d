"""The REST API: authorization, faults, rate limits and errors around the routes."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aiohttp import web

from tux.simulator import (
    routes_channels,
    routes_commands,
    routes_guilds,
    routes_interactions,
    routes_reactions,
    routes_users,
)
from tux.simulator.calls import Call, Handler
from tux.simulator.errors import REFUSALS, ApiError
from tux.simulator.faults import Fault, Faults
from tux.simulator.rate_limits import RateLimit, RateLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tux.simulator.model import Json
    from tux.simulator.state import State

logger = logging.getLogger(__name__)

BASE = "/api/v10"
REQUESTS_KEPT = 10_000
TOKEN_IN_PATH = ("/interactions/", "/webhooks/")
"""Routes that need no Authorization: their path holds a secret."""
ROUTES = {
    **routes_users.ROUTES,
    **routes_channels.ROUTES,
    **routes_reactions.ROUTES,
    **routes_guilds.ROUTES,
    **routes_commands.ROUTES,
    **routes_interactions.ROUTES,
}


@dataclass(frozen=True, slots=True)
class Request:
    """A REST request that was seen."""

    method: str
    route: str
    """Route template; empty where there is no such route."""
    path: str
    """Path as sent, after the API's base."""
    query: Mapping[str, str]
    body: Any
    reason: str | None
    """For the audit log."""


class Rest:
    """Answers REST requests out of the state."""

    def __init__(self, state: State, limit: RateLimit) -> None:
        self.token = ""
        self.url = ""
        self.faults = Faults()
        self.requests: deque[Request] = deque(maxlen=REQUESTS_KEPT)
        """The latest requests, oldest first."""
        self._state = state
        self._limits = RateLimits(limit, state.clock)

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        for (method, path), handler in ROUTES.items():
            app.router.add_route(method, BASE + path, self._entry(path, handler))
        app.router.add_route("*", BASE + "/{tail:.*}", self._unknown)

    def _entry(self, path: str, handler: Handler) -> Any:
        async def entry(request: web.Request) -> web.StreamResponse:
            try:
                return await self._answer(request, path, handler)
            except ApiError as error:
                return _json(error.status, _refusal(error))

        return entry

    async def _answer(
        self, request: web.Request, path: str, handler: Handler
    ) -> web.StreamResponse:
        body, files = await _read(request)
        reason = request.headers.get("X-Audit-Log-Reason")
        reason = None if reason is None else unquote(reason)
        self._note(request, path, body, reason)
        if not path.startswith(TOKEN_IN_PATH) and path != "/gateway" and not self._knows(request):
            return _json(401, {"message": "401: Unauthorized", "code": 0})
        fault = self.faults.take(request.method, path)
        if fault is not None and (failed := await _fail(request, fault)) is not None:
            return failed
        verdict = self._limits.count(request.method, path, request.match_info)
        if not verdict.passes:
            return _limited(verdict.retry_after, "user", verdict.headers)
        call = Call(
            self._state,
            self.url,
            request.method,
            path,
            request.match_info,
            request.query,
            body,
            reason,
            files,
        )
        try:
            answer = await handler(call)
        except ApiError as error:
            return _json(error.status, _refusal(error), verdict.headers)
        return _json(204 if answer is None else 200, answer, verdict.headers)

    def _note(self, request: web.Request, route: str, body: Any, reason: str | None) -> None:
        path, query = request.path.removeprefix(BASE), dict(request.query)
        self.requests.append(Request(request.method, route, path, query, body, reason))

    def _knows(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bot {self.token}"

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix(BASE)
        logger.warning("the local Discord has no route %s %s", request.method, path)
        self._note(request, "", None, None)
        return _json(404, {"message": "404: Not Found", "code": 0})


def _refusal(error: ApiError) -> Json:
    body: Json = {"message": error.reason, "code": error.code}
    return body if error.errors is None else {**body, "errors": error.errors}


async def _read(request: web.Request) -> tuple[Any, tuple[Json, ...]]:
    """Read the JSON and the files of a body."""
    if request.content_type == "multipart/form-data":
        return await _read_form(request)
    text = await request.text()
    try:
        return (json.loads(text) if text else {}), ()
    except ValueError:
        raise ApiError(50109) from None


async def _read_form(request: web.Request) -> tuple[Any, tuple[Json, ...]]:
    form = await request.post()
    body: Any = {}
    files: list[Json] = []
    for name, value in form.items():
        if name == "payload_json":
            body = json.loads(str(value))
        elif isinstance(value, web.FileField):
            url = f"{request.url.origin()}/attachments/{value.filename}"
            files.append(
                {
                    "id": str(len(files) + 1),
                    "filename": value.filename,
                    "size": len(value.file.read()),
                    "url": url,
                    "proxy_url": url,
                    "content_type": value.content_type,
                }
            )
    return body, tuple(files)


async def _fail(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    """Do what a fault orders; None lets the request go on."""
    await asyncio.sleep(fault.delay)
    if fault.drop and request.transport is not None:
        request.transport.abort()
        return web.Response(status=500)
    if fault.status is None:
        return None
    if not fault.via:
        return _turned_away(fault.status, fault.retry_after)
    if fault.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _limited(fault.retry_after, fault.scope, {})
    text = REFUSALS[fault.code][1] if fault.code in REFUSALS else HTTPStatus(fault.status).phrase
    return _json(fault.status, {"message": text, "code": fault.code})


def _turned_away(status: int, seconds: float) -> web.Response:
    """Answer as Cloudflare does before a request comes to Discord."""
    banned = status == HTTPStatus.TOO_MANY_REQUESTS
    # https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/
    text = f"error code: {1015 if banned else status}"
    headers = {"Retry-After": str(math.ceil(seconds))} if banned else {}
    return web.Response(status=status, headers={**headers, "Server": "cloudflare"}, text=text)


def _limited(seconds: float, scope: str, headers: dict[str, str]) -> web.Response:
    is_global = scope == "global"
    more = {
        **headers,
        "Retry-After": f"{seconds:.3f}",
        "X-RateLimit-Scope": scope,
        **({"X-RateLimit-Global": "true"} if is_global else {}),
    }
    body = {
        "message": "You are being rate limited.",
        "retry_after": seconds,
        "global": is_global,
        "code": 0,
    }
    return _json(429, body, more)


def _json(status: int, body: object, headers: dict[str, str] | None = None) -> web.Response:
    # discord.py 2.7.1 takes a 429 without Via for a ban by Cloudflare, and reads JSON only where
    # the content type is exactly this one (http.py).
    more = {**(headers or {}), "Via": "1.1 local"}
    if status == HTTPStatus.NO_CONTENT:
        return web.Response(status=status, headers=more)
    more["Content-Type"] = "application/json"
    return web.Response(status=status, body=json.dumps(body).encode(), headers=more)
