"""Credentials in the less usual spellings: arguments, aligned and quoted assignments, statements, hashes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from tests.privacy.samples import (
    ALNUM,
    HEX,
    LOWER,
    STD64,
    UPPER,
    Sample,
    around,
    digits,
    luhn,
    named,
    pick,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


def _password(chance: Random) -> str:
    return pick(chance, ALNUM, chance.randint(12, 24))


def _spelled(chance: Random) -> str:
    return "-".join(pick(chance, "abcdefghiklmnoprstuw", 6) for _ in range(3))


def _with(signs: str) -> Callable[[Random], str]:
    """Make a password in which a sign stands that ends other values."""
    return lambda chance: (
        pick(chance, ALNUM, 5) + chance.choice(signs) + pick(chance, UPPER, chance.randint(9, 14))
    )


def _arguments(chance: Random) -> Sample:
    value = _spelled(chance)
    tree = {"sys.argv": ["bot.py", "--password", value, "--verbose"]}
    return Sample(f"Command '{tree['sys.argv']}' returned 1", (value,), tree)


def _card(signs: str) -> Callable[[Random], str]:
    def make(chance: Random) -> str:
        number = luhn("4" + pick(chance, "0123456789", 14))
        return chance.choice(signs).join(number[at : at + 4] for at in range(0, 16, 4))

    return make


def _putty(chance: Random) -> Sample:
    lines = [base64.b64encode(chance.randbytes(48)).decode() for _ in range(4)]
    public = base64.b64encode(chance.randbytes(48)).decode()
    newline = chance.choice(("\n", "\\n", "\r\n"))
    text = newline.join(
        ["PuTTY-User-Key-File-3: ssh-rsa", "Public-Lines: 1", public, "Private-Lines: 4", *lines]
    )
    return Sample(text, tuple(lines))


KINDS: dict[str, Callable[[Random], Sample]] = {
    "password, arguments": _arguments,
    "password, aligned": around("DB_USER        = tux\nDB_PASSWORD    = {}\n", _password),
    "password, far away": around("password:            {}", _spelled),
    "password, braces": around("Driver=x;UID=tux;PWD={{}};Encrypt=yes", _with(" -;")),
    "password with a sign": around("DB_PASSWORD={}\n", _with(",;&")),
    "password, three quotes": around('password = """{}"""', _spelled),
    "password, annotated": around("password: Annotated[str, Field(min_length=8)] = '{}'", _spelled),
    "password, set": around("setattr(settings, 'password', '{}')", _spelled),
    "password, element with attributes": around('<password type="plain">{}</password>', _spelled),
    "password, block": around("db:\n  password: |\n    {}\n  port: 1\n", _spelled),
    "password, kubernetes": around("env:\n- name: DB_PASSWORD\n  value: {}\n- name: X\n", _spelled),
    "password, role": around("ALTER ROLE tux WITH LOGIN PASSWORD '{}'", _spelled),
    "password, identified": around("CREATE USER 'tux' IDENTIFIED BY '{}'", _spelled),
    "password, inserted": around(
        "INSERT INTO users (id, password) VALUES (7, '{}')", _spelled
    ),
    "password like a placeholder": named("password", lambda c: f"{{{_password(c)}7}}"),
    "password like a parameter": named("db_password", lambda c: f":{_password(c)}7"),
    "password like a number": around(
        '{"password": "${}"}', lambda c: digits(c, 9), lambda v: {"password": f"${v}"}
    ),
    "password, numbered": named("pass2", _password),
    "tokens of an admin": named("admin_tokens", _password),
    "secret argument": named("secret_args", _password),
    "secret of an issuer": named("token_issuer_secret", _spelled),
    "unused tokens": named("unused_tokens", _password),
    "phone number by its whole name": named("phone_number", lambda c: "+49 30 " + digits(c, 8)),
    "one-time code by its whole name": named("otp_code", lambda c: digits(c, 6)),
    "recovery codes": around(
        "{'recovery_codes': ['{}']}", _spelled, lambda v: {"recovery_codes": [v]}
    ),
    "ssh key by name": named("ssh_key", _password),
    "hmac key": named("hmac_key", _password),
    "deploy key": named("deployKey", _password),
    "fernet key": named("FERNET_KEY", _password),
    "passkey": named("passkey", _password),
    "creds": named("db_creds", _spelled),
    "auth header": named("auth_header", _password),
    "riot key": around("{}", lambda c: "RGAPI-" + "-".join(pick(c, HEX, n) for n in (8, 4, 4, 4, 12))),
    "twitch token": around("PASS oauth:{}", lambda c: pick(c, LOWER, 30)),
    "bcrypt hash": around("$2b$12${}", lambda c: pick(c, ALNUM + "./", 53)),
    "shadow hash": around(
        "tux:$6$rounds=5000${}:19000:0", lambda c: f"{pick(c, ALNUM, 16)}${pick(c, ALNUM, 86)}"
    ),
    "apache hash": around("tux:$apr1${}", lambda c: f"{pick(c, ALNUM, 8)}${pick(c, ALNUM, 22)}"),
    "argon hash": around(
        "$argon2id$v=19$m=65536,t=3,p=4${}", lambda c: f"{pick(c, STD64, 22)}${pick(c, STD64, 43)}"
    ),
    "django hash": around(
        "pbkdf2_sha256$600000${}", lambda c: f"{pick(c, ALNUM, 22)}${pick(c, STD64, 43)}="
    ),
    "private key, putty": _putty,
    "card with dots": around("paid with {} today", _card(".")),
    "card with fixed spaces": around("paid with {} today", _card("\xa0")),
    "asyncpg's argument": around(
        "invalid input for query argument $1: '{}' (an integer is required)", words
    ),
    "postgres's syntax": around('invalid input syntax for type integer: "{}"', words),
    "sqlalchemy's echo": around("[cached since 0.5123s ago] ('{}', 7)", words),
    "sqlalchemy's parameters alone": around("[parameters: '{}']", words),
    "pydantic's input": around(
        "Input should be a valid integer [type=int_parsing, input_value='{}', input_type=str]", words
    ),
}  # fmt: skip
