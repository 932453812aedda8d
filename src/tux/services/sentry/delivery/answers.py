"""Answers that are read within one time-out, and only when they are whole.

http.client takes a head that breaks off for the end of the head, and begins its time-out anew with
each byte: half an answer would delete an envelope, and a byte now and then would hold all others.
"""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a receiver is waited for. One that hangs costs them, not the SDK's 30."""

    connect: float = 5.0
    read: float = 10.0


def pool_classes(patience: Patience) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Make urllib3's pools of connections, by scheme, that read answers so."""

    class Response(HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
            super().__init__(sock, *args, **options)
            raw = self.fp.detach()
            self.fp = _WholeLines(_Hurried(raw, sock, patience.read))

    class Plain(HTTPConnection):
        response_class = Response

    class Secure(HTTPSConnection):
        response_class = Response

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Hurried(io.RawIOBase):
    """What a socket brings, until the time for all of it is over."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, seconds: float) -> None:
        self._raw = raw
        self._sock = sock
        self._end = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        remaining = self._end - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the answer takes too long")
        self._sock.settimeout(remaining)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _WholeLines(io.BufferedReader):
    """Lines of a head, which end."""

    def readline(self, size: int | None = -1) -> bytes:
        line = super().readline(size)
        if not line.endswith(b"\n") and len(line) != size:
            raise ConnectionResetError("the answer breaks off")
        return line
