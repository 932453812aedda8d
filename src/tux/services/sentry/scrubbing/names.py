"""Names whose value is a secret or personal whatever it looks like: ``db_password``, ``X-Api-Key``.

Names are compared without case and separators, compound names by what they hold.
"""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus

from tux.services.sentry.scrubbing.keys import trie

SPELLED = {
    "pass word": "password",
    "pass wd": "password",
    "pass phrase": "password",
    "pass wort": "password",
    "secret": "secret",
    "token": "token",
    "authorization": "authorization",
    "cookie": "cookie",
    "credential": "credentials",
    "pass code": "password",
    "api key": "api key",
    "access key": "key",
    "account key": "key",
    "auth key": "key",
    "secret key": "key",
    "sentry key": "sentry dsn",
    "private key": "key",
    "signing key": "key",
    "encryption key": "key",
    "master key": "key",
    "csrf": "token",
    "xsrf": "token",
    "session id": "session",
    "session key": "session",
    "connection string": "credentials",
    "backup code": "code",
    "credit card": "card number",
    "card number": "card number",
    "e mail address": "e-mail",
    "ip address": "ip address",
    "forwarded for": "ip address",
    "database url": "credentials",
    "auth header": "authorization",
    "phone number": "phone number",
    "otp code": "code",
    "mfa code": "code",
    "recovery code": "code",
    "pass key": "key",
    "ssh key": "key",
    "hmac key": "key",
    "deploy key": "key",
    "fernet key": "key",
}
"""Part of a name, as words that may be written together → kind. These say enough wherever they stand."""
_STRONG = {words.replace(" ", ""): kind for words, kind in SPELLED.items()}
_ANY_STRONG = re.compile(trie(_STRONG))

LAST_WORDS = {
    "pwd": "password",
    "pass": "password",
    "pw": "password",
    "creds": "credentials",
    "auth": "authorization",
    "session": "session",
    "sess": "session",
    "dsn": "sentry dsn",
    "jwt": "token",
    "bearer": "token",
    "otp": "code",
    "totp": "code",
    "mfa": "code",
    "cvv": "card number",
    "cvc": "card number",
    "ssn": "personal number",
    "iban": "bank account",
    "email": "e-mail",
    "mail": "e-mail",
    "ip": "ip address",
    "phone": "phone number",
    "telephone": "phone number",
}
"""The last word of a name → kind. In other places these words say too little (``auth_method``)."""

CONTENT_WORDS = frozenset({"content", "reason", "embed", "embeds", "attachments"})
"""The last word of a name whose value is what a member wrote."""

NUMBERED = ("pass", "pwd", "pw")
"""Last words that may have a number behind them: ``pass2``."""

TELLING = (
    *("pass", "pw", "secret", "token", "auth", "cookie", "credential", "key", "csrf", "xsrf"),
    *("sess", "connection", "code", "card", "mail", "ip", "addr", "forwarded", "dsn", "jwt"),
    *("bearer", "otp", "mfa", "cvv", "cvc", "ssn", "iban", "phone", "content", "reason", "embed"),
    *("attachment", "database", "value", "kty", "cred", "identified"),
)
"""A text without one of these, in lower case, holds no telling name."""

_HARMLESS = frozenset(
    {
        *("age", "at", "bucket", "class", "count", "counts", "created", "enabled", "error"),
        *("errors", "expired", "expires", "expiry", "found", "index", "invalid", "kind", "len"),
        *(
            "length",
            "limit",
            "manager",
            "max",
            "method",
            "min",
            "missing",
            "mode",
            "name",
            "policy",
        ),
        *("present", "provider", "required", "seconds", "size", "state", "status", "timeout"),
        *(
            "second",
            "minute",
            "hour",
            "rate",
            "total",
            "ttl",
            "type",
            "types",
            "usage",
            "valid",
            "version",
            "in",
            "limits",
            "used",
            "left",
            "remaining",
            "fill",
            "strength",
        ),
    }
)
"""The last word of a name that speaks about a secret and does not hold it."""

