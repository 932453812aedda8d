"""Our layer with nothing behind its last gate: an envelope is scrubbed, and thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sentry_sdk

from benchmarks.variants import layer
from benchmarks.variants.layer import Work, capture
from tux.services.sentry.delivery.transport import SpoolingTransport

if TYPE_CHECKING:
    from benchmarks.rounds import Plan
    from tux.services.sentry.delivery.envelopes import Parcel

__all__ = ["Work", "capture", "start"]


def start(plan: Plan) -> None:
    """Start the layer, and take the spool away from it."""
    layer.start(plan)
    transport = sentry_sdk.get_client().transport
    assert isinstance(transport, SpoolingTransport)  # noqa: S101  # what the layer starts with
    transport._spool.put = _drop  # type: ignore[assignment,method-assign]  # for this comparison
    transport._sender.wake = lambda: None  # type: ignore[method-assign]  # as above


def _drop(_parcel: Parcel) -> None:
    """Let go of it."""
