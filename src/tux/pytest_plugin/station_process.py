"""The fixture ``station``: a receiver of one's own, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tux.shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

EVENT_SECONDS: Final = 10.0
STOP_SECONDS: Final = 10.0
_PAUSE: Final = 0.05


@dataclass(frozen=True)
class StationProcess:
    """A station that runs."""

    url: str
    """Of its pages."""
    dsn: str
    """Where to send."""

    def event(self, event_id: str, within: float = EVENT_SECONDS) -> dict[str, Any]:
        """Wait for an event, and give it as it is kept.

        Raises:
            TimeoutError: it has not come within so many seconds.
        """
        end = time.monotonic() + within
        while True:
            answer = httpx.get(f"{self.url}/events/{event_id}/json", trust_env=False)
            if answer.status_code == httpx.codes.OK:
                found: dict[str, Any] = answer.json()
                return found
            if time.monotonic() > end:
                raise TimeoutError(f"event {event_id} has not come within {within:g} s")
            time.sleep(_PAUSE)


def _without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out every setting of Tux's: a test must not tell a team, or write to its database."""
    ours = tuple(f"{section.upper()}_" for section in Settings.model_fields)
    return {name: value for name, value in environment.items() if not name.upper().startswith(ours)}


@pytest.fixture
def station(tmp_path: Path) -> Iterator[StationProcess]:
    """Run a station on a free port until the test ends. Look at its page, or send to its DSN."""
    folder = tmp_path / "station"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "tux", "station", "--child", "--port", "0"],
        cwd=folder,
        env=_without_ours(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None  # noqa: S101  # a pipe was asked for
    with process:
        try:
            announced = json.loads(process.stdout.readline() or "{}")
            if not announced:
                pytest.fail("the station did not start; its standard error says why")
            yield StationProcess(str(announced["url"]), str(announced["dsn"]))
        finally:
            process.terminate()
            process.communicate(timeout=STOP_SECONDS)
