"""REST calls, as spans and breadcrumbs that name the route's template, never its address.

The address of an interaction or a webhook holds its token.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import sentry_sdk
from discord.errors import HTTPException
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter

from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import watch
from tux.services.sentry.instrument.rate_limits import Attempts, follow
from tux.services.sentry.instrument.waits import sampled_span
from tux.services.sentry.policy import decide

if TYPE_CHECKING:
    from sentry_sdk.tracing import Span

    from tux.services.sentry.instrument.patching import Method

OP: Final = "http.client"
ORIGIN: Final = "auto.http.discord"


def install() -> None:
    """Watch both HTTP clients of discord.py: interactions and webhooks have one of their own."""
    watch(HTTPClient, "request")(_request)
    watch(HTTPClient, "get_from_cdn")(_get_from_cdn)
    watch(AsyncWebhookAdapter, "request")(_request)


async def _request(
    original: Method, client: object, route: Route, *args: Any, **kwargs: Any
) -> Any:
    with _Call(route.method, route.path, client):
        return await original(client, route, *args, **kwargs)


async def _get_from_cdn(original: Method, client: object, url: str) -> Any:
    # The address may be that of an attachment, which is as good as its key.
    with _Call("GET", "cdn"):
        return await original(client, url)


class _Call:
    """A ``with`` block around one call; a span for it is made only where it would be kept."""

    __slots__ = ("_attempts", "_client", "_method", "_name", "_span")

    def __init__(self, method: str, path: str, client: object = None) -> None:
        self._method, self._name, self._client = method, f"{method} {path}", client
        self._span: Span | None = None
        self._attempts: Attempts | None = None

    def __enter__(self) -> None:
        parent = sampled_span()
        if parent is not None:
            with contained():
                self._open(parent)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with contained():
            status = error.status if isinstance(error, HTTPException) else None
            if self._span is not None:
                self._close(self._span, error, status)
            sentry_sdk.add_breadcrumb(
                type="http",
                category="discord",
                message=self._name,
                level="info" if error is None else "warning",
                data={"method": self._method} | ({} if status is None else {"status_code": status}),
            )

    def _open(self, parent: Span) -> None:
        span = parent.start_child(op=OP, name=self._name, origin=ORIGIN)
        span.set_data("http.request.method", self._method)
        if self._client is not None:
            span.set_data("server.address", urlsplit(Route.BASE).hostname)
            over = getattr(self._client, "_global_over", None)
            is_held = isinstance(over, asyncio.Event) and not over.is_set()
            self._attempts = Attempts(span, is_held=is_held)
        self._span = span.__enter__()
        follow(self._attempts)

    def _close(self, span: Span, error: BaseException | None, status: int | None) -> None:
        try:
            ended = "ok" if error is None else decide(error).status
            span.set_status(ended)
            attempts = self._attempts
            if attempts is not None:
                follow(None)
                attempts.let_go(ended)
                status = status or attempts.status
                if attempts.resends:
                    span.set_data("http.request.resend_count", attempts.resends)
            if status is not None:
                span.set_data("http.response.status_code", status)
        finally:
            # Not told of the error: the SDK would overwrite the status.
            span.__exit__(None, None, None)
