"""A transport for the SDK that loses nothing while the receiver is away.

A captured envelope is scrubbed and written to the spool before the capture returns; a thread sends
it and deletes it after a 2xx. At least once: when only the answer is lost, it is sent again with
the same event id.
"""

from __future__ import annotations

import atexit
import time
from typing import TYPE_CHECKING, Any

from sentry_sdk.envelope import Envelope, Item, PayloadRef
from sentry_sdk.transport import Transport

from tux.services.sentry.delivery.answers import Patience
from tux.services.sentry.delivery.client_reports import ClientReports, Loss, losses_of
from tux.services.sentry.delivery.clocks import Clocks
from tux.services.sentry.delivery.envelopes import pack
from tux.services.sentry.delivery.places import limits_file, receiver_directory
from tux.services.sentry.delivery.process import watch
from tux.services.sentry.delivery.rate_limits import RateLimits
from tux.services.sentry.delivery.receiver import HttpReceiver
from tux.services.sentry.delivery.sender import Sender
from tux.services.sentry.delivery.sessions import CATEGORY, RunSession
from tux.services.sentry.delivery.spool import Spool
from tux.services.sentry.delivery.spool_queue import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentry_sdk._types import EventDataCategory

    from tux.services.sentry.delivery.sessions import Status
    from tux.services.sentry.scrubbing.scrubber import Scrubber
    from tux.shared.settings import SentrySettings

_DAY = 86_400


class SpoolingTransport(Transport):
    """Spool and send envelopes; made by `spooling_transport`, which sets what to scrub and where."""

    settings: SentrySettings
    scrubber: Scrubber
    clocks = Clocks(now=time.time, monotonic=time.monotonic)
    patience = Patience()

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._is_open = True
        self._session: RunSession | None = None
        self._open()
        watch(self)

    def capture_envelope(self, envelope: Envelope) -> None:
        """Scrub an envelope and keep it until the receiver has it. Never raises."""
        try:
            parcel = pack(envelope, self.scrubber, self._reports.add)
            if parcel is not None:
                self._spool.put(parcel)
                self._sender.wake()
            if self._session is not None and _has_error(envelope):
                self._session.count_error()
        except Exception:  # noqa: BLE001  # telemetry must not break what it watches; it is counted
            self._lose_all(envelope)

    def flush(self, timeout: float, callback: Callable[[int, float], None] | None = None) -> None:
        """Wait until all is sent; return at once when the receiver is known to be away."""
        if timeout > 0 and not self._sender.flush(timeout) and callback is not None:
            callback(len(self._spool), timeout)

    def kill(self) -> None:
        """Stop sending; what waits is sent at the next start."""
        self.end_session()
        self._is_open = False
        self._sender.stop()

    def record_lost_event(
        self,
        reason: str,
        data_category: EventDataCategory | None = None,
        item: Item | None = None,
        *,
        quantity: int = 1,
    ) -> None:
        """Count what the SDK gave up before it came here."""
        if item is not None:
            self._reports.add(reason, losses_of(item))
        elif data_category is not None:
            self._reports.add(reason, (Loss(data_category, quantity),))

    def record_unsampled(self) -> None:
        """Count a transaction that the sampling rate did not keep."""
        self._reports.count_unsampled()

    def record_held_back(self) -> None:
        """Count an error that the limiter did not let pass."""
        self._reports.count_held_back()
        if self._session is not None:
            self._session.count_error()

    def begin_session(self, release: str, environment: str) -> None:
        """Let release health know of this run, which ends with the process at the latest."""
        self.end_session()
        # It may lie on disk, and the next run sends it as it is.
        facts = self.scrubber.event({"release": release, "environment": environment})
        self._session = RunSession(
            **facts, clocks=self.clocks, folder=lambda: self._spool.folder, send=self._send_session
        )
        self._session.begin()
        atexit.register(self.end_session)

    def end_session(self, status: Status | None = None) -> None:
        """Say how the run ended: by default as the interpreter ends."""
        session, self._session = self._session, None
        if session is not None:
            atexit.unregister(self.end_session)
            session.end(status)

    def is_healthy(self) -> bool:
        """Tell whether the receiver takes everything: the SDK samples less when it does not."""
        return self._sender.limits.remaining() is None

    def after_fork(self) -> None:
        """Begin anew: threads, locks, connections and the session are the parent's."""
        self._session = None
        self._spool.forget()
        if self._is_open:
            self._open()

    def before_crash(self) -> None:
        """Note that an exception ends the interpreter, and with it the session."""
        if self._session is not None:
            self._session.has_crashed = True

    def _open(self) -> None:
        assert self.parsed_dsn is not None  # noqa: S101  # the SDK makes no transport without a DSN
        options = self.options or {}
        self._reports = ClientReports(muted=not options.get("send_client_reports", True))
        self._spool = Spool(
            receiver_directory(self.settings.spool_path.absolute(), self.parsed_dsn),
            Bounds(self.settings.spool_bytes, self.settings.spool_days * _DAY),
            self._reports,
            self.clocks,
        )
        self._sender = Sender(
            self._spool,
            HttpReceiver(self.parsed_dsn, options, self.patience),
            RateLimits(self.clocks, limits_file(self._spool.directory, self.parsed_dsn)),
            self._reports,
            self.clocks,
            self._keep_session_up,
        )
        self._sender.start()

    def _keep_session_up(self) -> None:
        session = self._session
        if session is not None:
            session.keep_up()

    def _send_session(self, state: dict[str, Any]) -> None:
        envelope = Envelope()
        envelope.add_item(Item(PayloadRef(json=state), type=CATEGORY))
        self.capture_envelope(envelope)

    def _lose_all(self, envelope: Envelope) -> None:
        for item in envelope.items:
            try:
                self._reports.add("internal_sdk_error", losses_of(item))
            except Exception:  # noqa: BLE001  # even an item that cannot be weighed is one
                self._reports.add("internal_sdk_error", (Loss("default", 1),))


def _has_error(envelope: Envelope) -> bool:
    event = envelope.get_event()
    return event is not None and bool(event.get("exception"))


def spooling_transport(settings: SentrySettings, scrubber: Scrubber) -> type[SpoolingTransport]:
    """Make the transport class that ``sentry_sdk.init`` is given."""
    return type(
        "SpoolingTransport",
        (SpoolingTransport,),
        {"settings": settings, "scrubber": scrubber},
    )
