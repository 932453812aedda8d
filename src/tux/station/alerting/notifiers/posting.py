"""One POST to somebody else's server: bounded, without redirects, and without a word of its address."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import aiohttp

from tux import __version__
from tux.station.alerting.errors import NotToldError
from tux.station.alerting.notifiers.base import SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WAIT: Final = 3600.0
"""Seconds that a receiver can ask for."""
_CREATED: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)


def host_of(url: str) -> str:
    """Give what of an address may be shown: paths and queries hold keys."""
    try:
        return urlsplit(url).hostname or "?"
    except ValueError:
        return "?"


async def post(url: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    """Post JSON.

    Raises:
        NotToldError: it was not answered with a 2xx within the time.
    """
    usual = {"Content-Type": "application/json", "User-Agent": f"tux/{__version__}"}
    try:
        async with (
            asyncio.timeout(SECONDS),
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(
                url, data=body, headers={**usual, **(headers or {})}, allow_redirects=False
            ) as answer,
        ):
            status, wait = answer.status, answer.headers.get("Retry-After")
    except TimeoutError:
        raise NotToldError(f"no answer within {SECONDS:.0f} s") from None
    # The errors' own words have the address in them; so would their cause in a log.
    except aiohttp.InvalidURL:
        raise NotToldError("the address is no http or https URL") from None
    except aiohttp.ClientSSLError:
        raise NotToldError("its certificate is not trusted") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise NotToldError(f"cannot be reached ({type(error).__name__})") from None
    if status in _REDIRECT:
        raise NotToldError(f"answered {status}: redirects are not followed")
    if status not in _CREATED:
        raise NotToldError(f"answered {status}", _seconds(wait))


def _seconds(header: str | None) -> float | None:
    try:
        found = float(header or "")
    except ValueError:
        return None
    return min(max(found, 0.0), LONGEST_WAIT) if math.isfinite(found) else None
