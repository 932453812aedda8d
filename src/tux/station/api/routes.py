"""The API's routes, made from its table."""

from __future__ import annotations

import asyncio
import json
from functools import cache, partial
from typing import TYPE_CHECKING, Final, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tux import __version__
from tux.station.access.forms import TOKEN
from tux.station.access.places import ADDRESS
from tux.station.access.visitors import VISITOR
from tux.station.api.endpoints import BASE, CHANGES, endpoints
from tux.station.api.openapi import adapter_of, document
from tux.station.errors import MalformedError, NotThereError
from tux.station.pages.rendering import Asked
from tux.station.store.triage import Decision, decide

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tux.shared.settings import StationSettings
    from tux.station.api.endpoints import Change, Endpoint, Parameter
    from tux.station.store import Store

    Handler = Callable[[web.Request], Awaitable[web.Response]]

LONGEST: Final = 200
LONGEST_BODY: Final = 4096
HEADERS: Final = {"Cache-Control": "no-store"}


def routes(store: Store, settings: StationSettings) -> list[web.RouteDef]:
    """List the routes."""
    reads = endpoints(settings)

    @cache
    def told() -> bytes:  # seldom asked for, and it takes a while
        return json.dumps(document(reads, __version__), indent=1).encode()

    async def described(_request: web.Request) -> web.Response:
        body = await asyncio.to_thread(told)
        return web.Response(body=body, content_type="application/json")

    return [
        web.get(f"{BASE}/openapi.json", described),
        *(web.get(one.route, _reading(store, one)) for one in reads),
        *(web.put(one.route, _changing(store, one)) for one in CHANGES),
        web.route("*", f"{BASE}/{{rest:.*}}", _nothing),
    ]


def _reading(store: Store, endpoint: Endpoint) -> Handler:
    answer = _answering(store, endpoint)

    async def handler(request: web.Request) -> web.Response:
        return await answer(_asked(request, store, endpoint))

    return handler


def _changing(store: Store, change: Change) -> Handler:
    answer = _answering(store, change)

    async def handler(request: web.Request) -> web.Response:
        asked = _asked(request, store, change)
        decision = await _decision(request, asked.now)
        number = int(asked.match["issue"])
        await store.change(partial(decide, issues=[number], decision=decision))
        return await answer(asked)

    return handler


def _answering(store: Store, endpoint: Endpoint) -> Callable[[Asked], Awaitable[web.Response]]:
    adapter = adapter_of(endpoint.model)

    async def answer(asked: Asked) -> web.Response:
        def read() -> bytes | None:
            with store.read() as connection:
                found = endpoint.ask(connection, asked)
            return None if found is None else adapter.dump_json(found, warnings=False)

        body = await asyncio.to_thread(read)
        if body is None:
            raise NotThereError("there is no such thing, or no longer")
        return web.Response(body=body, content_type="application/json", headers=HEADERS)

    return answer


async def _nothing(_request: web.Request) -> web.Response:
    raise NotThereError("the API has no such address", f"{BASE}/openapi.json lists them")


class _Decided(BaseModel):
    """What is sent to change an issue."""

    model_config = ConfigDict(extra="forbid", strict=True)

    status: Literal["resolved", "unresolved", "ignored"]
    in_next_release: bool = False
    seconds: float | None = Field(None, gt=0, le=1e9)
    events: int | None = Field(None, ge=1, le=10**9)


async def _decision(request: web.Request, now: float) -> Decision:
    """Read what is to become of an issue."""
    try:
        given = _Decided.model_validate_json(await request.content.read(LONGEST_BODY))
    except ValidationError as error:
        told = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
        raise MalformedError("that is no decision about an issue", *told) from None
    who = "a program" if request[VISITOR].is_program else "a person"
    return Decision(
        given.status,
        who,
        now,
        in_next_release=given.in_next_release,
        seconds=given.seconds,
        events=given.events,
    )


def _asked(request: web.Request, store: Store, endpoint: Endpoint) -> Asked:
    """Read what is asked for; a word that is unknown or wrong is told, not passed by."""
    known = {word.name: word for word in endpoint.parameters}
    query = {}
    for name in request.query:
        if name not in known:
            told = ", ".join(known) or "none"
            raise MalformedError("an unknown parameter", f"there are: {told}")
        query[name] = _checked(known[name], request.query[name])
    usual = known["range"].choices[0] if "range" in known else "24h"
    query.setdefault("range", usual)
    return Asked(
        path=request.path,
        match=request.match_info,
        query=query,
        now=store.clock(),
        base=request[ADDRESS],
        dsn="",
        csrf=request[TOKEN],
    )


def _checked(word: Parameter, given: str) -> str:
    if word.choices and given not in word.choices:
        raise MalformedError(f"{word.name} is wrong", f"one of {', '.join(word.choices)}")
    if word.is_number and not (given.isascii() and given.isdigit() and 0 < len(given) < 9):  # noqa: PLR2004  # far past the last
        raise MalformedError(f"{word.name} is wrong", "a whole number from 1")
    if len(given) > LONGEST:
        raise MalformedError(f"{word.name} is too long", f"at most {LONGEST} characters")
    return given
