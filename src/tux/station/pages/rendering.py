"""Questions of a browser → pages: a view says what, this says how."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from tux.station.access.forms import TOKEN
from tux.station.access.places import ADDRESS
from tux.station.access.visitors import VISITOR
from tux.station.pages import display
from tux.station.queries.ranges import RANGES, Range, range_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Mapping

    from tux.station.errors import RequestRefusedError
    from tux.station.store import Store

LAST_PAGE: Final = 10_000
LONGEST_QUERY: Final = 500
SHEETS: Final = ("style.css", "tables.css", "charts.css", "events.css")
STATIC: Final = {
    **dict.fromkeys(SHEETS, "text/css"),
    "issues.css": "text/css",
    "favicon.svg": "image/svg+xml",
    "live.js": "text/javascript",
}
"""Files that are served beside the pages, and what they are."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser asks for."""

    path: str
    match: Mapping[str, str]
    query: Mapping[str, str]
    now: float
    base: str
    """Address of the station, as the browser knows it."""
    dsn: str
    csrf: str
    """Token of this page's forms."""
    is_logged_in: bool = False
    """Whether there is a login that can be ended."""

    @property
    def range(self) -> Range:
        """The span of time that was chosen."""
        return range_of(self.query.get("range"))

    @property
    def since(self) -> float:
        """Where that span begins."""
        return self.range.since(self.now)

    @property
    def page(self) -> int:
        """The page of a list, counted from 1."""
        given = self.query.get("page", "")
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 1  # noqa: PLR2004  # far past the last
        return min(max(number, 1), LAST_PAGE)

    @property
    def window(self) -> tuple[float, float] | None:
        """The bucket of a chart that was clicked on."""
        begin, end = (_moment(self.query.get(name, "")) for name in ("from", "to"))
        return (begin, end) if begin is not None and end is not None and begin < end else None

    def word(self, name: str) -> str:
        """Return what somebody looks for."""
        return self.query.get(name, "").strip()[:LONGEST_QUERY]

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Return one of a few words; the first where another one came."""
        given = self.query.get(name, "")
        return given if given in choices else choices[0]

    def link(self, **changes: object) -> str:
        """Make the address of this page with other parameters; None takes one away."""
        merged = {**self.query, **changes}
        kept = {key: str(value)[:LONGEST_QUERY] for key, value in merged.items() if value}
        return f"?{urlencode(kept)}" if kept else self.path


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows: a template, and the facts for it."""

    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is no page: a chart, a document."""

    body: bytes
    content_type: str
    filename: str | None = None
    """What a browser saves it as, instead of showing it."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An answer that leads to another page."""

    path: str


Ask: TypeAlias = "Callable[[sqlite3.Connection, Asked], View | Raw | Elsewhere]"
Handler: TypeAlias = "Callable[[web.Request], Awaitable[web.Response]]"


def _moment(given: str) -> float | None:
    is_number = given.isascii() and given.isdigit() and len(given) < 12  # noqa: PLR2004  # far ahead
    return float(given) if is_number else None


def missing(what: str) -> View:
    """Say that there is no such thing, or no longer."""
    return View("missing.html", {"what": what}, 404)


class Site:
    """Answers browsers from a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._static = statics()
        self._templates = environment()

    def page(self, ask: Ask) -> Handler:
        """Make the handler of a view: reading and rendering happen in a worker thread."""

        async def handler(request: web.Request) -> web.Response:
            base = request[ADDRESS]
            asked = Asked(
                path=request.path,
                match=request.match_info,
                query={key: request.query[key] for key in request.query},
                now=self._store.clock(),
                base=base,
                dsn=self._store.dsn(base),
                csrf=request[TOKEN],
                is_logged_in=bool(request[VISITOR].session),
            )
            return await asyncio.to_thread(self.answer, ask, asked)

        return handler

    async def refused(self, request: web.Request, error: RequestRefusedError) -> web.Response:
        """Tell a person that something was not done, and why."""
        facts = {"detail": error.detail, "causes": error.causes, "status": error.status}
        return await self.page(lambda _, _asked: View("refused.html", facts, error.status))(request)

    async def static(self, request: web.Request) -> web.Response:
        """Serve a file of the pages."""
        name = request.match_info["name"]
        return web.Response(
            body=self._static[name],
            content_type=STATIC[name],
            headers={"Cache-Control": "public, max-age=86400"},
        )

    def answer(self, ask: Ask, asked: Asked) -> web.Response:
        """Read and render; for worker threads."""
        with self._store.read() as connection:
            found = ask(connection, asked)
        # Events are for whoever sits here, now: no copy on the disk of the browser.
        headers = {"Cache-Control": "no-store"}
        if isinstance(found, Elsewhere):
            return web.Response(status=303, headers={**headers, "Location": found.path})
        if isinstance(found, Raw):
            if found.filename is not None:
                headers["Content-Disposition"] = f'attachment; filename="{found.filename}"'
            charset = "utf-8" if found.content_type == "text/plain" else None
            return web.Response(
                body=found.body, content_type=found.content_type, charset=charset, headers=headers
            )
        common = {"now": asked.now, "asked": asked, "ranges": tuple(RANGES)}
        facts = {**common, "outage": self._store.outage.reason, **found.facts}
        return web.Response(
            body=self._templates.get_template(found.template).render(facts).encode(),
            status=found.status,
            content_type="text/html",
            charset="utf-8",
            headers=headers,
        )


@cache
def statics() -> dict[str, bytes]:
    """Read the files that are served beside the pages."""
    folder = files("tux.station.pages") / "static"
    return {name: (folder / name).read_bytes() for name in STATIC}


@cache
def environment() -> Environment:
    """Make the templates' surroundings: everything is escaped, nothing unknown is ignored."""
    made = Environment(
        loader=PackageLoader("tux.station.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=display.shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    digest = hashlib.sha256(b"".join(statics().values())).hexdigest()
    # A browser keeps a file for a day, and takes another one after an update.
    made.globals |= {"version": digest[:12], "sheets": SHEETS}
    made.filters.update(
        ago=display.ago,
        clipped=display.clipped,
        clock=display.clock,
        counted=display.counted,
        duration=display.duration,
        iso=display.iso,
        number=display.count,
        percent=display.percent,
        size=display.size,
        short_release=display.short_release,
        tone=display.tone,
        utc=display.utc,
        web_address=display.web_address,
    )
    return made
