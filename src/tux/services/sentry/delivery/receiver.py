"""One request to the receiver of the DSN, by urllib3 as the SDK does it."""

from __future__ import annotations

import gzip
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.request import getproxies, proxy_bypass

import certifi
import urllib3

from tux.services.sentry.delivery.answers import Patience, pool_classes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sentry_sdk.utils import Dsn

_AGENT: Final = "sentry.python.tux/1"
# Level 9 costs three times as much for 2 % less.
_GZIP_LEVEL: Final = 5
_PIECE: Final = 64 * 1024
"""Bytes that are sent within one time-out, and that are read of what the receiver says."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said."""

    status: int
    headers: Mapping[str, str]


class Receiver(Protocol):
    """Where envelopes go."""

    def post(self, body: bytes) -> Answer:
        """Send one envelope.

        Raises:
            OSError: no answer came.
        """


class HttpReceiver:
    """The envelope endpoint of a DSN.

    Args:
        options: of the SDK: proxies and certificates are taken from them.
    """

    def __init__(self, dsn: Dsn, options: Mapping[str, Any], patience: Patience) -> None:
        auth = dsn.to_auth(_AGENT)
        self._url = auth.get_api_url()
        self._headers = {
            "User-Agent": _AGENT,
            "X-Sentry-Auth": auth.to_header(),
            "Content-Type": "application/x-sentry-envelope",
            "Content-Encoding": "gzip",
        }
        self._pool = _pool(dsn, options, patience)

    def post(self, body: bytes) -> Answer:
        """Send one envelope.

        Raises:
            OSError: no answer came.
        """
        packed = gzip.compress(body, _GZIP_LEVEL)
        try:
            response = self._pool.request(
                "POST",
                self._url,
                body=_pieces(packed),
                headers={**self._headers, "Content-Length": str(len(packed))},
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            # Only the type: the message may hold the address and a proxy's password.
            raise ConnectionError(type(error).__name__) from None
        # The status is what counts; the rest is read for the connection to be of use again.
        with suppress(urllib3.exceptions.HTTPError, OSError, ValueError):
            response.read(_PIECE, decode_content=False)
        response.close()
        response.release_conn()
        return Answer(response.status, response.headers)


def _pieces(packed: bytes) -> Iterator[bytes]:
    for start in range(0, len(packed), _PIECE):
        yield packed[start : start + _PIECE]


def _pool(dsn: Dsn, options: Mapping[str, Any], patience: Patience) -> urllib3.PoolManager:
    settings: dict[str, Any] = {
        "num_pools": 1,
        "timeout": urllib3.Timeout(connect=patience.connect, read=patience.read),
        "cert_reqs": "CERT_REQUIRED",
        "ca_certs": options.get("ca_certs")
        or os.environ.get("SSL_CERT_FILE")
        or os.environ.get("REQUESTS_CA_BUNDLE")
        or certifi.where(),
        "cert_file": options.get("cert_file") or os.environ.get("CLIENT_CERT_FILE"),
        "key_file": options.get("key_file") or os.environ.get("CLIENT_KEY_FILE"),
    }
    proxy = _proxy(dsn, options)
    if proxy is None:
        pool = urllib3.PoolManager(**settings)
    else:
        headers = options.get("proxy_headers")
        pool = urllib3.ProxyManager(proxy, proxy_headers=headers, **settings)
    pool.pool_classes_by_scheme = pool_classes(patience)
    return pool


def _proxy(dsn: Dsn, options: Mapping[str, Any]) -> str | None:
    """Find the proxy: the SDK's option, "" for none, else the environment's."""
    named = options.get(f"{dsn.scheme}_proxy")
    if named is not None:
        return str(named) or None
    if proxy_bypass(dsn.host):
        return None
    return getproxies().get(dsn.scheme)
