"""What a person does about the spool: send it now, or give it up. By the bot's own queue and sender.

Only what dead processes left is touched: what a running bot holds is its own to send.
"""

from __future__ import annotations

import math
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sentry_sdk.utils import Dsn

from tux.services.sentry.delivery.answers import Patience
from tux.services.sentry.delivery.client_reports import ClientReports
from tux.services.sentry.delivery.clocks import Clocks
from tux.services.sentry.delivery.places import limits_file, receiver_directory
from tux.services.sentry.delivery.rate_limits import RateLimits
from tux.services.sentry.delivery.receiver import HttpReceiver
from tux.services.sentry.delivery.sender import Sender
from tux.services.sentry.delivery.spool import Spool
from tux.services.sentry.delivery.spool_queue import REPORT, Bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tux.services.sentry.delivery.spool_entry import Entry
    from tux.shared.settings import SentrySettings

GIVEN_UP: Final = "cache_overflow"
"""Reason in client reports: the protocol's own for what an offline cache did not keep."""
_DAY: Final = 86_400
_LOOK_SECONDS: Final = 0.1
"""Less than after what the sender takes a receiver for one that hangs: this is no bot that would be held up."""
_STUCK_SECONDS: Final = 15.0
"""Without any progress: longer than a receiver is waited for."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How it went."""

    total: int
    """Envelopes that waited; reports of losses are none of them."""
    left: int
    """Those that still do."""
    reports: int
    """Reports of losses that still wait."""
    is_away: bool
    """Whether the receiver takes nothing."""
    limited_seconds: float | None
    """How long it wants no more of what is left."""


@dataclass(slots=True)
class Purged:
    """What was given up."""

    envelopes: int = 0
    bytes: int = 0
    losses: dict[str, int] = field(default_factory=dict)
    """Category → quantity, as the receiver will be told."""


def send_now(
    directory: Path,
    dsn: str,
    settings: SentrySettings,
    progress: Callable[[int, int], None] = lambda _left, _total: None,
) -> Sent:
    """Send what dead processes left, as fast as the receiver's limits allow.

    Args:
        directory: where it waits.
        dsn: where to.
        settings: have the spool's bounds.
        progress: told how many are left, and how many there were.
    """
    clocks, reports = _clocks(), ClientReports()
    bounds = Bounds(settings.spool_bytes, settings.spool_days * _DAY)
    spool = Spool(directory, bounds, reports, clocks)
    spool.adopt()
    to = Dsn(dsn)
    # Of the receiver that it goes to, which need not be the one for which it waited.
    own = receiver_directory(settings.spool_path.absolute(), to)
    limits = RateLimits(clocks, limits_file(own, to))
    options: dict[str, Any] = {}
    receiver = HttpReceiver(to, options, Patience())
    sender = Sender(spool, receiver, limits, reports, clocks)
    left = total = len(spool)
    envelopes = total - spool.reports
    sender.start()
    moved = clocks.monotonic()
    try:
        while not sender.flush(_LOOK_SECONDS) and not sender.is_away():
            if len(spool) != left:
                left, moved = len(spool), clocks.monotonic()
            progress(left, total)
            if limits.remaining() is not None and sender.is_idle:
                break
            if clocks.monotonic() - moved > _STUCK_SECONDS:
                break
        left, is_away = len(spool), sender.is_away()
        progress(left, total)
        limited = limits.remaining() if left else None
        return Sent(envelopes, left - spool.reports, spool.reports, is_away, limited)
    finally:
        sender.stop()


def purge(directory: Path, wanted: Callable[[str], bool] = lambda _: True) -> Purged:
    """Give up what dead processes left; the receiver is told with the next that is sent.

    Args:
        directory: of the receiver.
        wanted: tells by the category what is to go.
    """
    purged = Purged()
    with _adopted(directory) as spool:
        kept: list[Entry] = []
        while (entry := spool.take(lambda _: False)) is not None:
            if not wanted(entry.category):
                kept.append(entry)
                continue
            if entry.category != REPORT:
                # A report of losses is not lost: it is told with those of today.
                purged.envelopes += 1
                purged.bytes += entry.size
                for loss in spool.losses(entry):
                    purged.losses[loss.category] = (
                        purged.losses.get(loss.category, 0) + loss.quantity
                    )
            spool.give_up([entry], GIVEN_UP)
        for entry in kept:
            spool.put_back(entry)
        spool.tell_losses()
    return purged


@contextmanager
def _adopted(directory: Path) -> Iterator[Spool]:
    # Without bounds: what is beyond them would be given up unasked.
    bounds = Bounds(sys.maxsize, math.inf, sys.maxsize)
    spool = Spool(directory, bounds, ClientReports(), _clocks())
    try:
        spool.adopt()
        yield spool
    finally:
        spool.close()


def _clocks() -> Clocks:
    return Clocks(now=time.time, monotonic=time.monotonic)
