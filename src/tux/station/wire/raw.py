"""An envelope as it came → the row that keeps it."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, Final

from tux.station.wire.inflate import Body
from tux.station.wire.limits import BODY, MIB
from tux.station.wire.rows import EnvelopeRow

if TYPE_CHECKING:
    from tux.station.wire.protocol import Envelope

LARGEST: Final = MIB
"""Bytes of one that is kept as it came: an error's has 3 KB, what is larger brings attachments."""
SMALL: Final = 256
"""Bytes of a plain body that are not worth compressing."""
FORGETTABLE: Final = frozenset({"client_report"})
"""Tell of what happened on the way here, which is no business of another receiver."""


def kept_row(
    envelope: Envelope, body: bytes, wire: tuple[str, bytes], received: float, event_id: str | None
) -> EnvelopeRow | None:
    """Make the row of an envelope; None where there is nothing in it to keep, or too much.

    Args:
        envelope: what was read of it.
        body: the same, plain.
        wire: encoding and bytes as they came, which costs no compressing here.
        received: when.
        event_id: of the event inside.
    """
    kinds = sorted({item.type for item in envelope.items})
    encoding, content = wire
    if encoding in {"", "identity"}:
        encoding, content = ("deflate", zlib.compress(body, 1)) if len(body) > SMALL else ("", body)
    if len(content) > LARGEST or FORGETTABLE.issuperset(kinds):
        return None
    # The first line says when it was sent, which differs when it is sent again.
    items = memoryview(body)[body.find(b"\n") + 1 :]
    digest = hashlib.blake2b(items, digest_size=8).digest()
    return EnvelopeRow(
        received=received,
        event_id=event_id,
        kinds=",".join(kinds)[:200],
        digest=int.from_bytes(digest, signed=True),
        encoding=encoding,
        body=content,
    )


def plain_of(encoding: str, content: bytes) -> bytes:
    """Return a kept body, inflated."""
    body = Body(encoding, BODY)
    body.feed(content)
    return body.finish()
