"""The real layer and the real SDK, sending to a receiver on loopback; what arrived, as data."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import sentry_sdk
from loguru import logger
from pydantic import SecretStr
from sentry_sdk import integrations as sdk_integrations

import tux.services.sentry as layer
from tux.services.sentry import config
from tux.services.sentry.log_errors import unwatch_logs
from tux.services.sentry.privacy import NOBODY, set_opted_out, set_privacy
from tux.shared.privacy import PrivacySettings
from tux.shared.settings import DatabaseSettings, DiscordSettings, SentrySettings, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.receiver import Receiver

FLUSH_SECONDS = 20.0

Error = TypeVar("Error", bound=BaseException)


def reset() -> None:
    """Forget what the last test has set: the layer and the SDK are one in a process."""
    unwatch_logs()
    layer._State.has_started = False
    with suppress(Exception):
        sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)
    for scope in (
        sentry_sdk.get_global_scope(),
        sentry_sdk.get_isolation_scope(),
        sentry_sdk.get_current_scope(),
    ):
        scope.clear()
    config.set_rates_and_limits(SentrySettings())
    set_privacy(PrivacySettings())
    set_opted_out(NOBODY)
    # The integration adds its sinks once in a process; others may have removed them since.
    logger.remove()
    sdk_integrations._processed_integrations.discard("loguru")


class Sent:
    """Starts the layer as a bot does; each property flushes, then reads the receiver."""

    def __init__(self, receiver: Receiver, folder: Path) -> None:
        self.receiver = receiver
        self.folder = folder

    def settings(
        self,
        *,
        discord: DiscordSettings | None = None,
        database: DatabaseSettings | None = None,
        privacy: PrivacySettings | None = None,
        **sentry: Any,
    ) -> Settings:
        """Write settings that keep every transaction, unless they say otherwise."""
        section: dict[str, Any] = {
            "dsn": SecretStr(self.receiver.dsn),
            "release": "tux@1.0.0",
            "spool_path": self.folder / "spool",
            "command_sample_rate": 1.0,
            "task_sample_rate": 1.0,
            "default_sample_rate": 1.0,
        }
        return Settings(
            sentry=SentrySettings(**section | sentry),
            discord=discord or DiscordSettings(),
            database=database or DatabaseSettings(),
            privacy=privacy or PrivacySettings(),
        )

    def start(self, **sections: Any) -> None:
        """Set the layer up, with some settings of its own."""
        reset()
        layer.setup(self.settings(**sections))

    def forget(self) -> None:
        """Look at what comes from now on."""
        sentry_sdk.flush(FLUSH_SECONDS)
        self.receiver.bodies.clear()

    def of(self, type_: str) -> list[Any]:
        """Payloads of one type of item, in order of arrival."""
        sentry_sdk.flush(FLUSH_SECONDS)
        return self.receiver.of(type_)

    @property
    def events(self) -> list[Any]:
        return self.of("event")

    @property
    def event(self) -> Any:
        """The only event."""
        (event,) = self.events
        return event

    @property
    def transactions(self) -> list[Any]:
        return self.of("transaction")

    @property
    def transaction(self) -> Any:
        """The only transaction."""
        (transaction,) = self.transactions
        return transaction

    @property
    def logs(self) -> list[Any]:
        return [line for batch in self.of("log") for line in batch["items"]]

    @property
    def metrics(self) -> list[Any]:
        return [metric for batch in self.of("trace_metric") for metric in batch["items"]]

    def metrics_of(self, name: str) -> list[Any]:
        """Metrics of this name, in order of arrival."""
        return [metric for metric in self.metrics if metric["name"] == name]

    @property
    def check_ins(self) -> list[Any]:
        return self.of("check_in")

    @property
    def everything(self) -> bytes:
        """Every byte of every envelope."""
        sentry_sdk.flush(FLUSH_SECONDS)
        return b"".join(self.receiver.bodies)


def types_of(event: Any) -> list[str]:
    """Name the exceptions of an event, the innermost cause first."""
    return [value["type"] for value in event["exception"]["values"]]


def crumbs_of(event: Any) -> list[str]:
    """Give the messages of an event's breadcrumbs."""
    return [crumb.get("message", "") for crumb in event.get("breadcrumbs", {}).get("values", [])]


def attributes_of(line: Any) -> dict[str, Any]:
    """Give the attributes of a log line or a metric without their types."""
    return {name: value["value"] for name, value in line["attributes"].items()}


def parent_of(transaction: Any) -> Any:
    """Give the id of the span above a transaction."""
    return transaction["contexts"]["trace"].get("parent_span_id")


def trace_of(item: Any) -> str:
    """Give the trace of an event or a transaction."""
    return str(item["contexts"]["trace"]["trace_id"])


def status_of(transaction: Any) -> Any:
    """Say how a transaction ended."""
    return transaction["contexts"]["trace"].get("status")


def raised(error: Error) -> Error:
    """Raise an error and catch it: it has a traceback then."""
    with suppress(BaseException):
        raise error
    return error
