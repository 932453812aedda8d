"""The SDK as it comes, through the same scenarios: in the time that they really take."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import sentry_sdk

if TYPE_CHECKING:
    from tests.faults.server import FaultServer
    from tests.faults.stage import Accounts, Stage

    from tux.services.sentry.delivery.answers import Patience

FLUSH = 2.0
"""Seconds that the SDK waits at the end of a process, by default."""


class RealTime:
    """A clock that is put forward by waiting."""

    def __init__(self) -> None:
        self._ahead = 0.0

    @property
    def ahead(self) -> float:
        """Seconds that have passed."""
        return self._ahead

    @ahead.setter
    def ahead(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds - self._ahead))
        self._ahead = seconds


class Stock:
    """Starts and stops the SDK with its own transport."""

    def __init__(self, server: FaultServer) -> None:
        self.time = RealTime()
        self.patience: Patience | None = None
        """Nobody asks for it: the SDK waits for 30 s."""
        self._dsn = server.dsn

    def start(self) -> None:
        """Initialise the SDK."""
        sentry_sdk.init(
            dsn=self._dsn,
            default_integrations=False,
            auto_enabling_integrations=False,
            # The server reads nothing else.
            _experiments={"transport_compression_algo": "gzip"},  # type: ignore[typeddict-item]  # an enum to mypy alone
        )

    def stop(self) -> None:
        """End as a process does."""
        sentry_sdk.get_client().close(timeout=FLUSH)
        sentry_sdk.get_global_scope().set_client(None)


def ended(stage: Stage) -> Accounts:
    """Wait as long as the SDK does, end, and draw up the accounts."""
    stage.telemetry.stop()
    return stage.accounts()
