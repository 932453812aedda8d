"""Fixtures for tests of your own bot: what would have been sent, a local Discord, a station.

Name it in your ``conftest.py``: ``pytest_plugins = ["tux.pytest_plugin"]``. While it is loaded no
client of the SDK sends anything anywhere, whoever made it; ``--send-telemetry`` lets them.
"""

from tux.pytest_plugin.hooks import pytest_addoption, pytest_configure, pytest_unconfigure
from tux.pytest_plugin.local_bot import LocalBot, local_discord
from tux.pytest_plugin.sent import Sent, sent
from tux.pytest_plugin.station_process import StationProcess, station

__all__ = [
    "LocalBot",
    "Sent",
    "StationProcess",
    "local_discord",
    "pytest_addoption",
    "pytest_configure",
    "pytest_unconfigure",
    "sent",
    "station",
]
