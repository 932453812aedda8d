"""The way to the receiver: DSN, a real request that makes no event, the clocks, and its limits."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from sentry_sdk.utils import BadDsn, Dsn

from tux.doctor.findings import Finding
from tux.services.sentry.delivery.answers import Patience
from tux.services.sentry.delivery.receiver import HttpReceiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tux.doctor.findings import Level
    from tux.services.sentry.delivery.receiver import Answer
    from tux.shared.settings import Settings

NOTHING: Final = b"{}\n"
"""An envelope without items: taken by receivers like any other, and no event."""
CLOSE_SECONDS: Final = 30.0
"""Clocks that are so near are the same: the header has whole seconds, and takes its way."""
FAR_SECONDS: Final = 600.0
_CAUSES: Final = {
    "NameResolutionError": ("its name is not known", "Look at the host in SENTRY_DSN, and at DNS."),
    "NewConnectionError": (
        "it does not take connections",
        "Start it (`tux station`), or look at host and port in SENTRY_DSN and at firewalls.",
    ),
    "ConnectTimeoutError": ("no connection came about in time", "Look at the network on the way."),
    "ReadTimeoutError": ("it took the request and did not answer in time", "Look at its log."),
    "SSLError": (
        "its certificate is not accepted",
        "Look at the machine's clock; name a private authority in SSL_CERT_FILE.",
    ),
    "ProxyError": ("the proxy refuses", "Look at HTTP_PROXY, HTTPS_PROXY and NO_PROXY."),
    "ProtocolError": ("it broke the connection off", "Is it a Sentry receiver that listens there?"),
}
"""What a failed request was, and what to do."""


def check_receiver(settings: Settings, now: Callable[[], float]) -> Iterator[Finding]:
    """Look at the DSN, and where it is one, at what it leads to."""
    written = settings.sentry.dsn.get_secret_value() if settings.sentry.dsn else ""
    if not written:
        yield Finding(
            "DSN", "warning", "SENTRY_DSN is not set",
            "`tux start` runs the station beside the bot then; with --no-station nothing is kept. "
            "For another receiver, set it.",
        )  # fmt: skip
        return
    try:
        dsn = Dsn(written)
    except (BadDsn, ValueError):
        yield Finding(
            "DSN", "fault", "SENTRY_DSN is not a DSN: errors and timings are not sent",
            "It is https://<key>@<host>/<project>; copy it anew from the receiver's settings.",
        )  # fmt: skip
        return
    yield _of_dsn(dsn)
    try:
        answer = HttpReceiver(dsn, {}, Patience()).post(NOTHING)
    except OSError as error:
        text, advice = _CAUSES.get(str(error), (str(error), "Look at its log and at the network."))
        yield Finding("receiver", "fault", f"cannot be reached: {text}", advice)
        return
    yield _of_answer(answer)
    yield _of_clock(answer, now())


def _of_dsn(dsn: Dsn) -> Finding:
    # Never the key: the address without it.
    where = f"{dsn.scheme}://{dsn.netloc}/{dsn.project_id}"
    if dsn.scheme == "http" and not _is_near(dsn.host):
        return Finding(
            "DSN", "warning", f"leads to {where}, without encryption",
            "Who is on the way can read all that is sent: use https.",
        )  # fmt: skip
    return Finding("DSN", "ok", f"leads to {where}")


def _is_near(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _of_answer(answer: Answer) -> Finding:
    status = answer.status
    limits = answer.headers.get("X-Sentry-Rate-Limits") or answer.headers.get("Retry-After")
    level: Level = "fault"
    if status // 100 == 2 and not limits:  # noqa: PLR2004  # of HTTP
        return Finding("receiver", "ok", "takes envelopes")
    if status == 429 or (limits and status // 100 == 2):  # noqa: PLR2004  # of HTTP
        level, text = "warning", "limits what it takes"
        advice = "What waits is sent as its limits allow; look at the quota, or send less."
    elif status in (401, 403):
        text = f"is there and refuses the key (HTTP {status})"
        advice = "Copy SENTRY_DSN anew from its settings; the project may be gone or disabled."
    elif status == 404:  # noqa: PLR2004  # of HTTP
        text = "is there and knows no such project (HTTP 404)"
        advice = "Look at the path and the project's number in SENTRY_DSN."
    elif status // 100 == 3:  # noqa: PLR2004  # of HTTP
        text = f"sends elsewhere (HTTP {status}), which is not followed"
        advice = "Write the address it leads to into SENTRY_DSN; most often it is https."
    elif status == 400:  # noqa: PLR2004  # of HTTP
        return Finding("receiver", "ok", "answers, and does not take an envelope without items")
    elif status // 100 == 5:  # noqa: PLR2004  # of HTTP
        text = f"is there and fails (HTTP {status})"
        advice = "Look at its log; envelopes wait in the spool meanwhile."
    else:
        text, advice = f"answers with HTTP {status}", "Is it a Sentry receiver that listens there?"
    return Finding("receiver", level, text, advice)


def _of_clock(answer: Answer, now: float) -> Finding:
    try:
        ahead = now - parsedate_to_datetime(answer.headers.get("Date") or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return Finding("clock", "warning", "the receiver does not tell its time: not compared")
    if abs(ahead) <= CLOSE_SECONDS:
        return Finding("clock", "ok", "is that of the receiver")
    direction = "ahead of" if ahead > 0 else "behind"
    return Finding(
        "clock",
        "fault" if abs(ahead) > FAR_SECONDS else "warning",
        f"is {abs(ahead):.0f} s {direction} the receiver's",
        "Events come at wrong times: set the clock, best by NTP (timedatectl set-ntp true).",
    )
