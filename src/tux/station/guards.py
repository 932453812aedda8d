"""What holds for every route: who may ask, what the browser may do, how a refusal looks."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web
from loguru import logger

from tux.station.access.forms import FIELD, TOKEN, FormTokens, is_own
from tux.station.access.places import ADDRESS
from tux.station.access.visitors import VISITOR
from tux.station.errors import (
    LONGEST_ADDRESS,
    AddressTooLongError,
    ExpectationRefusedError,
    FormRefusedError,
    HostRefusedError,
    LoginMissingError,
    MethodRefusedError,
    NotThereError,
    RateLimitedError,
    RequestRefusedError,
    TooLargeError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

    from tux.station.access.places import Places
    from tux.station.access.visitors import Access, Visitor

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
    Refuse = Callable[[web.Request, RequestRefusedError], Awaitable[web.Response]]

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        "connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Others learn nothing; our own forms say where they come from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SERVER = "tux"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OF_CLIENTS = "/api/{project}/"
"""What the addresses begin with that SDKs send to: a key opens these, not a form."""
OPEN_TO_ALL = frozenset({"/health", "/login"})
FILES = "/static/"
LONGEST_NEXT = 500
ANSWERED_WITH_DATA = ("/api/", "/data/")
_NOT_FOUND = 404


def guard(access: Access, places: Places, refused: Refuse) -> Middleware:
    """Make the middleware of a station that is reached at these places.

    Args:
        access: who may enter.
        places: where the station is reached.
        refused: makes the page that a person sees where a program is answered with data.
    """
    forms = FormTokens()

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            _check_host(request, places)
            if _is_of_clients(request):
                return await handler(request)
            visitor = await _visitor(request, access, places)
            request[TOKEN] = forms.token(visitor.session)
            request[VISITOR] = visitor
            request[ADDRESS] = places.base(request.scheme, request.host)
            if not visitor.may_enter and not _is_open(request.path):
                return _to_login(request)
            _check_length(request)
            if request.method not in SAFE_METHODS:
                await _check_form(request, forms, visitor, places)
            return await handler(request)
        except RequestRefusedError as error:
            fault = error
        except web.HTTPException as error:
            if (found := refusal_of(error)) is None:
                raise
            fault = found
        except Exception as error:  # noqa: BLE001  # the last seam: a client never sees a traceback
            return failure(request.match_info.route.resource, error)
        return await refused(request, fault) if _is_of_person(request) else refusal(fault)

    return guarded


def cookie_name(places: Places) -> str:
    """Name the cookie of a login; a browser keeps one with this prefix to its own host."""
    return "__Host-tux" if places.is_https else "tux"


def refusal(error: RequestRefusedError) -> web.Response:
    """Answer as Sentry does: the reason in the body, and in a header for clients that log it."""
    header = ": ".join((error.detail, *error.causes))
    headers = {"X-Sentry-Error": header.encode("ascii", "replace").decode()[:500]}
    if isinstance(error, LoginMissingError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, UnavailableError):  # come again soon
        headers["Retry-After"] = "1"
    if isinstance(error, RateLimitedError):
        headers["Retry-After"] = str(error.seconds)
        headers["X-Sentry-Rate-Limits"] = f"{error.seconds}::key:key_quota"
    if isinstance(error, MethodRefusedError):
        headers["Allow"] = ", ".join(error.allowed)
    body = {"detail": error.detail, "causes": list(error.causes)}
    return web.json_response(body, status=error.status, headers=headers)


def refusal_of(error: web.HTTPException) -> RequestRefusedError | None:
    """Say in our words what aiohttp refuses, whose own may quote what came; None where it refuses nothing."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        return MethodRefusedError(tuple(sorted(error.allowed_methods)))
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return TooLargeError("the form is too large")
    if isinstance(error, web.HTTPExpectationFailed):
        return ExpectationRefusedError("nothing but 100-continue can be expected")
    return NotThereError("there is no such address") if error.status == _NOT_FOUND else None


def failure(place: object, error: Exception) -> web.Response:
    """Answer where the station is at fault, which our log is told of: the type only.

    A message may quote the event.
    """
    logger.error("the station failed at {}: {}", place, type(error).__name__)
    return web.json_response({"detail": "internal error", "causes": []}, status=500)


def is_host_ours(request: web.BaseRequest, places: Places) -> bool:
    """Tell whether the Host header, of which there must be one, names this station."""
    given = request.headers.getall("Host", [])
    return len(given) == 1 and places.answers_to(given[0].lower())


async def set_security_headers(_request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Tell the browser to run nothing, to guess nothing, and to tell nobody."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = SERVER


def _is_of_clients(request: web.Request) -> bool:
    resource = request.match_info.route.resource
    return resource is not None and resource.canonical.startswith(OF_CLIENTS)


async def _visitor(request: web.Request, access: Access, places: Places) -> Visitor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else None
    return await access.visitor(request.cookies.get(cookie_name(places), ""), bearer)


def _is_open(path: str) -> bool:
    return path in OPEN_TO_ALL or path.startswith(FILES)


def _to_login(request: web.Request) -> web.Response:
    """Ask for the password.

    Raises:
        LoginMissingError: whoever asks is a program, or something is lost on the way there.
    """
    if request.method in SAFE_METHODS and not request.path.startswith(ANSWERED_WITH_DATA):
        query = urlencode({"next": request.path_qs[:LONGEST_NEXT]})
        return web.Response(status=303, headers={"Location": f"/login?{query}"})
    raise LoginMissingError("log in, or send a token: Authorization: Bearer …")


def _is_of_person(request: web.Request) -> bool:
    """Tell whether somebody looks at the answer; a page needs to know who."""
    wants_page = "text/html" in request.headers.get("Accept", "")
    return wants_page and TOKEN in request and not request.path.startswith(ANSWERED_WITH_DATA)


async def _check_form(
    request: web.Request, forms: FormTokens, visitor: Visitor, places: Places
) -> None:
    """Refuse whatever would change something and does not come from a page of ours."""
    if request.match_info.route.resource is None:
        return  # there is nothing there
    if not is_own(request.headers, {f"{request.scheme}://{request.host}", *places.origins}):
        raise FormRefusedError("this came from another site")
    if visitor.is_program or _is_json(request):
        return
    if not forms.matches((await request.post()).get(FIELD), visitor.session):
        raise FormRefusedError("this form is of another time or place", "reload its page")


def _check_length(request: web.Request) -> None:
    if len(request.raw_path) > LONGEST_ADDRESS:
        raise AddressTooLongError


def _is_json(request: web.Request) -> bool:
    """Tell what no form can send: a page elsewhere would have to ask us first, and hears no."""
    return request.path.startswith("/api/") and request.content_type == "application/json"


def _check_host(request: web.Request, places: Places) -> None:
    if not is_host_ours(request, places):
        raise HostRefusedError(
            "this station answers on its own address only", "STATION_URL names another one"
        )
