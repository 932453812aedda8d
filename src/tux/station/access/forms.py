"""Whether a form was sent from a page of ours, by the person whom the page was made for.

Two proofs, each enough against a page elsewhere that presses our buttons: what the browser says of
where the request comes from, and a token in the form that only our own pages can be read for.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

FIELD: Final = "csrf"
"""Name of the hidden field; ``show.form_token()`` in templates writes it."""

TOKEN: Final = web.RequestKey("csrf", str)
"""What the forms of the page have that is asked for."""


class FormTokens:
    """Makes the tokens of one run of the station."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def token(self, session: str) -> str:
        """Make the token of one login; the session is empty where none is needed."""
        return hmac.digest(self._secret, session.encode(), "sha256").hex()

    def matches(self, given: object, session: str) -> bool:
        """Tell whether a token was made for this login, in constant time."""
        expected = self.token(session).encode()
        return isinstance(given, str) and hmac.compare_digest(
            given.encode("utf-8", "replace"), expected
        )


def is_own(headers: Mapping[str, str], origins: Container[str]) -> bool:
    """Tell whether a request comes from our own page, or from no browser at all.

    Browsers say where a request comes from in ``Sec-Fetch-Site``, and older ones in ``Origin``;
    a page elsewhere can leave out neither.
    """
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    if site is not None and site != "same-origin":
        return False
    return origin is None or origin in origins
