"""Privacy settings and a project's own → what Sentry removes of events that reach it. Pure.

The bot's scrubber comes first; this one stands behind it, for other programs that send to the same
project too. What people have set there by hand is kept: ours is laid onto it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.provisioning.objects import Body
    from tux.shared.privacy import PrivacySettings

LONGEST_FIELDS: Final = 4000
"""Characters that all sensitive fields may have together."""
_SENSITIVE: Final = (
    "authorization",
    "bot_token",
    "database_url",
    "dsn",
    "token",
    "webhook_url",
)
# Classes are written out: Relay's `\w` is all of Unicode, and too large to compile.
_PATTERNS: Final = {
    "tux_discord_token": (
        r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}",
        "[discord-token]",
    ),
    "tux_discord_webhook": (
        r"discord(?:app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]+",
        "[discord-webhook]",
    ),
    "tux_database_url": (r"postgres(?:ql)?(?:\+[a-z0-9]+)?://[^ \"']+", "[database-url]"),
}
_STRINGS: Final = (*_PATTERNS, "@email:replace", "@userpath:replace")
_NAMES: Final = ("$user.username", "$user.name")


def scrubbing_of(privacy: PrivacySettings, live: Body) -> Body:
    """Lay our scrubbing onto what a project has."""
    return {
        "dataScrubber": True,
        "dataScrubberDefaults": True,
        "scrubIPAddresses": True,
        "sensitiveFields": _joined(live.get("sensitiveFields"), (*_SENSITIVE, *privacy.names)),
        "safeFields": _joined(live.get("safeFields"), privacy.keep_names),
        "relayPiiConfig": json.dumps(
            _rules(json.loads(live.get("relayPiiConfig") or "{}"), privacy), sort_keys=True
        ),
    }


def _joined(live: list[str] | None, ours: Iterable[str]) -> list[str]:
    return sorted({*(live or ()), *ours})


def _rules(live: dict[str, Any], privacy: PrivacySettings) -> dict[str, Any]:
    """Join rules: theirs stay, and ours of an earlier version go."""
    rules = {name: rule for name, rule in live.get("rules", {}).items() if not _is_ours(name)}
    applied = {
        where: [name for name in names if not _is_ours(name) and name not in _STRINGS]
        for where, names in live.get("applications", {}).items()
    }
    for name, (pattern, text) in _PATTERNS.items():
        rules[name] = {
            "type": "pattern",
            "pattern": pattern,
            "redaction": {"method": "replace", "text": text},
        }
    applied["$string"] = [*applied.get("$string", ()), *_STRINGS]
    if privacy.user != "id+name":
        for place in _NAMES:
            applied[place] = [*dict.fromkeys((*applied.get(place, ()), "@anything:remove"))]
    return {**live, "rules": rules, "applications": applied}


def _is_ours(name: str) -> bool:
    return name.startswith("tux_")
