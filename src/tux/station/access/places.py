"""Where a station can be reached, and what that means for who may look. Pure."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import web

if TYPE_CHECKING:
    from tux.shared.settings import StationSettings

ADDRESS: Final = web.RequestKey("base", str)
"""Our address, as whoever asks knows it."""
LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Places:
    """The names under which a station answers."""

    names: frozenset[str]
    origins: frozenset[str]
    """Of a public address, as browsers write it."""
    is_reachable: bool
    """Whether others than this machine's users can connect."""
    is_proxied: bool
    is_https: bool

    def base(self, scheme: str, host: str) -> str:
        """Give the address under which whoever asks knows us: behind a proxy, the public one."""
        return next(iter(self.origins), f"{scheme}://{host}")

    def answers_to(self, host: str) -> bool:
        """Tell whether a Host header names us.

        A page elsewhere can point its own name at our address and then read our answers as its own
        (DNS rebinding); the Host header is what gives it away. An address of digits is no name.
        """
        bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return bare in self.names or (self.is_reachable and _is_address(bare))


def places_of(settings: StationSettings) -> Places:
    """Tell where a station with these settings can be reached."""
    host, url = settings.host.lower(), urlsplit(settings.url or "")
    public = f"[{url.hostname}]" if url.hostname and ":" in url.hostname else url.hostname
    names = LOCAL_NAMES | {f"[{host}]" if ":" in host else host} | ({public} if public else set())
    return Places(
        names=frozenset(names),
        origins=frozenset({f"{url.scheme}://{url.netloc}"} if public else ()),
        is_reachable=not is_loopback(host) or (public is not None and public not in LOCAL_NAMES),
        is_proxied=public is not None,
        is_https=url.scheme == "https",
    )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can connect to an address."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _is_address(name: str) -> bool:
    with suppress(ValueError):
        ipaddress.ip_address(name.strip("[]"))
        return True
    return False
