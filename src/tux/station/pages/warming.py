"""The first page, looked at by nobody: whoever opens it first need not wait for a month to be read."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from loguru import logger

from tux.station.pages.rendering import Asked, Site
from tux.station.pages.views_overview import overview
from tux.station.queries.ranges import RANGES
from tux.station.rollups.periods import DAY

if TYPE_CHECKING:
    from tux.station.store import Store
    from tux.watch.definitions import Definitions

AFTER_MIDNIGHT: Final = 1.0
"""Seconds: what is remembered is of whole days, and each day is another one."""


async def warm_for_ever(store: Store, watched: Definitions) -> None:
    """Look at the start, and after each midnight, until cancelled."""
    while True:
        await asyncio.to_thread(warm, store, watched)
        await asyncio.sleep(DAY - store.clock() % DAY + AFTER_MIDNIGHT)


def warm(store: Store, watched: Definitions) -> None:
    """Look at each range that is long, the longest first; where that fails, whoever opens the page is told."""
    site = Site(store)
    spans = [span for span in RANGES.values() if span.seconds >= DAY]
    for span in sorted(spans, key=lambda span: -span.seconds):
        asked = Asked("/", {}, {"range": span.name}, store.clock(), base="", dsn="", csrf="")
        try:
            site.answer(partial(overview, watched=watched), asked)
        except Exception as error:  # noqa: BLE001  # nobody has asked for it, and the station goes on
            logger.warning("the first page could not be prepared: {}", type(error).__name__)
            return
