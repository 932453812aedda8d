"""How long the periods are by which things are counted."""

from __future__ import annotations

from typing import Final

MINUTE: Final = 60
HALF_HOUR: Final = 1800
HOUR: Final = 3600
DAY: Final = 86_400
HALF_HOURS, DAYS, MINUTES = 0, 1, 2
"""Tiers, as the tables name them."""
TIERS: Final = ((HALF_HOURS, HALF_HOUR), (DAYS, DAY))
"""Those of everything that is charted."""
BLOCKS: Final = {HALF_HOURS: 12, DAYS: 16}
"""How many periods of a tier lie together: six hours are a bar of the chart of a week."""
OPEN: Final = 2
"""Minutes that are over and still open: most of what comes late comes within them."""
MINUTES_KEPT: Final = 180
