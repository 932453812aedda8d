"""Credentials that are known by what stands around them: URLs, headers, names; and private keys."""

from __future__ import annotations

import base64
import textwrap
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.privacy.samples import ALNUM, HEX, STD64, Sample, around, named, pick

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


def _password(chance: Random) -> str:
    return pick(chance, ALNUM, chance.randint(12, 24))


def _spelled(chance: Random) -> str:
    """Make a password of words only: no digit tells it."""
    return "-".join(pick(chance, "abcdefghiklmnoprstuw", 6) for _ in range(3))


def _hex32(chance: Random) -> str:
    return pick(chance, HEX, 32)


def _signature(chance: Random) -> str:
    return pick(chance, HEX, 64)


def _encoded(chance: Random) -> Sample:
    raw = f"{pick(chance, ALNUM, 8)}&{pick(chance, ALNUM, 6)}/#"
    spelled = quote(raw, safe="")
    return Sample(f"mysql+pymysql://tux:{spelled}@db/tux?charset=utf8mb4", (spelled,))


def _raw(chance: Random) -> Sample:
    password = f"{pick(chance, ALNUM, 6)}/@{pick(chance, ALNUM, 5)}:{pick(chance, ALNUM, 5)}"
    return Sample(f"postgresql://tux:{password}@db.internal/tux", (password,))


def _basic(chance: Random) -> Sample:
    password = _spelled(chance)
    pair = base64.b64encode(f"tux:{password}".encode()).decode()
    return Sample(f"Authorization: Basic {pair}", (pair,), {"Authorization": f"Basic {pair}"})


def _cookies(chance: Random) -> Sample:
    values = [pick(chance, ALNUM, 24), _spelled(chance)]
    line = f"sid={values[0]}; remember={values[1]}; theme=dark"
    return Sample(f"GET / HTTP/1.1\r\nCookie: {line}\r\nHost: x", tuple(values), {"Cookie": line})


def _header_pairs(chance: Random) -> Sample:
    value = _password(chance)
    tree: Any = [["Host", "x"], ["X-Auth-Token", value]]
    text = repr([(name.encode(), one.encode()) for name, one in tree])
    return Sample(text, (value,), tree)


def _named_value(chance: Random) -> Sample:
    value = _spelled(chance)
    tree = {"name": "password", "value": value}
    return Sample(f'[{{"name": "password", "value": "{value}"}}]', (value,), tree)


def _private(label: str) -> Callable[[Random], Sample]:
    """Make a private key with its line breaks, as they are or spelled."""

    def sample(chance: Random) -> Sample:
        body = base64.b64encode(chance.randbytes(600)).decode()
        lines = textwrap.wrap(body, 64)
        newline = chance.choice(("\n", "\\n", "\r\n"))
        text = newline.join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])
        return Sample(text, tuple(lines))

    return sample


def _jwk(chance: Random) -> Sample:
    value = pick(chance, ALNUM, 43)
    tree = {"kty": "EC", "crv": "P-256", "x": pick(chance, ALNUM, 43), "d": value}
    return Sample(f'{{"kty": "EC", "crv": "P-256", "d": "{value}"}}', (value,), tree)


