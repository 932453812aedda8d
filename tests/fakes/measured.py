"""What a bot tells by its metric of runs of a command."""

from __future__ import annotations

import uuid
from typing import Any


def measured(now: float, command: str, *runs: tuple[float, float, str]) -> list[dict[str, Any]]:
    """Say of runs of a command how long ago they ended, how long they took, and what became of them."""
    return [
        {
            "timestamp": now - age,
            "type": "distribution",
            "name": "command.duration",
            "unit": "millisecond",
            "value": value,
            "trace_id": uuid.uuid4().hex,
            "attributes": {
                name: {"value": said, "type": "string"}
                for name, said in (
                    ("command", command),
                    ("result", "failure" if status else "success"),
                    *((("status", status), ("error", "KeyError")) if status else ()),
                    ("sentry.environment", "production"),
                )
            },
        }
        for age, value, status in runs
    ]
