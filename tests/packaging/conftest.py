"""A station in a process of its own, as users' tests have it."""

from tux.pytest_plugin.station_process import station

__all__ = ["station"]
