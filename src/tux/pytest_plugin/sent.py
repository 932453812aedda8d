"""The fixture ``sent``: what would have been sent, as plain data, and questions to ask of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
import sentry_sdk
from pydantic import SecretStr

from tux.pytest_plugin.hooks import UNSENT
from tux.services.sentry.config import sdk_options, set_rates_and_limits
from tux.services.sentry.log_errors import unwatch_logs, watch_logs
from tux.services.sentry.units import remember_base
from tux.shared.settings import SentrySettings, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE: Final = "http://key@sent.invalid/1"
"""A DSN that is never asked."""


@dataclass
class Sent:
    """What would have been sent so far, scrubbed as it would have been; nothing leaves."""

    items: list[tuple[str, Any]] = field(default_factory=list, repr=False)
    """Type of item and payload, in the order of the captures; an attachment's is its bytes."""

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
    def metrics(self) -> list[dict[str, Any]]:
        """Counts and measurements."""
        return [metric for batch in self.of("trace_metric") for metric in batch["items"]]

    @property
    def check_ins(self) -> list[dict[str, Any]]:
        """Check-ins of scheduled jobs."""
        return self.of("check_in")

    @property
    def feedback(self) -> list[dict[str, Any]]:
        """What members said about events."""
        return self.of("feedback")

    def of(self, kind: str) -> list[Any]:
        """Payloads of one type of item, whatever the SDK still holds included."""
        sentry_sdk.flush(1)
        return [payload for type_, payload in self.items if type_ == kind]

    def error(self, command: str | None = None) -> dict[str, Any]:
        """Give the only error, or the only one of a command.

        Raises:
            AssertionError: there is none, or more than one. Lists what there is.
        """
        __tracebackhide__ = True
        errors = [event for event in self.events if "exception" in event]
        found = [event for event in errors if command in (None, _command_of(event))]
        if len(found) != 1:
            place = f" from `{command}`" if command else ""
            raise AssertionError(f"expected one error{place}, got {_told(found, errors)}")
        return found[0]

    def no_errors(self) -> None:
        """Hold that nothing failed.

        Raises:
            AssertionError: something did. Lists it.
        """
        __tracebackhide__ = True
        errors = [event for event in self.events if "exception" in event]
        if errors:
            raise AssertionError(f"expected no error, got {_told(errors, errors)}")

    def transaction(self, name: str) -> dict[str, Any]:
        """Give the only transaction of this name.

        Raises:
            AssertionError: there is none, or more than one. Lists the names that there are.
        """
        __tracebackhide__ = True
        transactions = self.transactions
        found = [one for one in transactions if one.get("transaction") == name]
        if len(found) != 1:
            names = ", ".join(f"`{one.get('transaction')}`" for one in transactions) or "none"
            raise AssertionError(
                f"expected one transaction `{name}`, got {len(found)}; there are: {names}"
            )
        return found[0]


def _told(found: list[dict[str, Any]], errors: list[dict[str, Any]]) -> str:
    listed = found or errors
    lines = "".join(f"\n  {_line(event)}" for event in listed)
    if not found:
        return f"none; elsewhere there are:{lines}" if lines else "none"
    return f"{len(found)}:{lines}"


def _line(event: dict[str, Any]) -> str:
    value = event["exception"]["values"][-1]
    place = _command_of(event) or event.get("transaction")
    told = f"{value.get('type')}: {value.get('value')}"
    return f"{told} (from `{place}`)" if place else told


def _command_of(event: dict[str, Any]) -> str | None:
    command = (event.get("tags") or {}).get("command")
    return str(command) if command else None


@pytest.fixture
def sent(request: pytest.FixtureRequest) -> Iterator[Sent]:
    """Telemetry as in production, kept instead of sent; every transaction is sampled.

    The limiter begins anew. A bot that calls ``sentry_sdk.init`` itself within the test is looked
    at with its own options.
    """
    kept, unsent = Sent(), request.config.stash[UNSENT]
    sentry = SentrySettings(
        dsn=SecretStr(NOWHERE),
        command_sample_rate=1.0,
        task_sample_rate=1.0,
        default_sample_rate=1.0,
    )
    unsent.install()
    unsent.take = lambda kind, payload: kept.items.append((kind, payload))
    try:
        with _client(sdk_options(Settings(sentry=sentry))):
            set_rates_and_limits(sentry)
            yield kept
    finally:
        unsent.take = None
        set_rates_and_limits(SentrySettings())
        if request.config.getoption("--send-telemetry"):
            unsent.uninstall()


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
