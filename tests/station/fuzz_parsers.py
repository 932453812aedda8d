"""Envelope and search parsing under a fuzzer that sees which branches it reaches.

Run by ``test_fuzz_parsers.py`` where atheris is installed; by hand it goes on for ever.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports():
    from tux.station.errors import RequestRefusedError
    from tux.station.queries.conditions import where
    from tux.station.queries.terms import terms_of
    from tux.station.wire.ingest import read_envelope
    from tux.station.wire.limits import check_limits
    from tux.station.wire.protocol import parse_envelope

NOW = 1_800_000_000.0


def one_input(data: bytes) -> None:
    """Read bytes as an envelope and as a search: only a refusal may be raised."""
    try:
        envelope = parse_envelope(data)
        check_limits(envelope)
        read_envelope(envelope, NOW)
    except RequestRefusedError:
        pass
    terms, _ = terms_of(data.decode("utf-8", "replace")[:500])
    where(terms, NOW)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
