"""What is wrong with a value of a line is told by its field's name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tux.station.store.field_types import fault_of
from tux.station.wire.rows import LogRow, OrphanRow, SessionRow, SpanRow

LOG = LogRow(1.5, "info", "ready", None, "{}")
SPAN = SpanRow("a" * 32, "b" * 16, None, "db", "SELECT 1", "ok", 1, 2.5)
WRONG: Any = {}
WRONG_SPAN = replace(SPAN, op=WRONG)
SESSION = SessionRow("a" * 32, 1.0, 2.0, "1", "live")


@pytest.mark.parametrize(
    ("row", "fields", "fault"),
    [
        (LOG, {}, None),
        (LOG, {"timestamp": 7, "trace_id": "a"}, None),
        (LOG, {"timestamp": "x"}, "its timestamp is a text, and must be a number"),
        (LOG, {"timestamp": True}, "its timestamp is true or false, and must be a number"),
        (
            LOG,
            {"timestamp": float("nan")},
            "its timestamp is no finite number, and must be a number",
        ),
        (LOG, {"timestamp": 10**400}, "its timestamp is too large, and must be a number"),
        (LOG, {"body": None}, "its body is null, and must be a text"),
        (LOG, {"trace_id": [1]}, "its trace_id is a list, and must be a text or null"),
        (SESSION, {"crashed": 1.5}, "its crashed is a number, and must be a whole number"),
        (SESSION, {"crashed": 2**63}, "its crashed is too large, and must be a whole number"),
        (OrphanRow("s", SPAN), {}, None),
        (
            *(OrphanRow("s", SPAN), {"span": WRONG_SPAN}),
            "its span: its op is an object, and must be a text",
        ),
    ],
)
def test_a_wrong_field_is_named(row: Any, fields: dict[str, Any], fault: str | None) -> None:
    """The first value that the file cannot hold is named, with what it is and must be."""
    assert fault_of(replace(row, **fields)) == fault
