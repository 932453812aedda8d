"""httpx's errors → the API errors of ``tux.shared.exceptions``."""

from __future__ import annotations

from http import HTTPStatus
from typing import NoReturn

import httpx

from tux.services.sentry.utils import capture_api_error
from tux.shared.exceptions import (
    TuxAPIConnectionError,
    TuxAPIError,
    TuxAPIPermissionError,
    TuxAPIRequestError,
    TuxAPIResourceNotFoundError,
)

REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
NOT_SENT = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


def convert_httpx_error(
    error: BaseException,
    service_name: str,
    endpoint: str,
    *,
    not_found_resource: str | None = None,
) -> NoReturn:
    """Raise the API error that an error of httpx stands for; the original is its cause.

    All but 404 and 403 are captured on the way: those two are answers, not faults.

    Args:
        error: what httpx raised.
        service_name: the API, as people know it.
        endpoint: URL or path that was asked; its query is left out.
        not_found_resource: what a 404 says is not there, in the user's words.

    Raises:
        TuxAPIResourceNotFoundError: 404.
        TuxAPIPermissionError: 401 or 403.
        TuxAPIRequestError: any other error status.
        TuxAPIConnectionError: no answer.
        TuxAPIError: anything else.
    """
    place = endpoint.partition("?")[0]
    status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else None
    if status not in NOT_SENT:
        capture_api_error(error, endpoint=place, status_code=status)
    raise _converted(error, status, service_name, place, not_found_resource) from error


def _converted(
    error: BaseException, status: int | None, service: str, place: str, resource: str | None
) -> TuxAPIError:
    if status == HTTPStatus.NOT_FOUND:
        return TuxAPIResourceNotFoundError(service, place, resource or "resource")
    if status in REFUSED:
        return TuxAPIPermissionError(service, place, int(status or 0))
    if status is not None:
        limited = status == HTTPStatus.TOO_MANY_REQUESTS
        reason = "rate limit reached" if limited else "request failed"
        return TuxAPIRequestError(service, place, status, reason)
    if isinstance(error, httpx.TimeoutException):
        return TuxAPIConnectionError(service, place, "no answer in time")
    if isinstance(error, httpx.RequestError):
        return TuxAPIConnectionError(service, place)
    return TuxAPIError(service, place, type(error).__name__)