_NEVER = re.compile(
    r"(?:de)?tokeni(?:z|s[ei])\w*|secretar(?:y|i)\w*|cookiecutter|(?:max|min|num|total|used)tokens"
)
_COUNTING = frozenset(
    {
        *(
            "max",
            "min",
            "num",
            "total",
            "input",
            "output",
            "prompt",
            "completion",
            "cached",
            "used",
        ),
        *("maximum", "minimum", "new", "per"),
    }
)
"""Words before ``tokens`` that count a language model's."""
_COUNT = re.compile(r"\d{1,3}|\d{1,5}\.\d{1,20}")
_SMALL = re.compile(r"\d{1,2}")
_PLAIN_REASON = re.compile(r"[A-Za-z]*+(?:_[A-Za-z]++)++|\[removed: .*")
_PLACEHOLDER = re.compile(
    r"(?:[A-Za-z]{2,12} )?(?:\?|%s|%\([A-Za-z_]+(?:_\d+)?\)s|\$\d{1,3}|:[A-Za-z_]+(?:_\d+)?"
    r"|\$?\{[A-Za-z_][A-Za-z_.]*+(?:_\d+)?(?:\(\))?(?:![rsa])?(?::[^{}\"']{0,12})?\}|\.{3}|…|\*++)[ \t]*+"
)
_PHRASES = frozenset(status.phrase for status in HTTPStatus)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]++")
_LONGEST = 128


def words_of(name: str) -> list[str]:
    """Take a name apart, however it is spelled, in lower case; of a long one its end."""
    return [word.lower() for word in _CAMEL.split(name[-_LONGEST:]) if word]


def kind_of_name(name: str) -> str | None:  # noqa: PLR0911  # a case per rule
    """Tell what a value of this name is: ``"password"``, ``"content"`` … or None for harmless."""
    words = words_of(name)
    if not words:
        return None
    last = words[-1]
    if last in CONTENT_WORDS:
        return "ban reason" if "auditlog" in "".join(words) else "content"
    if last in _HARMLESS or (last == "tokens" and not _COUNTING.isdisjoint(words)):
        return None
    joined = "".join(word for word in words if not _NEVER.fullmatch(word))
    if _ANY_STRONG.search(joined):
        return next(kind for part, kind in _STRONG.items() if part in joined)
    if last == "addr" and "remote" in words:
        return "ip address"
    if last[-1].isdigit():
        bare = last.rstrip("0123456789") or words[-2:][0]
        return LAST_WORDS[bare] if bare in NUMBERED else None
    return LAST_WORDS.get(last)


kind_of_key = lru_cache(maxsize=4_096)(kind_of_name)
"""`kind_of_name`, remembered: the names of one program are few."""


# Letters by chance have humps of one: "xLqFqLilxYuI". Dotted names are code.
_PART = (
    r"(?:[a-z]++|[A-Z]{1,24}+(?![a-z])"
    r"|(?:[A-Z]{2,5}(?=[A-Z][a-z]{2})|[a-z]{2,}+)?(?:[A-Z][a-z]{2,}+)++(?:[A-Z]{2,4}+|[A-Z][a-z])?)"
)
_IDENTIFIER = re.compile(rf"[._]*+{_PART}(?:[._]++{_PART})*+[._]*+")


def is_word(value: str) -> bool:
    """Tell a word or a name of source code from letters drawn by chance."""
    return _IDENTIFIER.fullmatch(value) is not None


HELD = re.compile(r"\{kept_\d{1,6}\}")
"""What stands for a value that whoever runs the bot wants kept, while the rules look."""


def is_placeholder(value: str) -> bool:
    """Tell what stands for a value in a statement or in source code: ``:password_1``, ``{token}``."""
    return len(value) <= _LONGEST and _PLACEHOLDER.fullmatch(value) is not None


def is_plain(kind: str, value: str) -> bool:
    """Tell a reason that code gives (``missing_permissions``) from what somebody wrote."""
    return kind == "content" and (
        not value or value in _PHRASES or _PLAIN_REASON.fullmatch(value) is not None
    )


def is_count(kind: str, value: str) -> bool:
    """Tell how many there are, written as a number, from one of them: ``tokens: 15``, ``pass: 3``."""
    if kind in ("token", "cookie"):
        return len(value) <= _LONGEST and _COUNT.fullmatch(value) is not None
    return kind == "password" and _SMALL.fullmatch(value) is not None
