"""Envelopes are kept as they came, for a while."""

from __future__ import annotations

import gzip
import io
import random
import zlib
from typing import TYPE_CHECKING, Any

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
from tests.station.conftest import envelope_of, station_at

from tux.station.queries.envelopes import raw_envelope
from tux.station.store.retention import prune
from tux.station.wire.protocol import parse_envelope

if TYPE_CHECKING:
    from pathlib import Path

    from tests.station.conftest import StationUnderTest

ID = "9ec79c33ec9942ab8353589fcb2e04dc"
BODY = envelope_of(
    ({"type": "event"}, {"message": "hello" * 100}),
    ({"type": "attachment", "filename": "a.txt"}, b"\x00\r\nbytes"),
    headers={"event_id": ID, "sent_at": "2026-11-24T00:00:00Z"},
)


def kept(station: StationUnderTest, event_id: str = ID) -> bytes | None:
    with station.station.store.read() as connection:
        return raw_envelope(connection, event_id)


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("deflate", zlib.compress), ("", bytes)],
)
async def test_an_envelope_is_kept_as_it_came(
    station: StationUnderTest, encoding: str, encode: Any
) -> None:
    """However it was compressed, all of it can be had again, what no page shows too."""
    headers = {"Content-Encoding": encoding} if encoding else {}
    assert (await station.send_raw(encode(BODY), headers=headers)).status == 200
    assert kept(station) == BODY
    (row,) = station.rows("SELECT kinds, length(body) AS size FROM envelopes")
    assert row["kinds"] == "attachment,event"
    assert row["size"] < len(BODY) / 2


async def test_an_envelope_that_comes_again_is_kept_once(station: StationUnderTest) -> None:
    """A client that sends again has another time of sending, and the same items."""
    for body in (BODY, BODY.replace(b"00:00:00Z", b"00:00:09Z")):
        assert (await station.send_raw(body)).status == 200
    assert kept(station) == BODY
    assert station.value("SELECT count(*) FROM envelopes") == 1
    other = envelope_of(({"type": "attachment"}, b"later"), headers={"event_id": ID})
    await station.send_raw(other)
    assert station.value("SELECT count(*) FROM envelopes WHERE event_id = ?", ID) == 2


async def test_what_is_refused_or_too_large_is_not_kept(station: StationUnderTest) -> None:
    """A broken envelope, a client's report and a huge attachment leave no copy."""
    await station.send_raw(b"{}\n{}\n")
    loss = {"category": "error", "reason": "queue_overflow", "quantity": 2}
    await station.send(({"type": "client_report"}, {"discarded_events": [loss]}))
    huge = envelope_of(({"type": "attachment"}, random.Random(7).randbytes(2**20 + 1)))
    assert (await station.send_raw(io.BytesIO(huge))).status == 200
    assert station.value("SELECT count(*) FROM envelopes") == 0
    assert station.value("SELECT sum(quantity) FROM discards WHERE origin = 'client'") == 2


async def test_the_old_endpoints_event_is_an_envelope(station: StationUnderTest) -> None:
    """A bare event is kept as the envelope that it would have come in."""
    await station.send_raw(b'{"event_id":"%b","message":"x"}' % ID.encode(), "/api/1/store/")
    body = kept(station)
    assert body is not None
    assert [item.type for item in parse_envelope(body).items] == ["event"]
    await station.send_raw(body.replace(ID.encode(), b"0" * 32))
    assert station.value("SELECT times_seen FROM issues WHERE title = 'x'") == 2


async def test_envelopes_are_kept_for_their_days(station: StationUnderTest) -> None:
    """Copies go before the rows that were made of them."""
    await station.send_raw(BODY)
    later = station.station.store.clock() + 8 * 86400
    assert (await prune(station.station.store, station.settings, later))["envelopes"] == 1
    assert kept(station) is None
    assert station.value("SELECT count(*) FROM events") == 1


async def test_a_station_that_is_to_keep_none_keeps_none(tmp_path: Path) -> None:
    """With no days for envelopes there is no copy."""
    async with station_at(tmp_path / "station.db", envelope_days=0) as station:
        await station.send_raw(BODY)
        assert station.value("SELECT count(*) FROM events") == 1
        assert kept(station) is None
