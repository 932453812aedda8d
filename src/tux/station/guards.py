"""What holds for every route: who may ask, what the browser may do, how a refusal looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from loguru import logger

from tux.station.access.forms import FIELD, TOKEN, FormTokens, is_own
from tux.station.errors import FormRefusedError, HostRefusedError, RequestRefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Others learn nothing; our own forms say where they come from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OF_CLIENTS = "/api/{project}/"
"""What the addresses begin with that SDKs send to: a key opens these, not a form."""


def guard(host: str) -> Middleware:
    """Make the middleware of a station that listens on ``host``."""
    names = LOCAL_NAMES | {f"[{host}]" if ":" in host else host}
    forms = FormTokens()

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            _check_host(request, names)
            request[TOKEN] = forms.token("")
            await _check_form(request, forms)
            return await handler(request)
        except RequestRefusedError as error:
            return refusal(error)
        except web.HTTPException:
            raise
        except Exception as error:  # noqa: BLE001  # the last seam: a client never sees a traceback
            # The type only: a message may quote the event.
            place = request.match_info.route.resource
            logger.error("the station failed at {}: {}", place, type(error).__name__)
            return web.json_response({"detail": "internal error", "causes": []}, status=500)

    return guarded


def refusal(error: RequestRefusedError) -> web.Response:
    """Answer as Sentry does: the reason in the body, and in a header for clients that log it."""
    header = ": ".join((error.detail, *error.causes))
    headers = {"X-Sentry-Error": header.encode("ascii", "replace").decode()[:500]}
    if error.status == 503:  # noqa: PLR2004  # come again soon
        headers["Retry-After"] = "1"
    body = {"detail": error.detail, "causes": list(error.causes)}
    return web.json_response(body, status=error.status, headers=headers)


async def set_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Tell the browser to run nothing, to guess nothing, and to tell nobody."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "tux"


async def _check_form(request: web.Request, forms: FormTokens) -> None:
    """Refuse whatever would change something and does not come from a page of ours."""
    resource = request.match_info.route.resource
    if (
        request.method in SAFE_METHODS
        or resource is None  # there is nothing there
        or resource.canonical.startswith(OF_CLIENTS)
    ):
        return
    if not is_own(request.headers, {f"{request.scheme}://{request.host}"}):
        raise FormRefusedError("this came from another site")
    if not forms.matches((await request.post()).get(FIELD), ""):
        raise FormRefusedError("this form is of another time or place", "reload its page")


def _check_host(request: web.Request, names: frozenset[str]) -> None:
    """Refuse a request for another host.

    A page elsewhere can point its own name at 127.0.0.1 and then read our answers as its own
    (DNS rebinding); the Host header is what gives it away.
    """
    given = request.headers.getall("Host", [])
    name = given[0].lower() if len(given) == 1 else ""
    bare = name.rpartition(":")[0] if name.rpartition(":")[2].isdigit() else name
    if bare not in names:
        raise HostRefusedError("this station answers on its own address only")
