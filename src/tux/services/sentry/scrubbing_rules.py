"""Shapes of secrets and personal data in a text, one row each.

Every pattern is linear: it starts at a literal, takes a whole run with a possessive quantifier and
so never looks at a character twice; whether the run is a secret is decided afterwards by code.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable

MARKER = re.compile(r"\[removed: [a-z -]{2,32}\]")


def marker(kind: str) -> str:
    """Return what stands in the place of a value that was removed."""
    return f"[removed: {kind}]"


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of secret that is known by its form."""

    gates: tuple[str, ...]
    """A text that holds none of these cannot match; looked up before the pattern is tried."""
    apply: Callable[[str], str]


def _keep_or(
    kind: str, is_secret: Callable[[re.Match[str]], bool]
) -> Callable[[re.Match[str]], str]:
    replacement = marker(kind)
    return lambda match: replacement if is_secret(match) else match[0]


def _substitute(pattern: str, replace: Callable[[re.Match[str]], str]) -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub(replace, text)


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


def _discord_tokens(text: str) -> str:
    """Remove bot tokens: base64 of the id, 6 characters, 27 or 38 characters.

    The last part may be cut: with the id's form before it, it is a token all the same.
    """
    parts: list[str] = []
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
            parts += [text[done : start - len(first)], marker("discord token")]
            done = tail.end()
    return "".join(parts) + text[done:] if parts else text


_SLASH = r"(?:/|%2F|%2f|\\/)"
_WEBHOOK = (
    rf"(webhooks{_SLASH}\d{{15,20}}{_SLASH}|interactions{_SLASH}\d{{15,20}}{_SLASH})([\w.-]++)"
)


# -- credentials in URLs ----------------------------------------------------------------------

_URL_END = re.compile(r"[^\s\"'<>`\\|]{0,1024}+")
_ENCODED = re.compile(r"%3A%2F%2F(?:[^\s\"'<>&%]|%(?!40|3A%2F%2F)){1,512}+%40", re.IGNORECASE)
_KEY_ONLY = re.compile(r"[0-9a-f]{32}(?::[0-9a-f]{32})?")


def _userinfo(scheme: str, rest: str) -> str | None:
    """Return what stands before the host in what follows ``://``, or None."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    _, colon, port = authority.partition(":")
    # A password written raw may hold a slash or an at sign: "user:p@ss/w@host". A host's port is a
    # number, and the path of a web page may hold an at sign itself.
    raw = colon and not port.isdigit() and not authority.startswith("[")
    if raw and ("@" not in authority or not scheme.endswith(("http", "https"))):
        return rest.partition("?")[0].rpartition("@")[0] or rest.rpartition("@")[0]
    return authority.rpartition("@")[0]


def _url_credentials(text: str) -> str:
    parts: list[str] = []
    done = position = 0
    following = text.find("://")
    while following >= 0:
        found, position = following, following + 3
        following = text.find("://", position)
        run = _URL_END.match(text, position, following if following >= 0 else len(text))
        rest = run[0] if run else ""
        userinfo = _userinfo(text[max(0, found - 8) : found], rest) if "@" in rest else None
        if userinfo:
            kind = "sentry dsn" if _KEY_ONLY.fullmatch(userinfo) else "credentials"
            parts += [text[done:position], marker(kind)]
            position = done = position + len(userinfo)
    return "".join(parts) + text[done:] if parts else text


def _encoded_url_credentials(text: str) -> str:
    return _ENCODED.sub(lambda _: f"%3A%2F%2F{marker('credentials')}%40", text)


# -- personal data ----------------------------------------------------------------------------

_AT_DOMAIN = re.compile(r"(?:@|%40)((?:[A-Za-z0-9-]{1,63}+\.){1,8}[A-Za-z]{2,24})")
_LOCAL = re.compile(r"[\w.+%'-]{1,64}+")
_VERSION = re.compile(r"v?\d+\.\d")


def _emails(text: str) -> str:
    parts: list[str] = []
    done = 0
    for domain in _AT_DOMAIN.finditer(text):
        start = domain.start()
        # A release is written "tux@1.2.0-rc.beta".
        if start < done or _VERSION.match(domain[1]):
            continue
        local = _LOCAL.match(text[max(done, start - 64) : start][::-1])
        if local is not None:
            parts += [text[done : start - len(local[0])], marker("e-mail")]
            done = domain.end()
    return "".join(parts) + text[done:] if parts else text


# "Chrome/120.0.0.0" and "==1.2.3.4" are versions.
_IPV4 = r"(?<![\w.=])(?<![A-Za-z]/)(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)|(?<=[^=]=)(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"
_IPV6 = (
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}+(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{0,4})(?![\w:])"
)


def _is_ipv4(match: re.Match[str]) -> bool:
    try:
        address = IPv4Address(match[0])
    except AddressValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _is_ipv6(match: re.Match[str]) -> bool:
    try:
        address = IPv6Address(match[0])
    except AddressValueError:
        return False
    return not (address.is_loopback or address.is_unspecified) and any(map(str.isdigit, match[0]))


_CARD_DIGITS = range(13, 17)


def _is_card(match: re.Match[str]) -> bool:
    """Tell a card by its issuer and check digit; ids of Discord have 17 digits and more."""
    digits = match[0].replace(" ", "").replace("-", "")
    return is_card_number(digits)


def is_card_number(digits: str) -> bool:
    """Check issuer digit, length and Luhn's check digit."""
    if len(digits) not in _CARD_DIGITS or digits[0] not in "3456" or len(set(digits)) == 1:
        return False
    odd = sum(int(digit) for digit in digits[-1::-2])
    even = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (odd + even) % 10 == 0


