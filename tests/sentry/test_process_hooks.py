"""Python's own hooks are hooked into once, whatever begins and ends meanwhile."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.fakes.telemetry import Telemetry

from tux.services.sentry.delivery.process import _watchers

if TYPE_CHECKING:
    from pathlib import Path


def test_one_hook_for_all_sessions(tmp_path: Path) -> None:
    """Each further session, and each further start, finds the hook of the first."""
    telemetry = Telemetry("http://key@127.0.0.1:9/1", tmp_path)
    hooks = set()
    for _ in range(2):
        transport = telemetry.start()
        for _ in range(3):
            transport.begin_session("v1", "test")
            hooks.add(sys.excepthook)
        assert transport in _watchers
        telemetry.stop()
    assert len(hooks) == 1
