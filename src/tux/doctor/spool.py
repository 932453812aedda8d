"""The spool: can it be written, how full and how old is it, and is there room on the disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from tux.doctor.findings import Finding
from tux.doctor.folders import try_folder
from tux.services.sentry.delivery.spool_files import ASIDE
from tux.services.sentry.delivery.spool_view import contents, receivers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tux.services.sentry.delivery.spool_view import Contents
    from tux.shared.settings import SentrySettings

FULL: Final = 0.8
"""Share of a bound from which it is told."""
OLD_SECONDS: Final = 3600.0
"""What waits longer waits for more than a restart of the receiver."""
MEGABYTE: Final = 1_000_000
_DAY: Final = 86_400


def check_spool(settings: SentrySettings, now: float) -> Iterator[Finding]:
    """Look at the folder, what is in it, and the disk below it."""
    root = settings.spool_path.absolute()
    try:
        try_folder(root)
        found = [contents(path) for path in receivers(root)]
    except OSError as error:
        yield Finding(
            "spool", "fault", f"{root} cannot be written: {error.strerror}",
            "Give the bot's user the folder, or set SENTRY_SPOOL_PATH; until then what waits is "
            "lost with the process.",
        )  # fmt: skip
        return
    yield Finding("spool", "ok", f"{root} can be written")
    yield from _of_contents(found, settings, now)
    if settings.spool_bytes < MEGABYTE:
        yield Finding(
            "spool", "warning", f"it may hold {settings.spool_bytes:,} bytes, less than one large event",
            "SENTRY_SPOOL_BYTES is in bytes, 67108864 by default; what does not fit is given up.",
        )  # fmt: skip
    yield _of_disk(root, settings, sum(one.bytes for one in found))


def _of_contents(found: list[Contents], settings: SentrySettings, now: float) -> Iterator[Finding]:
    waiting = [waiting for one in found for waiting in one.waiting]
    if not waiting:
        yield Finding("spool", "ok", "nothing waits to be sent")
    else:
        # Each receiver has bounds of its own.
        share = max(one.bytes for one in found) / settings.spool_bytes
        age = now - min(one.captured for one in waiting)
        text = (
            f"{_counted(len(waiting))} ({sum(one.size for one in waiting) / MEGABYTE:.1f} MB), "
            f"the oldest for {age / 3600:.1f} h"
        )
        if share > FULL or age > settings.spool_days * _DAY * FULL:
            advice = (
                "The oldest are about to be given up: mend the receiver, then `tux spool send`."
            )
            yield Finding("spool", "fault", f"{text}; it is near its bounds", advice)
        elif age > OLD_SECONDS:
            advice = "`tux spool list` shows them; start the bot, or `tux spool send`."
            yield Finding("spool", "warning", text, advice)
        else:
            yield Finding("spool", "ok", text)
    for one in found:
        if one.corrupt:
            folder = one.corrupt[0].parent
            yield Finding(
                "spool", "warning", f"{len(one.corrupt)} corrupt files were set aside in {folder}",
                f"A disk may be failing, or power was lost; `tux spool purge` removes {ASIDE}/.",
            )  # fmt: skip


def _counted(number: int) -> str:
    return "1 envelope waits" if number == 1 else f"{number} envelopes wait"


def _of_disk(root: Path, settings: SentrySettings, used: int) -> Finding:
    above = root if root.exists() else next(one for one in root.parents if one.exists())
    free = shutil.disk_usage(above).free
    text = f"{free / MEGABYTE:.0f} MB are free for the spool"
    if free < settings.spool_bytes - used:
        return Finding(
            "disk", "warning", f"{text}, which may need {settings.spool_bytes / MEGABYTE:.0f} MB",
            "Make room, or lower SENTRY_SPOOL_BYTES; on a full disk what waits is kept in memory.",
        )  # fmt: skip
    return Finding("disk", "ok", text)