URLS = {
    "postgresql url": around("postgresql://tux:{}@db.internal:5432/tux", _password),
    "asyncpg url": around("postgresql+asyncpg://tux:{}@db/tux?ssl=require", _spelled),
    "mysql url, encoded": _encoded,
    "url with a raw password": _raw,
    "redis url": around("redis://:{}@cache:6379/0", _password),
    "amqp url": around("amqps://guest:{}@queue/%2F", _password),
    "mongodb url": around("mongodb+srv://tux:{}@cluster0.example.net/?w=majority", _password),
    "ftp url": around("ftp://backup:{}@files.example", _spelled),
    "smtp url": around("smtps://bot:{}@mail.example:465", _password),
    "basic in url": around("https://tux:{}@host.example/path", _password),
    "token as user": around(
        "https://{}@git.example/penguins/tux.git", lambda c: pick(c, ALNUM, 40)
    ),
    "sentry dsn": around("https://{}@o1.ingest.us.sentry.io/42", _hex32),
    "sentry dsn, old": around(f"https://{'ab12' * 8}:{{}}@sentry.example/42", _hex32),
    "sentry key in query": around("/api/42/envelope/?sentry_version=7&sentry_key={}", _hex32),
    "sentry auth header": around(
        "X-Sentry-Auth: Sentry sentry_version=7, sentry_key={}, sentry_client=x/1",
        _hex32,
        lambda v: {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={v}"},
    ),
    "jdbc url": around("jdbc:postgresql://db/tux?user=tux&password={}", _spelled),
    "key in query": around("https://api.example/v1/comics?page=2&api_key={}", _hex32),
    "access token in query": around("wss://gateway.example/?v=10&access_token={}", _password),
    "s3 signature": around(
        "https://b.s3.amazonaws.com/k?X-Amz-Expires=300&X-Amz-Signature={}", _signature
    ),
    "gcs signature": around("https://storage.googleapis.com/b/k?X-Goog-Signature={}", _signature),
    "azure signature": around(
        "https://b.blob.core.windows.net/c?sv=2024&sp=r&sig={}",
        lambda c: quote(base64.b64encode(c.randbytes(32)).decode(), safe=""),
    ),
    "discord cdn signature": around(
        "https://cdn.discordapp.com/attachments/1/2/x.png?ex=1&is=2&hm={}&", _signature
    ),
    "proxy url": around("HTTPS_PROXY=http://tux:{}@proxy.example:3128", _password),
    "ssh url": around("ssh://deploy:{}@git.example/tux.git", _password),
    "sqlalchemy repr": around("Engine(mysql+aiomysql://tux:{}@db/tux)", _password),
    "nats url": around("nats://{}@queue.example:4222", lambda c: pick(c, ALNUM, 30)),
    "encoded url": around("next=postgresql%3A%2F%2Ftux%3A{}%40db%2Ftux", _password),
}

HEADERS = {
    "basic header": _basic,
    "digest header": around(
        'Authorization: Digest username="tux", response="{}", qop=auth', _hex32
    ),
    "token header": around("Authorization: token {}", _hex32, lambda v: {"Authorization": v}),
    "cookies of requests": around("<Cookie session={} for .bot.example/>", _password),
    "negotiate header": around(
        "WWW-Authenticate: Negotiate {}", lambda c: "YII" + pick(c, STD64, 60)
    ),
    "aws header": around(
        "Authorization: AWS4-HMAC-SHA256 Credential=x/2026/s3, SignedHeaders=host, Signature={}",
        _signature,
    ),
    "bearer": around("sent Bearer {} along", _password),
    "proxy header": around("Proxy-Authorization: Bearer {}", _password),
    "okta header": around("Authorization: SSWS 00{}", lambda c: pick(c, ALNUM, 40)),
    "cookie header": _cookies,
    "set-cookie header": around(
        "Set-Cookie: session={}; HttpOnly; Path=/",
        _password,
        lambda v: {"Set-Cookie": f"session={v}; HttpOnly"},
    ),
    "api key header": around("X-Api-Key: {}", _hex32, lambda v: {"X-Api-Key": v}),
    "header pairs": _header_pairs,
    "csrf header": around("X-CSRFToken: {}", _password, lambda v: {"X-CSRFToken": v}),
}

NAMES = {
    "password": named("password", _spelled),
    "password, prefixed": named("db_password", _password),
    "password, camel case": named("dbPassword", _password),
    "password, upper case": named("PGPASSWORD", _spelled),
    "password, short": named("pwd", _password),
    "passphrase": named("passphrase", _spelled),
    "password, option": around("pg_dump --password {} --host db", _spelled),
    "password, element": around("<user>tux</user><password>{}</password>", _spelled),
    "password, connection string": around("Server=db;Uid=tux;Pwd={};Encrypt=yes", _password),
    "password, libpq": around("host=db port=5432 user=tux password={} dbname=tux", _spelled),
    "password, netrc": around("machine git.example login tux password {}", _spelled),
    "password, form": around("user=tux&password={}&remember=1", _spelled),
    "password, yaml": around("database:\n  user: tux\n  password: {}\n", _spelled),
    "password, secret string": around("Settings(password=SecretStr('{}'), port=1)", _spelled),
    "password, hyphen": named("db-password", _password),
    "password, capitals": named("PassWord", _spelled),
    "password, german": named("passwort", _spelled),
    "password, dotted": named("spring.datasource.password", _password),
    "secret": named("signing_secret", _password),
    "secret, upper case": named("APP_SECRET", _password),
    "api key, hyphen": named("api-key", _hex32),
    "api key, upper case": named("OPENWEATHER_API_KEY", _hex32),
    "api key, words": around("the API key: {}", _hex32),
    "token, camel case": named("authToken", _password),
    "session, camel case": named("sessionToken", _password),
    "cookie by name": named("cookie", _password),
    "authorization by name": named("AUTHORIZATION", _password),
    "dsn, upper case": named("MY_DSN", _hex32),
    "database url by name": around(
        "DATABASE_URL=postgresql://tux:{}@db/tux",
        _password,
        lambda v: {"DATABASE_URL": f"postgresql://tux:{v}@db/tux"},
    ),
    "token": named("my_token_value", _password),
    "token, environment": around("DISCORD_TOKEN={}\nPATH=/bin", _password),
    "api key": named("apiKey", _hex32),
    "aws secret key": named("aws_secret_access_key", lambda c: pick(c, STD64, 40)),
    "aws session token": named("aws_session_token", lambda c: "FwoG" + pick(c, STD64, 200)),
    "npm authtoken": around("//registry.npmjs.org/:_authToken={}", _password),
    "session": named("session_id", _password),
    "credentials": named("credentials", _spelled),
    "private key by name": named("private_key", _signature),
    "one-time code": named("otp", lambda c: pick(c, "123456789", 6)),
    "backup codes": around(
        "{'backup_codes': ['{}', 'x']}", _spelled, lambda v: {"backup_codes": [v, "x"]}
    ),
    "named value": _named_value,
    "dsn by name": around(
        "SENTRY_DSN=https://{}@sentry.example/1",
        _hex32,
        lambda v: {"SENTRY_DSN": f"https://{v}@sentry.example/1"},
    ),
}

PRIVATE_KEYS = {
    "private key, pkcs8": _private("PRIVATE KEY"),
    "private key, rsa": _private("RSA PRIVATE KEY"),
    "private key, ec": _private("EC PRIVATE KEY"),
    "private key, openssh": _private("OPENSSH PRIVATE KEY"),
    "private key, encrypted": _private("ENCRYPTED PRIVATE KEY"),
    "private key, dsa": _private("DSA PRIVATE KEY"),
    "private key, any": _private("ANY PRIVATE KEY"),
    "private key, pgp": _private("PGP PRIVATE KEY BLOCK"),
    "private key, jwk": _jwk,
}

KINDS: dict[str, Callable[[Random], Sample]] = URLS | HEADERS | NAMES | PRIVATE_KEYS
