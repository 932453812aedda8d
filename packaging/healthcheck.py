"""Whether the station of a container answers; a container without one lives as long as its bot."""

from __future__ import annotations

import os
import sys
from http.client import HTTPException
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

SECONDS = 5


def has_station() -> bool:
    """Tell by what started first whether a station runs here."""
    words = Path("/proc/1/cmdline").read_bytes().split(b"\0")
    return b"station" in words or not os.environ.get("SENTRY_DSN")


def answers(port: str) -> bool:
    """Ask the station; a proxy of the surroundings is not for this."""
    opener = build_opener(ProxyHandler({}))
    try:
        # Whatever is no success is raised.
        with opener.open(f"http://127.0.0.1:{port}/health", timeout=SECONDS):
            return True
    except (OSError, HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(0 if not has_station() or answers(os.environ.get("STATION_PORT", "8765")) else 1)
