"""How teams are told: a file for each way, and a table of them all."""

from tux.station.alerting.notifiers.base import Notifier
from tux.station.alerting.notifiers.registry import KINDS, Target, targets_of

__all__ = ["KINDS", "Notifier", "Target", "targets_of"]
