"""Why a request to the station is refused: one class for each status."""

from __future__ import annotations

from typing import ClassVar, Final

from tux.shared.exceptions import TuxError

LONGEST_ADDRESS: Final = 8190
"""Bytes: as many as most servers and proxies take."""


class RequestRefusedError(TuxError):
    """The request cannot be taken as it is."""

    status: ClassVar[int] = 400
    detail: str
    """What is wrong, one sentence for the developer of the client. Never the content of an event."""
    causes: tuple[str, ...]
    """What led to it, outermost first."""

    def __init__(self, detail: str, *causes: str) -> None:
        super().__init__(": ".join((detail, *causes)))
        self.detail = detail
        self.causes = causes


class MalformedError(RequestRefusedError):
    """The body or the request's frame is not what the protocol says."""


class KeyMissingError(RequestRefusedError):
    """No public key came with the request."""

    status = 401


class KeyRefusedError(RequestRefusedError):
    """The public key does not belong to the project."""

    status = 403


class LoginMissingError(RequestRefusedError):
    """Whoever asks has shown neither a login nor a token."""

    status = 401


class RateLimitedError(RequestRefusedError):
    """The key has sent as much as it may."""

    status = 429
    seconds: int
    """Until the next is taken."""

    def __init__(self, seconds: int) -> None:
        super().__init__("this key sends more than it may", f"again in {seconds} s")
        self.seconds = seconds


class NotThereError(RequestRefusedError):
    """There is no such thing, or no longer."""

    status = 404


class MethodRefusedError(RequestRefusedError):
    """The address is there, and nothing of the kind can be done with it."""

    status = 405
    allowed: tuple[str, ...]
    """What can be."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__("this address takes no such request", f"it takes {', '.join(allowed)}")
        self.allowed = allowed


class AddressTooLongError(RequestRefusedError):
    """The address, with what is asked for in it, is over its limit."""

    status = 414

    def __init__(self) -> None:
        super().__init__("the address is too long", f"at most {LONGEST_ADDRESS:,} bytes")


class ExpectationRefusedError(RequestRefusedError):
    """The client waits for something that the station does not do before it sends on."""

    status = 417


class HeadersTooLargeError(RequestRefusedError):
    """A header is over its limit."""

    status = 431

    def __init__(self) -> None:
        super().__init__("a header is too long")


class FormRefusedError(RequestRefusedError):
    """The request would change something, and was not sent by a form of ours."""

    status = 403


class TooLargeError(RequestRefusedError):
    """The body, an item or the number of items is over its limit."""

    status = 413


class EncodingRefusedError(RequestRefusedError):
    """The body is compressed in a way that the station does not read."""

    status = 415


class HostRefusedError(RequestRefusedError):
    """The request names another host: a page elsewhere may have rebound its DNS name to us."""

    status = 421


class UnavailableError(RequestRefusedError):
    """The station cannot take it now; the same request may succeed later."""

    status = 503
