"""Into a channel of Discord, by its webhook.

https://discord.com/developers/docs/resources/webhook#execute-webhook
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tux.station.alerting.notices import sparkline
from tux.station.alerting.notifiers.base import Way, of_team
from tux.station.alerting.notifiers.posting import host_of, post

if TYPE_CHECKING:
    from tux.shared.alert_settings import AlertSettings
    from tux.station.alerting.notices import Notice

COLOURS: Final = {"firing": 0xD92D3A, "resolved": 0x2E9E5B, "test": 0x4263C7}
_MARKS: Final = re.compile(r"([\\`*_~|>\[\]()#<@:/-])")
"""What Discord takes for bold, a link, a mention …: texts of errors are foreign."""


@dataclass(frozen=True, slots=True)
class DiscordNotifier:
    """Posts an embed."""

    url: str

    async def tell(self, notice: Notice) -> None:
        """Post it; nobody is pinged, whatever an error's text says."""
        await post(self.url, json.dumps(message_of(notice)).encode())


def message_of(notice: Notice) -> dict[str, Any]:
    """Make the message. Pure."""
    lines = [_plain(notice.description, 500)] if notice.description else []
    if notice.evidence:
        # A link's words are escaped; its address is ours.
        lines.append(f"[{_plain(notice.evidence, 200)}]({notice.evidence_url})")
    if notice.spark:
        lines.append(f"`{sparkline(notice.spark)}` last {len(notice.spark)} minutes")
    return {
        "username": "Tux",
        "allowed_mentions": {"parse": []},
        "embeds": [
            {
                "title": _plain(notice.headline, 240),
                "url": notice.url,
                "description": "\n".join(lines),
                "color": COLOURS[notice.kind],
                "timestamp": datetime.fromtimestamp(notice.at, UTC).isoformat(),
                "fields": [
                    {"name": name, "value": value, "inline": True} for name, value in notice.figures
                ],
                "footer": {"text": f"for {notice.team} · severity {notice.severity}"},
            }
        ],
    }


def _plain(text: str, limit: int) -> str:
    line = " ".join(text.split())
    cut = line if len(line) <= limit else line[: limit - 1] + "…"
    return _MARKS.sub(r"\\\1", cut)


def way(settings: AlertSettings, team: str) -> Way | None:
    """Make it for a team that has an address."""
    url = of_team(settings.discord_urls, team)
    return Way(host_of(url), DiscordNotifier(url)) if url else None
