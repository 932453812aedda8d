"""By mail, through an SMTP server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlsplit

from tux.shared.alert_settings import LOOPBACK
from tux.shared.exceptions import TuxConfigurationError
from tux.station.alerting.errors import NotToldError
from tux.station.alerting.notices import sparkline
from tux.station.alerting.notifiers.base import ALL_TEAMS, SECONDS, Way

try:
    import aiosmtplib
except ImportError:
    aiosmtplib = None  # type: ignore[assignment]  # asked for before a notifier is made

if TYPE_CHECKING:
    from tux.shared.alert_settings import AlertSettings
    from tux.station.alerting.notices import Notice

PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class EmailNotifier:
    """Sends a mail of plain text."""

    server: SplitResult
    sender: str
    to: str

    async def tell(self, notice: Notice) -> None:
        """Send it; a password leaves only over TLS, or to this machine."""
        server, is_tls = self.server, self.server.scheme == "smtps"
        must = server.password is not None and server.hostname not in LOOPBACK
        try:
            async with asyncio.timeout(SECONDS):
                await aiosmtplib.send(
                    mail_of(notice, self.sender, self.to),
                    hostname=server.hostname,
                    port=server.port or PORTS[server.scheme],
                    username=_word(server.username),
                    password=_word(server.password),
                    use_tls=is_tls,
                    # None takes TLS where it is offered.
                    start_tls=False if is_tls else (True if must else None),
                    timeout=SECONDS,
                )
        except TimeoutError:
            raise NotToldError(f"no answer within {SECONDS:.0f} s") from None
        except aiosmtplib.SMTPResponseException as error:
            raise NotToldError(f"refused with {error.code}") from None
        except aiosmtplib.SMTPRecipientsRefused:
            raise NotToldError("refused all recipients") from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise NotToldError(f"cannot be reached ({type(error).__name__})") from None


def mail_of(notice: Notice, sender: str, to: str) -> EmailMessage:
    """Write the mail. Pure but for its date and id."""
    mail = EmailMessage()
    mail["Subject"] = f"[tux] {' '.join(notice.headline.split())}"[:200]
    mail["From"] = sender
    mail["To"] = to
    mail["Date"] = format_datetime(datetime.fromtimestamp(notice.at, UTC))
    mail["Message-ID"] = make_msgid(notice.id, "tux.invalid")
    mail["Auto-Submitted"] = "auto-generated"
    lines = [
        notice.description,
        *(f"{name + ':':<11}{value}" for name, value in notice.figures),
        f"\nMost of it: {' '.join(notice.evidence.split())[:300]}\n{notice.evidence_url}"
        if notice.evidence
        else "",
        f"\nLast {len(notice.spark)} minutes:  {sparkline(notice.spark)}" if notice.spark else "",
        f"\nAlerts: {notice.url}",
    ]
    mail.set_content("\n".join(line for line in lines if line) + "\n")
    return mail


def _word(part: str | None) -> str | None:
    return None if part is None else unquote(part)


def way(settings: AlertSettings, team: str) -> Way | None:
    """Make it for a team that has an address, where there is a server.

    Raises:
        TuxConfigurationError: the extra that mails is not installed.
    """
    to = settings.email_to.get(team, settings.email_to.get(ALL_TEAMS))
    if not to or settings.smtp_url is None:
        return None
    if aiosmtplib is None:
        raise TuxConfigurationError(
            "ALERTS_SMTP_URL", "Mail needs aiosmtplib: pip install 'tux[station]'."
        )
    server = urlsplit(settings.smtp_url.get_secret_value())
    return Way(f"mail by {server.hostname}", EmailNotifier(server, settings.email_from, to))
