"""What the layer sent, as data: the fixtures of tests/sentry."""

from __future__ import annotations

from tests.sentry.conftest import _fresh, sent, unstarted

__all__ = ["_fresh", "sent", "unstarted"]
