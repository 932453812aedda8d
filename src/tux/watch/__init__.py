"""What is watched, declared once: for our own station, for Sentry, and for whoever draws it."""

from tux.watch.definitions import AlertRule, Cron, Definitions, Metric, Team, Widget
from tux.watch.loading import load_definitions
from tux.watch.sources import SOURCES, Source

__all__ = [
    "SOURCES",
    "AlertRule",
    "Cron",
    "Definitions",
    "Metric",
    "Source",
    "Team",
    "Widget",
    "load_definitions",
]
