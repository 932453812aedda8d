"""Texts that are made to be slow: what begins a pattern, over and over."""

from __future__ import annotations

import string

UNITS = (
    *string.printable,
    *("a:", "a=", "key:", "key=", "password=", "password='", "'name': ", '{"a":', '{"', "[(", "({["),
    *("\\'", '\\"', "\\\\", "\\n", "\\x41", "\\u0041", "&amp;", "%41", "%25", "%40", "%2541", "+a=&"),
    *("://", "://a@", "a://b:c@", "a@", "a@b.", "a@b.c@", "1.", "1.1.", "1:", "::", "a:a:", "1::"),
    *("4111 ", "4111-", "GB11 ", "GB11", "eyJ", "eyJ.", "eyJ_", "sk-", "sk-a", "ghp_", "ghp_a", "mfa."),
    *("A3-", "AA", "A_", "aW50", "Q~", "-us", ":AA", "12345678:AA", "SK", "cio", "cioA", "pat", "oy2"),
    *("login a password ", "--a ", "--password ", "<a>", "<password>", "Bearer ", "Bearer a", "basic a1"),
    *("token ", "Key (", "Key (a)=(", "Failing row contains (", "[parameters: ", "[removed: "),
    *("PRIVATE KEY", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "webhooks/123456789012345678/"),
    *("?code=", "&key=", "content=", "reason='", '"value":', "'type': 3, 'value': '", "...", "…"),
    *('custom_id": "a",', "cookie: ", "authorization: a=b, ", "auth=a,a=b", "x: str = ", "dsn\n", "=\n"),
    *("a.bbbbbb.", "abcdefghijklmnopqrstuvwx.bbbbbb.", "access_token$a$", "access_token$", ".atlasv1."),
    *("MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.", "'kty''d': '", "Zm9vYmFyIDE9MiAz", "api key ", "a key: ", "content=content "),
    *("$2b$12$", "$6$a$", "oauth:", "4111.", "4111\xa0", "Private-Lines: 1", "[cached since 1] (", "input_value="),
    *("invalid input syntax for x: ", "invalid input for query argument $1: '", "setattr(a,'password','", "'--password',"),
    *("password '", "insert into a(password) values (", "insert into a(", "name: password\n value: a\n", "password:    "),
    *("password: |\n a", "password: a[", "PWD={", "DB_PASSWORD=a,", "A,", "<password a>", "<a b", 'password="""', "pass1"),
    *("reason=a ", "token: a.", "token:'token:\"", "cookie=a cookie: "),
)  # fmt: skip


def repeated(unit: str, size: int) -> str:
    """Repeat a unit up to a size."""
    return (unit * (size // len(unit) + 1))[:size]
