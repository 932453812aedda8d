"""Settings → options of the SDK, ``before_send``, ``traces_sampler``."""

from __future__ import annotations

import re
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import sentry_sdk
from loguru import logger
from pydantic import SecretStr
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.httpx import HttpxIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.loguru import LoguruIntegration
from sentry_sdk.integrations.sqlalchemy import SqlalchemyIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.utils import BadDsn, Dsn, _get_installed_modules

from tux import __version__
from tux.services.sentry.attributes import add_attributes, pass_log
from tux.services.sentry.delivery.transport import spooling_transport
from tux.services.sentry.flows import set_flows
from tux.services.sentry.gate import pass_once
from tux.services.sentry.health import contained
from tux.services.sentry.identities import PrivateScrubber
from tux.services.sentry.instrument import DiscordIntegration
from tux.services.sentry.log_errors import watch_logs
from tux.services.sentry.policy import set_overrides
from tux.services.sentry.privacy import hash_key, own_rules, set_privacy
from tux.services.sentry.release_health import begin_session
from tux.services.sentry.reporting import set_limits
from tux.services.sentry.settled import Settling
from tux.services.sentry.source import bring_source
from tux.services.sentry.units import remember_base
from tux.services.sentry.variables import describe
from tux.services.sentry.warm_up import warm_up
from tux.shared.settings import SentrySettings, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sentry_sdk.types import Event, Hint, SamplingContext

MAX_VALUE_LENGTH: Final = 2048
"""Characters of one value: a large local would make an event that every receiver refuses."""
MAX_OPS: Final = 256
"""Ops whose rate is remembered: it is asked for every unit of work."""
SHUTDOWN_SECONDS: Final = 2
GIT_SECONDS: Final = 2
SHORTEST_OF_WEBHOOK: Final = 16
"""Characters of a part of an address that is no word."""


def before_send(event: Event, hint: Hint) -> Event | None:
    """Let an event of a failure pass once, with the packages that are installed. Never raises.

    The SDK's own integration adds them before all of it is serialised, which a hundred names make half
    as slow again.
    """
    kept = pass_once(event, hint)
    with contained():
        if kept is not None:
            kept.setdefault("modules", _get_installed_modules())
    return kept


class _Rates:
    """The rates that ``traces_sampler`` goes by: those of the settings of the last set-up."""

    settings = SentrySettings()


def initialise(
    settings: Settings, adapt: Callable[[dict[str, Any]], dict[str, Any]] = dict
) -> bool:
    """Start the SDK, and tell whether there was a DSN that it could be started with.

    Args:
        settings: of the bot.
        adapt: changes the SDK's options, for whoever wants to look at what would leave.
    """
    set_rates_and_limits(settings.sentry)
    set_privacy(settings.privacy)
    dsn = settings.sentry.dsn.get_secret_value() if settings.sentry.dsn else ""
    if not dsn:
        logger.warning("SENTRY_DSN is not set: errors and timings are not sent anywhere.")
        return False
    if not is_dsn(dsn):
        logger.error(
            "SENTRY_DSN is not a DSN (https://<key>@<host>/<project>): errors and timings are not "
            "sent. Copy it anew from the receiver's settings."
        )
        return False
    sentry_sdk.init(**adapt(sdk_options(settings)))
    bring_source(sentry_sdk.get_client().options)
    remember_base()
    watch_logs()
    warm_up()
    begin_session()
    return True


def set_rates_and_limits(settings: SentrySettings) -> None:
    """Let sampler, limiter and policy, of which a process has one each, go by these settings."""
    set_limits(settings)
    set_flows(settings)
    set_overrides(settings.policy)
    _Rates.settings = settings
    _rate_of.cache_clear()


