"""Sentry's web API over httpx: one request after the other, with its limits and its pages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote, urlsplit

import httpx

from tux.provisioning.routes import READING
from tux.shared.exceptions import (
    TuxAPIConnectionError,
    TuxAPIRequestError,
    TuxAPIResourceNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tux.provisioning.objects import Body
    from tux.shared.settings import SentrySettings

SERVICE: Final = "Sentry"
TIMEOUT: Final = 30.0
LONGEST_WAIT: Final = 60.0
"""Seconds that one 429 may cost; a reset further away is a fault of somebody's clock."""
TRIES: Final = 5
PAGE: Final = 100
MOST_PAGES: Final = 100
_TOLD: Final = 500
"""Characters of an answer that are told."""


class Clock(Protocol):
    """What the client needs of time."""

    def now(self) -> float:
        """Tell Unix seconds."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own."""

    now = staticmethod(time.time)
    sleep = staticmethod(time.sleep)


class SentryAPI:
    """Asks one organization's Sentry. The token is in the header of each request, nowhere else."""

    def __init__(
        self,
        settings: SentrySettings,
        clock: Clock,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        token = settings.auth_token.get_secret_value() if settings.auth_token else ""
        self.clock = clock
        self._base = settings.url.rstrip("/")
        self._names = {"org": settings.org or "", "project": settings.project or ""}
        self.asked, self.answered = "", 0
        """The last request, and the status of its answer."""
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT, transport=transport
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def use_region(self, url: object) -> None:
        """Ask another host from now on: Sentry.io keeps organizations in regions.

        A host that is no part of the one that was set would be given the token; it is not asked.
        """
        if not isinstance(url, str):
            return
        there, here = urlsplit(url), urlsplit(self._base)
        host = there.hostname or ""
        if there.scheme == "https" and host.endswith(f".{here.hostname}"):
            self._base = f"{there.scheme}://{there.netloc}"

    def get(self, route: str, one: str = "", **query: str | int) -> Body:
        """Read one thing."""
        return _object(_json(self._ask("GET", self._path(route, one), query=query)))

    def pages(self, route: str, one: str = "", **query: str | int) -> Iterator[Body]:
        """Read a list, page after page.

        A next page is always named; whether it has anything is said beside it. Only its cursor is
        taken from there, since the address would be given the token.
        """
        path, cursor = self._path(route, one), ""
        for _ in range(MOST_PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = self._ask("GET", path, query={"per_page": PAGE, **query, **more})
            listed = _json(answer)
            if not isinstance(listed, list):
                # An object would be taken for an empty list, and everything be made anew.
                raise TypeError("no list")
            yield from map(_object, listed)
            following = answer.links.get("next", {})
            cursor = following.get("cursor", "")
            if following.get("results") != "true" or not cursor:
                return
        raise _fault("GET", path, 200, f"more than {MOST_PAGES} pages")

    def write(
        self, method: str, route: str, one: str, body: Body | None, scopes: tuple[str, ...]
    ) -> Any:
        """Change something; asked once, since an answer that is lost does not mean that it failed."""
        answer = self._ask(method, self._path(route, one), body=body, scopes=scopes)
        return _json(answer) if answer.content else {}

    def _path(self, route: str, one: str) -> str:
        return route.format(id=quote(one, safe=""), **self._names)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Body | None = None,
        scopes: tuple[str, ...] = (),
    ) -> httpx.Response:
        url = f"{self._base}/api/0/{path}"
        for again in reversed(range(TRIES)):
            try:
                answer = self._client.request(method, url, params=query, json=body)
            except httpx.HTTPError as error:
                # httpx's words may quote the address, never the header.
                raise TuxAPIConnectionError(
                    SERVICE, path, f"no answer to {method}: {type(error).__name__}"
                ) from error
            self.asked, self.answered = f"{method} {path}", answer.status_code
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            if again:
                self.clock.sleep(_wait_of(answer, self.clock.now()))
        if answer.is_success:
            return answer
        raise _refusal(method, path, answer, scopes)


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        request = answer.request
        hint = "this is no JSON, so no API of Sentry's: look at SENTRY_URL"
        raise _fault(request.method, request.url.path, answer.status_code, hint) from None


def _object(value: Any) -> Body:
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def _wait_of(answer: httpx.Response, now: float) -> float:
    """Read how long to wait: until the window ends, and never for ever."""
    for name, base in (("X-Sentry-Rate-Limit-Reset", now), ("Retry-After", 0.0)):
        try:
            seconds = float(answer.headers[name]) - base
        except (KeyError, ValueError):
            continue
        return min(max(seconds, 1.0), LONGEST_WAIT)
    return 1.0


def _refusal(
    method: str, path: str, answer: httpx.Response, scopes: tuple[str, ...]
) -> TuxAPIRequestError | TuxAPIResourceNotFoundError:
    reason: Callable[[str, str, httpx.Response, tuple[str, ...]], str] | None
    reason = _REASONS.get(answer.status_code)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return TuxAPIResourceNotFoundError(SERVICE, path, f"{method} {path}")
    text = reason(method, path, answer, scopes) if reason else _words(answer)
    return _fault(method, path, answer.status_code, text)


def _fault(method: str, path: str, status: int, reason: str) -> TuxAPIRequestError:
    return TuxAPIRequestError(SERVICE, f"{method} {path}", status, reason)


def _words(answer: httpx.Response) -> str:
    """Tell what Sentry says, as it says it: limits of a plan are in there."""
    text = " ".join(answer.text.split())
    return f"it says {text[:_TOLD]}" if text else "it says nothing more"


def _unknown(_method: str, _path: str, _answer: httpx.Response, _scopes: tuple[str, ...]) -> str:
    return "SENTRY_AUTH_TOKEN is not known there, or was revoked"


def _forbidden(_method: str, path: str, answer: httpx.Response, scopes: tuple[str, ...]) -> str:
    needed = (
        scopes
        or tuple(scope for scope, parts in READING.items() if any(part in path for part in parts))[
            :1
        ]
    )
    return f"the token lacks a scope: it needs {' or '.join(needed)}; {_words(answer)}"


def _retired(_method: str, _path: str, answer: httpx.Response, _scopes: tuple[str, ...]) -> str:
    instead = answer.headers.get("X-Sentry-Replacement-Endpoint", "nothing that it names")
    return f"this part of the API is retired, instead there is {instead}: a newer Tux is needed"


def _busy(_method: str, _path: str, _answer: httpx.Response, _scopes: tuple[str, ...]) -> str:
    return f"too many requests, also after {TRIES} tries; run it again later"


_REASONS: Final = {401: _unknown, 403: _forbidden, 410: _retired, 429: _busy}
