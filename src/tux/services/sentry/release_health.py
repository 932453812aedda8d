"""The run of the bot as a session of release health: one for each start of the process."""

from __future__ import annotations

import sentry_sdk

from tux.services.sentry.delivery.transport import SpoolingTransport
from tux.services.sentry.health import contained
from tux.services.sentry.reporting import Details, report


def begin_session() -> None:
    """Begin the session of this run. Ends by itself with the process, whatever ends that."""
    with contained():
        transport = _transport()
        if transport is not None:
            options = sentry_sdk.get_client().options
            transport.begin_session(options["release"], options["environment"])


def end_session(error: BaseException | None = None) -> None:
    """End it, before the interpreter does.

    Args:
        error: what ends the bot, if it is no clean stop; it is sent if it was not before.
    """
    if error is not None:
        report(error, Details(handled=False, by_code=False))
    with contained():
        transport = _transport()
        if transport is not None:
            transport.end_session("exited" if error is None else "crashed")


def _transport() -> SpoolingTransport | None:
    transport = sentry_sdk.get_client().transport
    return transport if isinstance(transport, SpoolingTransport) else None
