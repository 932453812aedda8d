"""Whether the station of a container answers; a container without one lives as long as its bot."""

from __future__ import annotations

import sys
from http.client import HTTPException
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import ProxyHandler, build_opener

from tux.shared.exceptions import TuxConfigurationError
from tux.shared.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.shared.settings import Settings

SECONDS = 5
FIRST = Path("/proc/1/cmdline")
"""What was started first in here."""


def address_of(words: Sequence[str], settings: Settings) -> str | None:
    """Tell where the station is, None where none runs: the same decision as ``tux start`` makes."""
    if "station" not in words and ("--no-station" in words or settings.sentry.dsn is not None):
        return None
    told = [word.removeprefix("--port=") for word in words if word.startswith("--port=")]
    told += [after for word, after in pairwise(words) if word == "--port"]
    host = settings.station.host
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104  # asked at home, not listened on
        host = "127.0.0.1"
    port = told[-1] if told else settings.station.port
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/health"


def answers(address: str) -> bool:
    """Ask the station; a proxy of the surroundings is not for this."""
    opener = build_opener(ProxyHandler({}))
    try:
        # Whatever is no success is raised.
        with opener.open(address, timeout=SECONDS):
            return True
    except (OSError, HTTPException):
        return False


def main(first: Path = FIRST) -> int:
    """Give the status with which the check ends."""
    try:
        settings = load_settings()
    except TuxConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    words = first.read_bytes().decode(errors="replace").split("\0")
    address = address_of(words, settings)
    return 0 if address is None or answers(address) else 1


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
