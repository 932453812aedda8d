"""To any HTTP server, as JSON that is described in docs/alerts.md."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.station.alerting.notifiers.base import Way, of_team
from tux.station.alerting.notifiers.posting import host_of, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SecretStr

    from tux.shared.alert_settings import AlertSettings
    from tux.station.alerting.notices import Notice


@dataclass(frozen=True, slots=True)
class WebhookNotifier:
    """Posts a notice, signed where there is a secret."""

    url: str
    secret: SecretStr | None
    clock: Callable[[], float] = time.time

    async def tell(self, notice: Notice) -> None:
        """Post it; ``X-Tux-Notice`` is the same when it comes twice."""
        body = notice.to_json().encode()
        headers = {"X-Tux-Notice": notice.id}
        if self.secret is not None:
            stamp = f"{self.clock():.0f}"
            headers |= {
                "X-Tux-Timestamp": stamp,
                "X-Tux-Signature": signature(self.secret.get_secret_value(), stamp, body),
            }
        await post(self.url, body, headers)


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Sign what is posted together with when: an old one cannot be sent again by others."""
    return f"sha256={hmac.digest(secret.encode(), stamp.encode() + b'.' + body, 'sha256').hex()}"


def way(settings: AlertSettings, team: str) -> Way | None:
    """Make it for a team that has an address."""
    url = of_team(settings.webhook_urls, team)
    return Way(host_of(url), WebhookNotifier(url, settings.webhook_secret)) if url else None
