"""All checks, in the order in which a person would make them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tux.doctor.preview import finding_of, preview
from tux.doctor.receiver import check_receiver
from tux.doctor.spool import check_spool
from tux.doctor.station import check_station
from tux.doctor.surroundings import (
    check_database,
    check_discord,
    check_grouping,
    check_privacy,
    check_sampling,
    check_watch,
)
from tux.watch.loading import FILE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tux.doctor.findings import Finding
    from tux.shared.settings import Settings


async def check(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything, and tell each thing as soon as it is known."""
    yield check_discord(settings)
    for finding in await asyncio.to_thread(lambda: list(check_receiver(settings, time.time))):
        yield finding
    if settings.sentry.dsn is None:
        yield check_station(settings.station)
    for finding in check_spool(settings.sentry, time.time()):
        yield finding
    for finding in check_sampling(settings.sentry):
        yield finding
    for finding in check_privacy(settings.privacy):
        yield finding
    yield await check_database(settings)
    for finding in check_grouping(settings.station):
        yield finding
    yield check_watch(FILE)
    # The last, for it sets the SDK up.
    yield finding_of(await preview(settings))
