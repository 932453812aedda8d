"""The login page, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from tux.station.access.visitors import LASTS, VISITOR
from tux.station.guards import cookie_name
from tux.station.pages.rendering import Site, View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tux.station.access.places import Places
    from tux.station.access.visitors import Access
    from tux.station.pages.rendering import Ask
    from tux.station.store import Store

LONGEST_PASSWORD: Final = 1000


def routes(store: Store, access: Access, places: Places) -> list[web.RouteDef]:
    """List the routes."""
    door = Door(Site(store), access, places)
    return [
        web.get("/login", door.show),
        web.post("/login", door.log_in),
        web.post("/logout", door.log_out),
    ]


class Door:
    """Lets people in and out."""

    def __init__(self, site: Site, access: Access, places: Places) -> None:
        self._site, self._access, self._places = site, access, places

    async def show(self, request: web.Request) -> web.Response:
        """Ask for the password; whoever needs none is led on."""
        if request[VISITOR].may_enter:
            return _led_to(request.query)
        return await self._site.page(_asking())(request)

    async def log_in(self, request: web.Request) -> web.Response:
        """Look at a password."""
        password = (await request.post()).get("password")
        given = password[:LONGEST_PASSWORD] if isinstance(password, str) else ""
        found = await self._access.log_in(given, self._who(request))
        if isinstance(found, float):
            answer = await self._site.page(_asking(found))(request)
            if found:
                answer.headers["Retry-After"] = str(int(found) + 1)
            return answer
        answer = _led_to(request.query)
        answer.set_cookie(
            cookie_name(self._places),
            found,
            max_age=int(LASTS),
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._places.is_https,
        )
        return answer

    async def log_out(self, request: web.Request) -> web.Response:
        """End the login, here and in the store."""
        await self._access.log_out(request[VISITOR].session)
        answer = web.Response(status=303, headers={"Location": "/login"})
        answer.del_cookie(
            cookie_name(self._places),
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._places.is_https,
        )
        return answer

    def _who(self, request: web.Request) -> str:
        """Name who guesses: behind a proxy, whom the proxy names last."""
        forwarded = request.headers.get("X-Forwarded-For", "")
        if self._places.is_proxied and forwarded:
            return forwarded.rpartition(",")[2].strip()[:64]
        return request.remote or ""


def _asking(wait: float | None = None) -> Ask:
    """Make the view of the login page; ``wait`` is given after a wrong password."""
    status = {None: 200, 0.0: 403}.get(wait, 429)
    return lambda _connection, _asked: View("login.html", {"wait": wait}, status)


def _led_to(query: Mapping[str, str]) -> web.Response:
    """Lead on to where somebody wanted to go, on this station only."""
    wanted = query.get("next", "/")
    is_here = (
        wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    )
    return web.Response(status=303, headers={"Location": wanted if is_here else "/"})