# -- keys of clouds and forges ----------------------------------------------------------------

_PREFIXES = {
    "AKIA": 16, "ASIA": 16, "ghp_": 30, "gho_": 30, "ghu_": 30, "ghs_": 30, "ghr_": 30,
    "github_pat_": 30, "glpat-": 16, "gldt-": 16, "glrt-": 16, "xoxb-": 10, "xoxp-": 10,
    "xoxa-": 10, "xoxs-": 10, "xoxr-": 10, "xapp-": 10, "sk_live_": 16, "sk_test_": 16,
    "rk_live_": 16, "rk_test_": 16, "pk_live_": 16, "whsec_": 16, "sk-": 20, "AIza": 30,
    "ya29.": 20, "npm_": 30, "pypi-": 30, "SG.": 30, "hf_": 24, "dop_v1_": 32, "shpat_": 24,
    "sntrys_": 20, "sntryu_": 20, "GOCSPX-": 20, "hvs.": 20, "dapi": 30, "lin_api_": 20,
    "dckr_pat_": 20, "key-": 30, "AGE-SECRET-KEY-1": 40, "figd_": 20, "tskey-": 16,
    "NRAK-": 20, "r8_": 30, "gsk_": 30, "xai-": 30, "do_v1_": 32, "vercel_": 20, "ATATT3": 30,
}  # fmt: skip
"""What a key begins with → how many more characters it has at least."""


# The longest first: "sk-" must not shadow a longer one.
_PREFIXED = re.compile(
    f"({'|'.join(re.escape(one) for one in sorted(_PREFIXES, key=len, reverse=True))})([\\w.-]*+)"
)


def _prefixed(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1 : match.start()]
    rest = match[2].rstrip(".")
    is_key = (
        not before.isalpha() and len(rest) >= _PREFIXES[match[1]] and any(map(str.isdigit, rest))
    )
    return marker("key") if is_key else match[1] + prefixed_keys(match[2])


def prefixed_keys(text: str) -> str:
    """Remove keys that are known by what they begin with."""
    return _PREFIXED.sub(_prefixed, text)


_JWT = r"eyJ[\w-]*+(?:\.[\w-]*+){0,4}+"
_PRIVATE_KEY = r"(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}-----|\Z)"
_SCHEME = r"(?i)\b(bearer|basic|bot|token|digest|negotiate)([ \t]{1,4}|%20)([\w.~+/=:-]{12,}+)"
_QUERY = (
    r"([?&](?:amp;)?(?:code|hm|sig|signature|X-Amz-Signature|X-Amz-Credential|X-Goog-Signature|"
    r"state|key|access)=)(?!\[removed: )([^&\s\"'<>]{6,}+)"
)


def _scheme(match: re.Match[str]) -> str:
    if not any(character.isdigit() for character in match[3]):
        return match[0]
    return f"{match[1]}{match[2]}{marker('authorization')}"


def _is_jwt(match: re.Match[str]) -> bool:
    return match[0].count(".") >= 1 and len(match[0]) > 20  # noqa: PLR2004  # shorter holds no claims


SHAPES: tuple[Shape, ...] = (
    Shape(("PRIVATE KEY",), _substitute(_PRIVATE_KEY, lambda _: marker("private key"))),
    Shape(
        ("webhooks", "interactions"),
        _substitute(_WEBHOOK, lambda match: match[1] + marker("discord token")),
    ),
    Shape(
        ("aW50ZXJhY3Rpb246",),
        _substitute(r"aW50ZXJhY3Rpb246[\w=-]*+", lambda _: marker("discord token")),
    ),
    Shape(("mfa.",), _substitute(r"mfa\.[\w-]{20,}+", lambda _: marker("discord token"))),
    Shape(
        ("hooks.slack.com",),
        _substitute(r"(hooks\.slack\.com/services/)[\w/]++", lambda m: m[1] + marker("key")),
    ),
    Shape(("eyJ",), _substitute(_JWT, _keep_or("token", _is_jwt))),
    Shape(("://",), _url_credentials),
    Shape(("%3A%2F%2F", "%3a%2f%2f"), _encoded_url_credentials),
    Shape(("?", "&"), _substitute(_QUERY, lambda match: match[1] + marker("token"))),
    Shape(("@", "%40"), _emails),
)
"""Tried in this order: what is more telling comes first."""

_ipv4 = _substitute(_IPV4, _keep_or("ip address", _is_ipv4))


def dotted(text: str) -> str:
    """Remove what has two dots: bot tokens, IP addresses."""
    return _ipv4(_discord_tokens(text))


ipv6 = _substitute(_IPV6, _keep_or("ip address", _is_ipv6))
"""Remove what has two colons."""

schemes = _substitute(_SCHEME, _scheme)
"""Remove what follows a scheme of HTTP's Authorization."""

# Not within a word: one id in a thousand, being hex, holds digits that would pass for a card.
cards = _substitute(
    r"(?<![0-9A-Za-z-])\d(?:[ -]{0,3}\d)*+(?![0-9A-Za-z])", _keep_or("card number", _is_card)
)
"""Remove card numbers."""


def encodings(secret: str) -> set[str]:
    """Return the forms in which a known secret may turn up: as it is, percent-encoded, base64."""
    raw = secret.encode()
    forms = {secret, unquote(secret)}
    forms.add("".join(f"%{byte:02X}" if not chr(byte).isalnum() else chr(byte) for byte in raw))
    # Within a longer base64 text a value has one of three forms, by its offset; the characters at
    # the borders also depend on the neighbours and are left off.
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            encoded = encode(b"\0" * offset + raw).decode().rstrip("=")
            forms.add(encoded[(0, 2, 3)[offset] : -1])
    return forms
