"""What somebody sends who wants to harm whoever looks at it."""

from __future__ import annotations

from typing import Any

BIDI = "\u202egpj.exe\u2066"
HIDDEN = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\x00\x1b"
)
LONG = "x" * 10_000
LINKS = (
    "javascript:alert('link')",
    " java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
)


def evil(place: str) -> str:
    """Make a text that breaks out of an element, an attribute and a script, and names its place."""
    return (
        f"\"'></code></td></svg><script>alert('{place}')</script><img src=x onerror=alert(1)>{BIDI}"
    )


def hostile_event() -> dict[str, Any]:
    """Make an event that is hostile in every place that a page shows."""
    frame: dict[str, Any] = {
        "filename": evil("file"),
        "abs_path": evil("path"),
        "module": None,
        "function": evil("function"),
        "lineno": 7,
        "in_app": True,
        "pre_context": [evil("before"), None, {}],
        "context_line": f"x = '''{evil('line')}",
        "post_context": ["</code></pre>", LONG],
        "vars": {evil("name"): evil("value"), "long": LONG, "deep": {"a": [evil("deep")]}},
    }
    crumbs = [
        {"category": evil("category"), "message": evil("message"), "level": evil("level")},
        *({"message": "", "data": {"url": link}} for link in LINKS),
        "no object",
    ]
    return {
        "level": "fatal",
        "transaction": evil("transaction"),
        "exception": {
            "values": [{"type": evil("type"), "value": LONG, "stacktrace": {"frames": [frame]}}]
        },
        "breadcrumbs": {"values": crumbs},
        "tags": {evil("tag"): evil("tag value"), "command": evil("command"), "long": LONG},
        "user": {"id": evil("user"), "email": LINKS[0]},
        "release": evil("release"),
        "environment": evil("environment"),
        "server_name": evil("server"),
        "request": {"url": LINKS[0], "method": evil("method")},
        "contexts": {
            evil("context"): {evil("key"): evil("context value")},
            "more": {"url": LINKS[0]},
        },
        "extra": {evil("extra"): LONG},
        "modules": {evil("module"): evil("version")},
        "sdk": {"name": evil("sdk"), "version": 3},
    }


def hostile_transaction(trace_id: str, now: float) -> dict[str, Any]:
    """Make a transaction whose names are hostile and whose spans have impossible times and parents."""
    spans = [
        {
            "span_id": "a" * 16,
            "parent_span_id": "b" * 16,
            "op": evil("op"),
            "description": evil("span"),
        },
        {"span_id": "b" * 16, "parent_span_id": "a" * 16, "op": "db", "description": evil("query")},
        {"span_id": "c" * 16, "parent_span_id": "c" * 16, "op": "http.client", "description": LONG},
    ]
    times = ((now, now + 1), (-1e308, 1e308), (now - 1e7, now - 1e7 + 2))
    return {
        "transaction": evil("name"),
        "start_timestamp": now - 0.25,
        "timestamp": now,
        "user": {"id": evil("member")},
        "release": evil("version"),
        "contexts": {
            "trace": {
                "trace_id": trace_id,
                "span_id": "d" * 16,
                "op": "command",
                "status": evil("status"),
            }
        },
        "spans": [
            {**span, "start_timestamp": begin, "timestamp": end}
            for span, (begin, end) in zip(spans, times, strict=True)
        ],
    }
