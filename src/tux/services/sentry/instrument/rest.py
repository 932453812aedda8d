"""REST calls, as spans and breadcrumbs that name the route's template, never its address.

The address of an interaction or a webhook holds its token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import sentry_sdk
from discord.errors import HTTPException
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter

from tux.services.sentry.instrument.patching import watch
from tux.services.sentry.policy import decide

if TYPE_CHECKING:
    from tux.services.sentry.instrument.patching import Method

OP = "http.client"
ORIGIN = "auto.http.discord"


def install() -> None:
    """Watch both HTTP clients of discord.py: interactions and webhooks have one of their own."""
    watch(HTTPClient, "request")(_request)
    watch(AsyncWebhookAdapter, "request")(_request)


async def _request(
    original: Method, client: object, route: Route, *args: Any, **kwargs: Any
) -> Any:
    name = f"{route.method} {route.path}"
    # Known of a refusal only: of an answer discord.py hands on no more than its content.
    status: int | None = None
    with sentry_sdk.start_span(op=OP, name=name, origin=ORIGIN) as span:
        span.set_data("http.request.method", route.method)
        span.set_data("server.address", urlsplit(route.BASE).hostname)
        failure: Exception | None = None
        try:
            result = await original(client, route, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  # raised again below, after the span has its status
            failure = error
            status = error.status if isinstance(error, HTTPException) else None
            span.set_status(decide(error).status)
        else:
            span.set_status("ok")
        if status is not None:
            span.set_data("http.response.status_code", status)
    sentry_sdk.add_breadcrumb(
        type="http",
        category="discord",
        message=name,
        level="info" if failure is None else "warning",
        data={"method": route.method} | ({} if status is None else {"status_code": status}),
    )
    if failure is not None:
        raise failure
    return result
