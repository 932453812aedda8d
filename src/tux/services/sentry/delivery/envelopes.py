"""An envelope of the SDK → what may leave, as a parcel for the spool.

The last gate: attachments, check-ins, sessions, feedback and the envelope's header pass no hook of
the SDK, so everything that leaves is scrubbed here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sentry_sdk.envelope import PayloadRef
from sentry_sdk.utils import json_dumps

from tux.services.sentry.delivery.bare_bones import BODY, bare_bones
from tux.services.sentry.delivery.client_reports import Counts, Loss, losses_of, report_of
from tux.services.sentry.scrubbing.attachments import scrubbed_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sentry_sdk.envelope import Envelope, Item

    from tux.services.sentry.scrubbing.scrubber import Scrubber

_OWN_HEADERS = frozenset({"type", "length", "item_count"})


class ScrubbedPayload(PayloadRef):
    """Bytes of an item whose maker has looked at all that can hold a secret."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An envelope that may leave: scrubbed and serialised."""

    id: str
    """The event's id, or a new one."""
    category: str
    """Category of the first item: the one by which the receiver limits the whole."""
    losses: tuple[Loss, ...]
    """What is lost when the parcel is."""
    body: bytes


def pack(
    envelope: Envelope, scrubber: Scrubber, lost: Callable[[str, Iterable[Loss]], None]
) -> Parcel | None:
    """Scrub and serialise an envelope; None when nothing of it may leave.

    What cannot be scrubbed leaves as its bare bones; what has none is lost.
    """
    lines: list[bytes] = []
    losses: list[Loss] = []
    category = ""
    for item in envelope.items:
        try:
            headers, payload = _scrubbed_item(item, scrubber)
        except Exception:  # noqa: BLE001  # whatever the tree holds, the rest of the envelope leaves
            lost("internal_sdk_error", (Loss(str(item.data_category), 1),))
            continue
        headers["length"] = len(payload)
        lines += [json_dumps(headers), payload]
        losses += losses_of(item, len(payload))
        category = category or str(item.data_category)
    if not lines:
        return None
    id_ = str(envelope.headers.get("event_id") or "")
    if not (len(id_) == 32 and id_.isalnum()):  # noqa: PLR2004  # it becomes part of a file name
        id_ = uuid4().hex
    header = json_dumps(_scrubbed_header(envelope.headers, scrubber))
    return Parcel(id_, category, tuple(losses), b"\n".join([header, *lines, b""]))


def pack_report(counts: Counts, now: float) -> Parcel:
    """Make a parcel of a client report alone."""
    losses = tuple(Loss(category, quantity) for (category, _), quantity in counts.items())
    return Parcel(uuid4().hex, "internal", losses, b"{}\n" + report_item(counts, now))


def report_item(counts: Counts, now: float) -> bytes:
    """Return a client report as the lines of an item."""
    return lines_of("client_report", report_of(counts, now))


def lines_of(type_: str, data: dict[str, Any]) -> bytes:
    """Return the lines of an item that has been scrubbed, or has nothing to scrub."""
    payload = json_dumps(data)
    return b"\n".join([json_dumps({"type": type_, "length": len(payload)}), payload, b""])


def with_sent_at(body: bytes, sent_at: str) -> bytes:
    """Stamp an envelope with the time at which it is sent.

    Receivers correct the clock of a sender by it: with the time of an old capture they would move
    a replayed event to today.
    """
    first, newline, rest = body.partition(b"\n")
    header = json.loads(first)
    header["sent_at"] = sent_at
    return json_dumps(header) + newline + rest


def _scrubbed_header(header: dict[str, Any], scrubber: Scrubber) -> dict[str, Any]:
    try:
        scrubbed: dict[str, Any] = scrubber.event(
            {name: value for name, value in header.items() if name not in ("dsn", "trace")}
        )
        trace = header.get("trace")
        if isinstance(trace, dict):
            scrubbed["trace"] = scrubber.event(trace)
            # The receiver's own public key, by which it finds its sampling rules: it is sent as
            # the authorisation of the request, too.
            if isinstance(trace.get("public_key"), str):
                scrubbed["trace"]["public_key"] = trace["public_key"]
        json_dumps(scrubbed)
    except Exception:  # noqa: BLE001  # a header that cannot be scrubbed leaves as the event's id
        return {"event_id": str(header["event_id"])} if "event_id" in header else {}
    return scrubbed


def _scrubbed_item(item: Item, scrubber: Scrubber) -> tuple[dict[str, Any], bytes]:
    headers = _item_headers(item, scrubber)
    if isinstance(item.payload, ScrubbedPayload):
        return headers, item.get_bytes()
    data = item.payload.json
    if data is None:
        try:
            return headers, scrubbed_bytes(item.get_bytes(), scrubber)
        except Exception:
            if item.type != "attachment":
                raise
            # That there was one is told by the line that stands for it.
            return headers, BODY.encode()
    try:
        return headers, scrubber.serialised(data)
    except Exception:
        # Fail closed: better the bare bones than a secret or nothing.
        bones = bare_bones(str(item.type), data, scrubber)
        if bones is None:
            raise
        return headers, json_dumps(bones)


def _item_headers(item: Item, scrubber: Scrubber) -> dict[str, Any]:
    headers = {name: item.headers[name] for name in item.headers if name in _OWN_HEADERS}
    try:
        told = scrubber.event({name: item.headers[name] for name in item.headers.keys() - headers})
    except Exception:  # noqa: BLE001  # an event whose headers cannot be scrubbed leaves without them
        return headers
    return headers | dict(told)
