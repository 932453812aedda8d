"""A serialised envelope in parts: without its attachments, or with its long strings cut."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sentry_sdk.utils import json_dumps

from tux.services.sentry.delivery.client_reports import Loss
from tux.services.sentry.delivery.envelopes import Parcel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.services.sentry.delivery.spool_entry import Entry

ATTACHMENT: Final = "attachment"
LONGEST_STRING: Final = 512
"""Characters that are left of a string in an envelope that was too large."""


@dataclass(frozen=True, slots=True)
class _Item:
    headers: dict[str, Any]
    payload: bytes

    @property
    def is_attachment(self) -> bool:
        return self.headers.get("type") == ATTACHMENT


@dataclass(frozen=True, slots=True)
class Lightened:
    """An envelope that is smaller than it was."""

    body: bytes
    losses: tuple[Loss, ...]


def lightened(body: bytes) -> Lightened | None:
    """Take attachments out and cut long strings; None when that makes it no smaller."""
    header, items = _taken_apart(body)
    kept = [_cut(item) for item in items if not item.is_attachment]
    light = _joined(header, kept)
    if not kept or len(light) >= len(body):
        return None
    return Lightened(light, _weights(items))


def parted(body: bytes, whole: Entry, losses: Iterable[Loss]) -> tuple[Parcel, Parcel] | None:
    """Make two parcels of an envelope: what is not attachments, and what is.

    None when one of the two would be empty. A receiver joins them by the event's id.

    Args:
        body: of the envelope.
        whole: its entry in the spool.
        losses: what would be lost with all of it.
    """
    header, items = _taken_apart(body)
    rest = [item for item in items if not item.is_attachment]
    attachments = [item for item in items if item.is_attachment]
    if not rest or not attachments:
        return None
    own = {"event_id": header["event_id"]} if "event_id" in header else {}
    others = tuple(loss for loss in losses if loss.category != ATTACHMENT)
    return (
        Parcel(whole.id, whole.category, others, _joined(header, rest)),
        Parcel(whole.id, ATTACHMENT, _weights(attachments), _joined(own, attachments)),
    )


def _taken_apart(body: bytes) -> tuple[dict[str, Any], list[_Item]]:
    line, _, rest = body.partition(b"\n")
    items = []
    while rest:
        head, _, rest = rest.partition(b"\n")
        headers = json.loads(head)
        length = headers["length"]
        items.append(_Item(headers, rest[:length]))
        rest = rest[length + 1 :]
    return json.loads(line), items


def _joined(header: dict[str, Any], items: Iterable[_Item]) -> bytes:
    lines = [json_dumps(header)]
    for item in items:
        lines += [json_dumps({**item.headers, "length": len(item.payload)}), item.payload]
    return b"\n".join([*lines, b""])


def _weights(items: Iterable[_Item]) -> tuple[Loss, ...]:
    return tuple(Loss(ATTACHMENT, len(item.payload) or 1) for item in items if item.is_attachment)


def _cut(item: _Item) -> _Item:
    try:
        return _Item(item.headers, json_dumps(_shortened(json.loads(item.payload))))
    except (ValueError, RecursionError):
        # Not JSON: nothing that could be cut and still be read.
        return item


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_STRING:
        return value[:LONGEST_STRING] + "…"
    if isinstance(value, dict):
        return {_shortened(key): _shortened(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    return value
