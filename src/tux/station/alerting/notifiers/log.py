"""Into the station's own log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loguru import logger

from tux.station.alerting.notifiers.base import Way

if TYPE_CHECKING:
    from tux.shared.alert_settings import AlertSettings
    from tux.station.alerting.notices import Notice


@dataclass(frozen=True, slots=True)
class LogNotifier:
    """Writes a line. Without titles of issues: they may quote what a member wrote."""

    async def tell(self, notice: Notice) -> None:
        """Write it; what is over is less urgent."""
        figures = "".join(f", {name.lower()} {value}" for name, value in notice.figures)
        level = "WARNING" if notice.kind == "firing" else "INFO"
        logger.log(
            level, "alert for {}: {}{}, see {}", notice.team, notice.headline, figures, notice.url
        )


def way(_settings: AlertSettings, _team: str) -> Way:
    """Make it: everybody has it."""
    return Way("the station's log", LogNotifier())
