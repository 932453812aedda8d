"""Every run of a command as a metric, sampled or not: noted in passing, told every few seconds.

The SDK builds a metric where it is counted, with scopes, attributes and hooks, which takes as long
as all else that a command pays that is not sampled. Here it is a tuple in a queue, and what the runs
of a command have in common is written and scrubbed once for all of them.
"""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from threading import RLock
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

import sentry_sdk
from sentry_sdk._metrics_batcher import MetricsBatcher
from sentry_sdk.envelope import Envelope, Item
from sentry_sdk.utils import get_before_send_metric, json_dumps, serialize_attribute

from tux.services.sentry.attributes import add_attributes
from tux.services.sentry.delivery.envelopes import ScrubbedPayload
from tux.services.sentry.delivery.transport import SpoolingTransport
from tux.services.sentry.health import contained, note_fault
from tux.services.sentry.identities import is_looked_for, without_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentry_sdk.client import BaseClient

    from tux.services.sentry.timings import Run

METRIC_HOOK: Final = "tux.metric_hook"
"""The option that holds the bot's own hook for metrics, without what we add to it."""
MOST_AT_ONCE: Final = 500
"""Metrics in one item of an envelope."""
MOST_WAITING: Final = 10_000
"""Runs that wait, as many as the SDK has metrics wait."""


Noted = tuple[str, float, float, str | None, str | None, str | None, float, tuple["Run", ...]]
"""One run: command, seconds without and seconds of waits for people, the class of what it failed with and the
status that its transaction has for that, its trace where something has asked for that, when it ended by the clock
that never goes back, and what the bot's own code has begun to measure. A plain tuple, which the garbage collector
does not look at."""


class RunBatcher(MetricsBatcher):
    """The SDK's queue of metrics, with one beside it for runs of commands; its thread tells both."""

    def __init__(self, client: BaseClient, before: MetricsBatcher) -> None:
        self._client = ref(client)
        self._runs: deque[Noted] = deque()
        self._lost = 0
        # A finaliser may flush while its own thread is in here.
        self._telling = RLock()
        super().__init__(before._capture_func, before._record_lost_func)  # noqa: SLF001  # a test pins the names
        with before._lock:  # noqa: SLF001  # as above
            self._buffer, before._buffer = before._buffer, []  # noqa: SLF001  # as above
        before.kill()

    def note(self, run: Noted) -> None:
        """Let a run wait to be told. No lock is taken: it is done for every command."""
        runs = self._runs
        runs.append(run)
        waiting = len(runs)
        if waiting == 1:
            if not self._ensure_thread():
                # The client is closed, or Python ends: nobody will tell them.
                runs.clear()
        elif waiting >= MOST_AT_ONCE:
            self._hurry(waiting)

    def _hurry(self, waiting: int) -> None:
        if waiting == MOST_AT_ONCE:
            self._flush_event.set()
        elif waiting > MOST_WAITING:
            self._runs.pop()
            self._lost += 1

    def _flush(self) -> Envelope | None:
        with contained(), self._telling:
            self._tell_runs()
        return super()._flush()

    def _tell_runs(self) -> None:
        client, runs = self._client(), list(self._drained())
        if client is None or not runs:
            return
        hook = _hook_of(client.options)
        if hook is None:
            for start in range(0, len(runs), MOST_AT_ONCE):
                self._tell_durations(runs[start : start + MOST_AT_ONCE], client)
        self._tell_one_by_one(runs, hook, client)
        lost, self._lost = self._lost, 0
        if lost:
            self._lose("queue_overflow", lost)

    def _tell_durations(self, runs: list[Noted], client: BaseClient) -> None:
        try:
            envelope = _envelope(runs, client)
        except Exception as error:  # noqa: BLE001  # what cannot be scrubbed does not leave; it is counted
            note_fault(error)
            self._lose("internal_sdk_error", len(runs))
        else:
            self._capture_func(envelope)

    def _lose(self, reason: str, quantity: int) -> None:
        self._record_lost_func(
            reason=reason, data_category=self.CLIENT_REPORT_TYPE, quantity=quantity
        )

    def _drained(self) -> Iterator[Noted]:
        # Others go on to note some meanwhile.
        for _ in range(len(self._runs)):
            run = self._runs.popleft()
            if not run[-1] or _is_ours(run[-1]):
                yield run

    def _tell_one_by_one(
        self, runs: list[Noted], hook: Callable[[Any, Any], Any] | None, client: BaseClient
    ) -> None:
        """Queue as the SDK does what is not many, and everything where the bot has a hook for it."""
        for metric in _metrics_of(runs, with_durations=hook is not None):
            kept: Any = metric
            reason = "before_send"
            if hook is not None:
                with contained():
                    kept, reason = None, "callback_error"
                    kept, reason = hook(metric, {}), "before_send"
            if kept is None:
                self._record_lost_func(
                    reason=reason,
                    data_category=self.CLIENT_REPORT_TYPE,
                    item=self._to_envelope_item([metric]),
                )
                continue
            if is_looked_for() and not isinstance(client.transport, SpoolingTransport):
                kept = without_ids(kept)
            with self._lock:
                self._buffer.append(kept)

    def _reset_thread_state(self) -> None:
        # After a fork: what waits is the parent's to tell.
        super()._reset_thread_state()
        self._runs = deque()
        self._lost = 0
        self._telling = RLock()


