"""The real SDK over the real transport, quick to retry."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sentry_sdk

from tux.services.sentry.delivery.answers import Patience
from tux.services.sentry.delivery.clocks import Clocks
from tux.services.sentry.delivery.spool_files import entry_of
from tux.services.sentry.delivery.transport import SpoolingTransport, spooling_transport
from tux.services.sentry.scrubbing.scrubber import Scrubber
from tux.shared.settings import SentrySettings


@dataclass
class Time:
    """The clocks of this machine, which a test may put forward."""

    ahead: float = 0.0
    """Seconds that have passed, for all clocks."""
    jump: float = 0.0
    """Seconds by which the time of day was set forward, or back."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.ahead + self.jump

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic() + self.ahead


class Telemetry:
    """Starts and stops the SDK as a bot's runs would."""

    def __init__(self, dsn: str, spool: Path) -> None:
        self.dsn = dsn
        self.time = Time()
        self.settings = SentrySettings(spool_path=spool)
        self.secrets: tuple[str, ...] = ()
        self.retry_after = 0.02
        self.patience = Patience()

    def start(self, **options: Any) -> SpoolingTransport:
        """Initialise the SDK, with nothing of what other tests left in its scopes."""
        sentry_sdk.get_isolation_scope().clear()
        sentry_sdk.get_current_scope().clear()
        base = spooling_transport(self.settings, Scrubber(self.secrets))
        clocks = Clocks(self.time.now, self.time.monotonic, lambda _: self.retry_after)
        sentry_sdk.init(
            **{
                "dsn": self.dsn,
                "transport": type(
                    "QuickTransport", (base,), {"clocks": clocks, "patience": self.patience}
                ),
                "default_integrations": False,
                "auto_enabling_integrations": False,
                "release": "tux@1.0.0",
                **options,
            }
        )
        transport = sentry_sdk.get_client().transport
        assert isinstance(transport, SpoolingTransport)
        return transport

    def waiting(self) -> list[Path]:
        """List the files of the spool that hold an envelope, whether they have their names or not."""
        # The sender names them meanwhile: a listing may miss a file that has just got its name.
        before, found = None, self._listed()
        while before != found:
            before, found = found, self._listed()
        return found

    def _listed(self) -> list[Path]:
        found = []
        # Folders of runs that are over go meanwhile, too; `walk` passes over what is gone.
        for folder, _, names in os.walk(self.settings.spool_path):
            for path in (Path(folder, name) for name in names):
                with suppress(OSError):
                    if path.suffix == ".env" or (path.suffix == ".new" and entry_of(path)):
                        found.append(path)
        return sorted(found)

    def stop(self, timeout: float = 0.0) -> None:
        """Close the SDK; what was not sent stays in the spool."""
        sentry_sdk.get_client().close(timeout=timeout)
        sentry_sdk.get_global_scope().set_client(None)
