"""Every place of an envelope in which something may stand: name → how it gets there."""

from __future__ import annotations

from tests.privacy import places_events, places_exceptions, places_items
from tests.privacy.placing import PLACES

__all__ = ["PLACES", "places_events", "places_exceptions", "places_items"]