def batcher_of(client: BaseClient) -> RunBatcher | None:
    """Give the client's queue of runs, made with its first; None where it takes no metrics."""
    batcher = client.metrics_batcher
    if type(batcher) is RunBatcher:
        return batcher
    if batcher is None:
        return None
    client.metrics_batcher = made = RunBatcher(client, batcher)
    return made


def _hook_of(options: dict[str, Any]) -> Any:
    """Find the hook of the bot's own; of what stands for a unit nothing is known here."""
    hook = options.get(METRIC_HOOK, get_before_send_metric(options))
    return None if hook is add_attributes else hook


def _is_ours(tracked: tuple[Run, ...]) -> bool:
    """Tell whether the bot's own code has told nothing of a run so far; from now on it is too late."""
    if any(run.has_ended for run in tracked):
        return False
    for run in tracked:
        run.is_told = True
    return True


def _metric(name: str, kind: str, unit: str | None, **own: str | None) -> dict[str, Any]:
    """Make what the metrics of one kind have in common, as the SDK does."""
    # It lets them only be set; a test pins the name.
    common = sentry_sdk.get_global_scope()._attributes  # noqa: SLF001
    said = {key: value for key, value in own.items() if value}
    return {"name": name, "type": kind, "unit": unit, "attributes": {**common, **said}}


def _duration(command: str, error: str | None, status: str | None) -> dict[str, Any]:
    # What a member did wrong is a failure, too: the status tells it from what is the bot's fault.
    result = "success" if error is None else "failure"
    return _metric(
        *("command.duration", "distribution", "millisecond"),
        command=command,
        result=result,
        error=error,
        status=status,
    )


def _metrics_of(runs: list[Noted], *, with_durations: bool) -> Iterator[Any]:
    now = time.time()
    offset = now - time.perf_counter()
    for command, seconds, waited, error, status, trace_id, ended, _ in runs:
        mine = {"timestamp": ended + offset, "trace_id": trace_id or _new_ids(1), "span_id": None}
        if with_durations:
            yield _duration(command, error, status) | mine | {"value": seconds * 1000}
        if waited > 0:
            wait = _metric("command.people_wait", "distribution", "millisecond")
            yield wait | mine | {"value": waited * 1000}
    for kind, count in Counter((run[0], *run[3:5]) for run in runs).items():
        counted = _duration(*kind) | {"name": "command.runs", "type": "counter"}
        mine = {"timestamp": now, "trace_id": _new_ids(1), "span_id": None, "unit": None}
        yield counted | mine | {"value": float(count)}


def _envelope(runs: list[Noted], client: BaseClient) -> Envelope:
    """Write durations as the SDK's own queue does: what differs, after what is the same.

    https://develop.sentry.dev/sdk/telemetry/metrics/ (read for sentry-sdk 2.75)
    """
    written = _Written(client)
    offset = time.time() - time.perf_counter()
    # Nothing else knows a trace that nothing has asked for.
    ids = _new_ids(len(runs))
    # Whole numbers with an exponent: Python takes three times as long to write a fraction.
    items = [
        f'{written[command, error, status]}{int(seconds * 1e6)}e-3,"timestamp":{int((ended + offset) * 1e6)}e-6,'
        f'"trace_id":"{trace_id or ids[place : place + 32]}"}}'
        for place, (command, seconds, _, error, status, trace_id, ended, _) in zip(
            range(0, len(ids), 32), runs, strict=True
        )
    ]
    payload = ScrubbedPayload(f'{{"version":2,"items":[{",".join(items)}]}}'.encode())
    envelope = Envelope()
    envelope.add_item(
        Item(
            payload,
            type=RunBatcher.TYPE,
            content_type=RunBatcher.CONTENT_TYPE,
            headers={"item_count": len(items)},
        )
    )
    return envelope


class _Written(dict[tuple[str, str | None, str | None], str]):
    """Command, error and status → the beginning of their metrics, scrubbed."""

    def __init__(self, client: BaseClient) -> None:
        self._transport = client.transport

    def __missing__(self, key: tuple[str, str | None, str | None]) -> str:
        metric: Any = _duration(*key)
        metric["attributes"] = {
            name: serialize_attribute(value) for name, value in metric["attributes"].items()
        }
        if isinstance(self._transport, SpoolingTransport):
            metric = self._transport.scrubber.event(metric)
        elif is_looked_for():
            metric = without_ids(metric)
        self[key] = begun = f'{json_dumps(metric).decode()[:-1]},"value":'
        return begun


def _new_ids(number: int) -> str:
    return os.urandom(16 * number).hex()