def sdk_options(settings: Settings) -> dict[str, Any]:
    """Write the options of ``sentry_sdk.init``.

    ``send_default_pii`` is left at its default, which is off: naming it is deprecated.
    """
    sentry = settings.sentry
    return {
        "dsn": sentry.dsn.get_secret_value() if sentry.dsn else None,
        "environment": sentry.environment,
        "release": sentry.release or default_release(),
        "debug": sentry.debug,
        "max_breadcrumbs": 50,
        "attach_stacktrace": True,
        "max_value_length": MAX_VALUE_LENGTH,
        "custom_repr": describe,
        "max_request_body_size": "never",
        "event_scrubber": Settling(EventScrubber(), MAX_VALUE_LENGTH),
        "before_send": before_send,
        "before_send_log": pass_log,
        "before_send_metric": add_attributes,
        "traces_sampler": traces_sampler,
        # Nobody whom the bot asks has a use for our trace ids.
        "trace_propagation_targets": [],
        "shutdown_timeout": SHUTDOWN_SECONDS,
        # It halves the rates while the receiver does not keep up: what waits is on disk here.
        "enable_backpressure_handling": False,
        "default_integrations": False,
        "auto_enabling_integrations": False,
        "integrations": _integrations(),
        "transport": spooling_transport(sentry, scrubber_of(settings)),
    }


def scrubber_of(settings: Settings) -> PrivateScrubber:
    """Make the scrubber that stands in front of the spool; of choices about people, those set last."""
    key = hash_key()
    kept = () if key is None else (key.decode("ascii", "ignore"),)
    return PrivateScrubber((*_secrets(settings), *kept), own_rules())


def _integrations() -> list[sentry_sdk.integrations.Integration]:
    """List them by hand.

    Not among them: asyncio (reports errors that were handled, loses tags of child tasks), aiohttp
    (puts tokens into spans), dedupe (our marks see further), modules (see ``before_send``), argv and stdlib (secrets on command
    lines, and our own sender's requests).
    """
    return [
        AtexitIntegration(callback=lambda pending, timeout: None),  # noqa: ARG005  # the SDK's names
        ExcepthookIntegration(),
        HttpxIntegration(),
        LoggingIntegration(event_level=None, capture_sentry_logs=True),
        LoguruIntegration(
            # A function: to a text loguru adds the traceback, with the values of locals.
            breadcrumb_format=lambda _: "{message}",
            event_level=None,
            capture_sentry_logs=True,
        ),
        SqlalchemyIntegration(),
        ThreadingIntegration(),
        DiscordIntegration(),
    ]


def traces_sampler(sampling_context: SamplingContext) -> float:
    """Choose the share of transactions of a kind that are kept; a parent's decision stays."""
    parent = sampling_context.get("parent_sampled")
    if parent is not None:
        return float(parent)
    transaction: Mapping[str, Any] = sampling_context.get("transaction_context") or {}
    if transaction.get("name") == "error":
        return _Rates.settings.error_transaction_sample_rate
    return _rate_of(transaction.get("op") or "")


@lru_cache(MAX_OPS)
def _rate_of(op: str) -> float:
    rates, family = _Rates.settings, op.partition(".")[0]
    by_family = {"command": rates.command_sample_rate, "task": rates.task_sample_rate}
    return by_family.get(family, rates.default_sample_rate)


def default_release() -> str:
    """Name this version: the package's, with the git revision where it runs from a checkout."""
    package = Path(__file__).resolve().parents[2]
    release = f"tux@{__version__}"
    if not (package.parents[1] / ".git").exists():
        return release
    try:
        asked = subprocess.run(  # a fixed command
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607  # whichever git there is
            cwd=package,
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return release
    return f"{release}+{asked.stdout.strip()}"


def is_dsn(value: str) -> bool:
    """Tell whether the SDK can be started with it."""
    try:
        Dsn(value)
    except (BadDsn, ValueError):
        return False
    return True


def _secrets(settings: Settings) -> Iterator[str]:
    """Find every secret of our own settings, whatever section it stands in."""
    for section in Settings.model_fields:
        for value in vars(getattr(settings, section)).values():
            if isinstance(value, SecretStr):
                yield value.get_secret_value()
            elif isinstance(value, dict):
                for one in value.values():
                    if isinstance(one, SecretStr):
                        yield from _of_webhook(one.get_secret_value())


def _of_webhook(address: str) -> Iterator[str]:
    """Give what is secret in an address that whoever knows it may post to: its path, too."""
    yield address
    parts = urlsplit(address)
    for part in re.split("[/?&=]", f"{parts.path}?{parts.query}"):
        if len(part) >= SHORTEST_OF_WEBHOOK and not part.isdecimal():
            yield part
