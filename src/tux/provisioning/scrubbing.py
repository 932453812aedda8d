"""Privacy settings and a project's own → what Sentry removes of events that reach it. Pure.

The bot's scrubber comes first; this one stands behind it, for other programs that send to the same
project too. What people have set there by hand is kept: ours is laid onto it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
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
_NO_NAME: Final = "tux_user_name"
_FIELDS: Final = {"sensitiveFields": "tux_sensitive", "safeFields": "tux_safe"}
"""List of fields → how rules begin that are applied nowhere, and say which of them are ours."""


def scrubbing_of(privacy: PrivacySettings, live: Body) -> Body:
    """Lay our scrubbing onto what a project has, and take back what we laid there and is not asked any more."""
    config = json.loads(live.get("relayPiiConfig") or "{}")
    lists: dict[str, tuple[str, ...]] = {
        "sensitiveFields": (*_SENSITIVE, *privacy.names),
        "safeFields": tuple(privacy.keep_names),
    }
    fields: dict[str, list[str]] = {}
    notes: dict[str, Body] = {}
    for name, asked in lists.items():
        before = set(live.get(name) or ())
        laid = before & _noted(config, _FIELDS[name])
        fields[name] = sorted((before - laid) | set(asked))
        for field in sorted(set(asked) - (before - laid)):
            notes[f"{_FIELDS[name]} {field}"] = {"type": "anything"}
    return {
        "dataScrubber": True,
        "dataScrubberDefaults": True,
        "scrubIPAddresses": True,
        **fields,
        "relayPiiConfig": json.dumps(_rules(config, privacy, notes), sort_keys=True),
    }


def _noted(config: Body, kind: str) -> set[str]:
    """Read which fields are ours: a list of fields has no room for a mark, but rules have names."""
    names = (name.partition(" ") for name in config.get("rules", {}))
    return {field for start, _, field in names if start == kind}


def _rules(live: Body, privacy: PrivacySettings, notes: dict[str, Body]) -> Body:
    """Join rules: theirs stay, and ours of before go, those that are asked no more with them."""
    rules = {name: rule for name, rule in live.get("rules", {}).items() if not _is_ours(name)}
    applied = {
        where: kept
        for where, names in live.get("applications", {}).items()
        if (kept := [name for name in names if not _is_ours(name) and name not in _STRINGS])
    }
    for name, (pattern, text) in _PATTERNS.items():
        rules[name] = {
            "type": "pattern",
            "pattern": pattern,
            "redaction": {"method": "replace", "text": text},
        }
    applied["$string"] = [*applied.get("$string", ()), *_STRINGS]
    if privacy.user != "id+name":
        rules[_NO_NAME] = {"type": "anything", "redaction": {"method": "remove"}}
        for place in _NAMES:
            applied[place] = [*applied.get(place, ()), _NO_NAME]
    return {**live, "rules": rules | notes, "applications": applied}


def _is_ours(name: str) -> bool:
    return name.startswith("tux_")
