"""Shapes of secrets that are no keys: Discord's tokens, credentials in URLs and headers.

Every pattern is linear: it starts at a literal, takes a whole run with a possessive quantifier and
so never looks at a character twice; whether the run is a secret is decided afterwards by code.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from tux.services.sentry.scrubbing.markers import marker, put_in

if TYPE_CHECKING:
    from collections.abc import Iterator

_DISCORD = marker("discord token")

# -- Discord ----------------------------------------------------------------------------------

_TOKEN_TAIL = re.compile(r"\.([A-Za-z0-9_-]{6})\.([A-Za-z0-9_-]*+)")
_TOKEN_HEAD = re.compile(r"[A-Za-z0-9_-]{18,32}+")
_TAIL_MIN = 20


def _is_snowflake(head: str) -> bool:
    """Tell whether a token's first part is the base64 form of a Discord id."""
    try:
        return base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)).isdigit()
    except (binascii.Error, ValueError):
        return False


def discord_tokens(text: str) -> str:
    """Remove bot tokens: base64 of the id, 6 characters, 27 or 38 characters.

    The last part may be cut: with the id's form before it, it is a token all the same.
    """
    return put_in(text, _discord_tokens(text))


def _discord_tokens(text: str) -> Iterator[tuple[int, int, str]]:
    done = 0
    for tail in _TOKEN_TAIL.finditer(text):
        start = tail.start()
        if start < done:
            continue
        head = _TOKEN_HEAD.match(text[max(done, start - 32) : start][::-1])
        if head is None:
            continue
        first = head[0][::-1]
        if len(tail[2]) >= _TAIL_MIN or any(
            _is_snowflake(first[-length:]) for length in (22, 23, 24, 25, 26, 27, 28)
        ):
            done = tail.end()
            yield start - len(first), done, _DISCORD


_SLASH = r"(?:/|%2F|%2f|\\/)"
_IN_PATH = re.compile(rf"((?:webhooks|interactions){_SLASH}\d{{15,20}}{_SLASH})([\w.-]++)")


def tokens_in_paths(text: str) -> str:
    """Remove the tokens of webhooks and interactions, which stand in the paths of requests."""
    return _IN_PATH.sub(lambda match: match[1] + _DISCORD, text)


# -- URLs and headers -------------------------------------------------------------------------

_LONGEST_URL = 1_024
_URL_END = re.compile(rf"[^\s\"'<>`\\|]{{0,{_LONGEST_URL}}}+")
_AUTHORITY = re.compile(rf"[^\s\"'<>`\\|/?#]{{0,{_LONGEST_URL}}}+")
_KEY_ONLY = re.compile(r"[0-9a-f]{32}(?::[0-9a-f]{32})?")
IN_QUERIES = (
    r"[?&](?:amp;)?(?:code|hm|sig|signature|X-Amz-Signature|X-Amz-Credential|X-Goog-Signature|"
    r"X-Goog-Credential|state|key|access|sentry_key|sentry_secret)="
)
_QUERY = re.compile(rf"({IN_QUERIES})(?!\[removed: )([^&\s\"'<>]{{6,}}+)")
_SCHEME = re.compile(
    r"\b(bearer|basic|bot|token|digest|negotiate|ssws)([ \t]{1,4}|%20)([\w.~+/=:-]{8,}+)",
    re.IGNORECASE,
)
_LONG = 12
_ONE_WORD = re.compile(r"[A-Z]?[a-z]*+|[A-Z]*+")
_RANDOM = re.compile(
    r"(?=[^\d]*+\d)(?=[^A-Za-z]*+[A-Za-z])(?:[\w.~+/-]{20,}+|(?=.*?[a-z])(?=.*?[A-Z])[\w.~+/-]{12,}+)=*"
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}-----|\Z)"
    # PuTTY's
    r"|(?<=Private-Lines: )\d.*?(?=Private-MAC: |\Z)",
    re.DOTALL,
)


def private_keys(text: str) -> str:
    """Remove private keys, also those whose end was cut."""
    return _PRIVATE_KEY.sub(marker("private key"), text)


def url_credentials(text: str) -> str:
    """Remove what stands before the host in URLs."""
    return put_in(text, _credentials(text))


def _credentials(text: str) -> Iterator[tuple[int, int, str]]:
    position = 0
    following = text.find("://")
    while following >= 0:
        found, position = following, following + 3
        following = text.find("://", position)
        limit = following if following >= 0 else len(text)
        # Most URLs have none: one look at the signs spares the rest.
        if text.find("@", position, min(limit, position + _LONGEST_URL)) < 0:
            continue
        userinfo = _userinfo(text, found, limit)
        if userinfo:
            kind = "sentry dsn" if _KEY_ONLY.fullmatch(userinfo) else "credentials"
            yield position, position + len(userinfo), marker(kind)
            position += len(userinfo)


def _userinfo(text: str, found: int, limit: int) -> str | None:
    """Return what stands before the host in what follows ``://``, or None."""
    run = _AUTHORITY.match(text, found + 3, limit)
    authority = run[0] if run else ""
    _, colon, port = authority.partition(":")
    # A password written raw may hold a slash or an at sign: "user:p@ss/w@host". A host's port is a
    # number, and the path of a web page may hold an at sign itself.
    raw = colon and not port.isdigit() and not authority.startswith("[")
    if raw and ("@" not in authority or not text.endswith(("http", "https"), 0, found)):
        whole = _URL_END.match(text, found + 3, limit)
        rest = whole[0] if whole else ""
        return rest.partition("?")[0].rpartition("@")[0] or rest.rpartition("@")[0]
    return authority.rpartition("@")[0]


def url_queries(text: str) -> str:
    """Remove signatures and codes in the queries of URLs."""
    return _QUERY.sub(lambda match: match[1] + marker("token"), text)


def _scheme(match: re.Match[str]) -> str:
    scheme, value = match[1].lower(), match[3]
    if scheme in ("bot", "token", "digest"):
        # Words, too: "bot 123456789012345678 left", "token expires_in=604800".
        is_secret = _RANDOM.fullmatch(value) is not None
    elif scheme == "basic":
        is_secret = _is_pair(value) or (len(value) >= _LONG and any(map(str.isdigit, value)))
    else:
        is_secret = any(map(str.isdigit, value)) or not _ONE_WORD.fullmatch(value)
    return f"{match[1]}{match[2]}{marker('authorization')}" if is_secret else match[0]


def _is_pair(value: str) -> bool:
    """Tell whether base64 holds a user and a password."""
    try:
        return b":" in base64.b64decode(value[: len(value) // 4 * 4], validate=True)
    except ValueError:
        return False


def schemes(text: str) -> str:
    """Remove what follows a scheme of HTTP's Authorization."""
    return _SCHEME.sub(_scheme, text)
