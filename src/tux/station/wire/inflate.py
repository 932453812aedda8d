"""Compressed request bodies → bytes, in pieces, never more than asked for.

A small body can inflate to any size, so the limit is on what comes out.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

import brotli  # type: ignore[import-untyped]  # ships no types

from tux.station.errors import EncodingRefusedError, MalformedError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = 1 << 18
"""Bytes that one step of a decoder may give."""


class Decoder(Protocol):
    """Turns pieces of a body into pieces of plain bytes."""

    def feed(self, chunk: bytes, take: Callable[[bytes], None]) -> None:
        """Decode a piece, giving the result to ``take`` in small pieces."""

    def finish(self) -> None:
        """Say that the body has ended; raises MalformedError where it should not have."""


class _Plain:
    def feed(self, chunk: bytes, take: Callable[[bytes], None]) -> None:
        take(chunk)

    def finish(self) -> None:
        pass


class _Zlib:
    """gzip of one or more members, or deflate with zlib's frame."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._decoder = zlib.decompressobj(window)
        self._begun = False

    def feed(self, chunk: bytes, take: Callable[[bytes], None]) -> None:
        while chunk:
            if self._decoder.eof:
                self._decoder, self._begun = zlib.decompressobj(self._window), False
            self._begun = True
            try:
                take(self._decoder.decompress(chunk, STEP))
            except zlib.error as error:
                raise MalformedError("the body cannot be decompressed", str(error)) from None
            chunk = self._decoder.unused_data or self._decoder.unconsumed_tail

    def finish(self) -> None:
        if not (self._begun and self._decoder.eof):
            raise MalformedError("the compressed body ends too early")


class _Brotli:
    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()

    def feed(self, chunk: bytes, take: Callable[[bytes], None]) -> None:
        try:
            take(self._decoder.process(chunk, output_buffer_limit=STEP))
            while not self._decoder.can_accept_more_data():
                piece = self._decoder.process(b"", output_buffer_limit=STEP)
                take(piece)
                if not piece:
                    break
        except brotli.error as error:
            raise MalformedError("the body cannot be decompressed", str(error)) from None

    def finish(self) -> None:
        if not self._decoder.is_finished():
            raise MalformedError("the compressed body ends too early")


_DECODERS: dict[str, Callable[[], Decoder]] = {
    "": _Plain,
    "identity": _Plain,
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "x-gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
    "br": _Brotli,
}
_PLAIN = frozenset({"", "identity"})


class Body:
    """A request's body as it arrives, limited both on the wire and inflated."""

    def __init__(self, encoding: str, limit: int) -> None:
        name = encoding.strip().lower()
        if name not in _DECODERS:
            known = ", ".join(name for name in _DECODERS if name)
            raise EncodingRefusedError("this content-encoding is not supported", f"use {known}")
        self.encoding = name
        self._decoder = _DECODERS[name]()
        self._pieces: list[bytes] = []
        self._limit = limit
        self._wire = 0
        self._first = b""
        self._more = bytearray()

    def __len__(self) -> int:
        """Bytes that are held now."""
        return len(self._first) + len(self._more)

    def feed(self, chunk: bytes) -> None:
        """Take the next piece from the wire.

        Raises:
            TooLargeError: the limit is passed.
            MalformedError: it cannot be decompressed.
        """
        self._wire += len(chunk)
        if self._wire > self._limit:
            raise TooLargeError(f"the body is larger than {self._limit} bytes")
        if self.encoding not in _PLAIN:
            self._pieces.append(chunk)
        self._decoder.feed(chunk, self._take)

    def finish(self) -> bytes:
        """Return the whole, inflated."""
        self._decoder.finish()
        return self._first + self._more if self._more else self._first

    def as_it_came(self) -> bytes:
        """Return the bytes of the wire; of a plain body, which is the same, none."""
        return b"".join(self._pieces)

    def _take(self, piece: bytes) -> None:
        if len(self) + len(piece) > self._limit:
            raise TooLargeError(f"the body inflates to more than {self._limit} bytes")
        if self._first:
            self._more += piece
        else:  # most are of one piece, which need not be copied
            self._first = piece
