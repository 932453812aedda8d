"""Fixtures for tests of your own bot: what would have been sent, as plain data.

Name it in your ``conftest.py``: ``pytest_plugins = ["tux.pytest_plugin"]``.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from pydantic import SecretStr
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from tux.services.sentry.config import sdk_options, set_rates_and_limits
from tux.services.sentry.delivery.envelopes import pack
from tux.services.sentry.log_errors import unwatch_logs, watch_logs
from tux.services.sentry.scrubbing.scrubber import Scrubber
from tux.services.sentry.units import remember_base
from tux.shared.settings import SentrySettings, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE = "http://key@sent.invalid/1"
"""A DSN that is never asked."""


@dataclass
class Sent:
    """What would have been sent so far, scrubbed as it would have been; nothing leaves."""

    items: list[tuple[str, Any]] = field(default_factory=list)
    """Type of item and payload, in the order of the captures."""

    @property
    def events(self) -> list[dict[str, Any]]:
        """Errors and messages."""
        return self.of("event")

    @property
    def transactions(self) -> list[dict[str, Any]]:
        """Units of work, with their spans."""
        return self.of("transaction")

    @property
    def logs(self) -> list[dict[str, Any]]:
        """Log lines."""
        return [line for batch in self.of("log") for line in batch["items"]]

    @property
    def check_ins(self) -> list[dict[str, Any]]:
        """Check-ins of scheduled jobs."""
        return self.of("check_in")

    def of(self, kind: str) -> list[Any]:
        """Payloads of one type of item, whatever the SDK still holds included."""
        sentry_sdk.flush(1)
        return [payload for type_, payload in self.items if type_ == kind]


@pytest.fixture
def sent() -> Iterator[Sent]:
    """Telemetry as in production, kept instead of sent; every transaction is sampled."""
    kept = Sent()
    sentry = SentrySettings(
        dsn=SecretStr(NOWHERE),
        command_sample_rate=1.0,
        task_sample_rate=1.0,
        default_sample_rate=1.0,
    )
    with _client(sdk_options(Settings(sentry=sentry)) | {"transport": _keeping(kept)}):
        set_rates_and_limits(sentry)
        yield kept
    set_rates_and_limits(SentrySettings())


@contextmanager
def _client(options: dict[str, Any]) -> Iterator[None]:
    before = sentry_sdk.get_global_scope().client
    with sentry_sdk.isolation_scope() as scope:
        scope.clear()
        sentry_sdk.init(**options)
        remember_base()
        watch_logs()
        try:
            yield
        finally:
            unwatch_logs()
            sentry_sdk.get_client().close(timeout=0)
            sentry_sdk.get_global_scope().set_client(before)


def _keeping(kept: Sent) -> type[Transport]:
    class Keeping(Transport):
        def capture_envelope(self, envelope: Envelope) -> None:
            parcel = pack(envelope, Scrubber(), lambda *_: None)
            if parcel is not None:
                for item in Envelope.deserialize(parcel.body).items:
                    kept.items.append((str(item.type), json.loads(item.get_bytes())))

    return Keeping
