"""Kinds by forms: what is removed from a text, and what is not."""

from __future__ import annotations

import base64
import random
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tux.services.sentry.scrubbing.scrubber import Scrubber, sanitize_user_data

CHANCE = random.Random(20_261_124)


def letters(count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Make a value that no real secret has. It holds a digit, as real ones do."""
    return "7" + "".join(CHANCE.choices(alphabet, k=count - 1))


def discord_token(tail: int = 38, id_: str = "1234567890123456789") -> str:
    first = base64.urlsafe_b64encode(id_.encode()).decode().rstrip("=")
    return f"{first}.{letters(6)}.{letters(tail)}"


def card() -> str:
    return "4111 1111 1111 1111"


KINDS = {
    "discord token 26.6.38": discord_token(),
    "discord token 24.6.27": discord_token(27, "123456789012345678"),
    "discord mfa token": "mfa." + letters(84),
    "discord interaction token": "aW50ZXJhY3Rpb246" + letters(160),
    "jwt": f"eyJ{letters(20)}.eyJ{letters(40)}.{letters(43)}",
    "aws key": "AKIA" + letters(16, string.ascii_uppercase + string.digits),
    "github token": "ghp_" + letters(36),
    "github fine-grained token": "github_pat_" + letters(82),
    "gitlab token": "glpat-" + letters(20),
    "slack token": f"xoxb-{letters(12)}-{letters(24)}",
    "stripe key": "sk_live_" + letters(24),
    "google key": "AIza" + letters(35),
    "google oauth token": "ya29." + letters(60),
    "npm token": "npm_" + letters(36),
    "pypi token": "pypi-" + letters(80),
    "sendgrid key": f"SG.{letters(22)}.{letters(43)}",
    "hugging face token": "hf_" + letters(34),
    "sentry token": "sntrys_" + letters(60),
    "openai key": "sk-" + letters(48),
    "docker token": "dckr_pat_" + letters(27),
    "vault token": "hvs." + letters(90),
    "e-mail": f"ada.{letters(5)}@mail.example.org",
    "ipv4": "203.0.113.77",
    "ipv6": "2001:db8:85a3::8a2e:370:7334",
    "card": card(),
}
"""Secrets that are known by themselves, wherever they stand."""

CONTEXTUAL = {
    "webhook": "https://discord.com/api/webhooks/123456789012345678/{}",
    "webhook v10": "https://discord.com/api/v10/webhooks/1234567890123456789/{}?wait=true",
    "webhook canary": "https://canary.discord.com/api/webhooks/123456789012345678/{}",
    "webhook ptb": "https://ptb.discord.com/api/webhooks/123456789012345678/{}",
    "webhook discordapp": "https://discordapp.com/api/webhooks/123456789012345678/{}",
    "followup": "PATCH /webhooks/123456789012345678/{}/messages/@original",
    "callback": "POST /interactions/123456789012345678/{}/callback",
    "callback encoded": "%2Finteractions%2F123456789012345678%2F{}%2Fcallback",
    "dsn": "https://{}@o1.ingest.sentry.io/42",
    "postgresql": "postgresql://tux:{}@db.internal:5432/tux",
    "asyncpg": "postgresql+asyncpg://tux:{}@db.internal/tux?ssl=require",
    "redis": "redis://:{}@cache:6379/0",
    "amqp": "amqps://guest:{}@queue",
    "raw password": "postgresql://tux:{}/@:x@db/tux",
    "basic in url": "https://user:{}@host.example/path",
    "encoded url": "u=postgresql%3A%2F%2Ftux%3A{}%40db",
    "bearer": "Authorization: Bearer {}",
    "bearer alone": "sent Bearer {} to it",
    "bot header": "{{'Authorization': 'Bot {}'}}",
    "basic header": "Basic {}",
    "query": "https://api.example/x?user=1&api_key={}&page=2",
    "signature": "https://cdn.discordapp.com/a/1/2/x.png?ex=1&is=2&hm={}",
    "oauth code": "https://bot.example/callback?code={}&guild_id=1",
    "assignment": "password={}",
    "assignment spaced": "client_secret = '{}'",
    "kwarg": "login(token='{}', reconnect=True)",
    "dict repr": "{{'my_token_value': '{}', 'n': 1}}",
    "json": '{{"db": {{"password": "{}"}}}}',
    "json escaped": '\\"apiKey\\": \\"{}\\"',
    "json in list": '[1, {{"session_id": "{}"}}]',
    "header lines": "GET / HTTP/1.1\r\nCookie: a={}; theme=dark\r\nHost: x",
    "yaml": "discord:\n  token: {}\n",
    "environment": "DISCORD_TOKEN={}\nPATH=/bin",
    "x-api-key": "X-Api-Key: {}",
    "secretstr": "SecretStr('{}')".replace("SecretStr", "password=SecretStr"),
    "content": '{{"content": "{}", "tts": false}}',
    "private key": "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    "private key cut": "-----BEGIN PRIVATE KEY-----\\n{}",
    "slack webhook": "https://hooks.slack.com/services/T000/B000/{}",
}
"""Secrets that are known by what stands around them."""

FRAMES = (
    "{}",
    "failed with {} today",
    "({})",
    "'{}'",
    "x={};",
    "<{}>",
    "a\n{}\nb",
    '{{"v": "{}"}}',
)

HARMLESS = [
    "123456789012345678", "<@1234567890123456789>", "<#123456789012345678>",
    "<:penguin:123456789012345678>", "tux.modules.moderation.ban", "ban", "setup modlog",
    "/app/src/tux/modules/admin/cog.py", "C:\\bots\\tux\\cog.py", "tux@1.2.3", "tux@v2.0.0-rc.1",
    "tux@1.0.0+a1b2c3d", "550e8400-e29b-41d4-a716-446655440000", "0123456789abcdef0123456789abcdef",
    "0123456789abcdef", "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
    "2026-11-24T03:22:31.123456Z", "12:30:45", "12:30:45.123", "1764000000.123", "1764000000000",
    "PUT /guilds/{guild_id}/bans/{user_id}", "GET /gateway/bot", "SELECT * FROM cases WHERE id = ?",
    "INSERT INTO guilds (id, name) VALUES (?, ?)", "token = settings.token", "password: str",
    "password: str | None = None", "token: SecretStr", "self.session = session",
    "def login(self, token: str) -> None:", "raise ValueError('bad token')",
    "Improper token has been passed.", "Invalid token: expected a string", "session closed",
    "Session ID not found", "https://discord.com/channels/1/2/3", "https://docs.sentry.io/a?page=2",
    "http://127.0.0.1:8765/health", "127.0.0.1", "0.0.0.0:8080", "localhost:5432", "::1",
    "sqlite:///tux-data/tux.db", "https://github.com/@user/repo", "std::string", "a::b",
    "Chrome/120.0.0.0", "Python/3.11 aiohttp/3.12.0", "==1.2.3.4", "v1.2.3.4", "1.2.3",
    "KeyError: 'content'", "CommandInvokeError", "HTTPException: 403 Forbidden (error code: 50013)",
    "Missing Permissions", "429 Too Many Requests", "rate limit: 5 per 10 seconds",
    "token_count=5 max_tokens=100", "cooldown: 3.2", "key = (guild_id, user_id)", "x = d['key']",
    "for key, value in data.items():", "auth_method=bearer", "mention @everyone and @here",
    "@app_commands.command(name='ban')", "@commands.command()", "matrix = a @ b",
    "0x7f4694380450", "<Guild id=123456789012345678 name='Penguins' shard_id=0>",
    "<Interaction id=1234567890123456789>", "op 7 reconnect", "Shard ID 0 has connected",
    "tux.tasks.expire", "event.discord", "production", "main", "on_member_join",
    "0 4 * * *", "application/json; charset=utf-8", "text/html", "é à ü 漢字 🐧", "", " ", "…",
    "[removed: discord token]", "see [removed: e-mail] and [removed: token]",
    "webhooks/123456789012345678", "/webhooks/{application_id}/{interaction_token}",
    "interactions/{id}/{token}/callback", "sha256:" + "ab" * 32, "abc-def_ghi.jkl",
    "module.submodule.function_name.inner", "sentry_sdk.integrations.loguru", "3 of 5 (60 %)",
    "100.5 ms", "2:1", "1:2:3", "a=b&c=d", "?page=2&sort=name", "x" * 500,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_secret_is_removed_wherever_it_stands(kind: str) -> None:
    """No third of a secret is left in any surrounding."""
    for frame in FRAMES:
        told = Scrubber().text(frame.format(KINDS[kind]))
        assert "[removed: " in told
        assert not holds_part(told, KINDS[kind]), told


@pytest.mark.parametrize("kind", CONTEXTUAL)
def test_secret_is_removed_by_its_surroundings(kind: str) -> None:
    """A value that says nothing by itself is removed by what stands around it."""
    value = letters(40)
    told = Scrubber().text(CONTEXTUAL[kind].format(value))
    assert "[removed: " in told
    assert not holds_part(told, value), told


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_kept(text: str) -> None:
    """Identifiers, paths, releases and code are kept as they are."""
    assert Scrubber().text(text) == text


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "x{}y",
        "cut {:.10}",
        "https://x/?q={}",
    ],
)
def test_known_value_is_removed(form: str) -> None:
    """A value of our own settings is removed in every place, also cut."""
    secret = "correct horse/battery"
    assert not holds_part(Scrubber([secret]).text(form.format(secret)), secret)


@pytest.mark.parametrize("offset", range(3))
def test_known_value_is_removed_in_its_encodings(offset: int) -> None:
    """A known value is found percent-encoded, and in base64 at every offset."""
    secret = "correct horse/battery"
    encoded = base64.b64encode(b"_" * offset + secret.encode() + b"_").decode()
    scrubber = Scrubber([secret])
    assert "[removed: secret]" in scrubber.text(encoded)
    assert "battery" not in scrubber.text("correct%20horse%2Fbattery")


def test_parts_of_a_known_url_are_known() -> None:
    """The password of a known URL is removed where it stands alone."""
    scrubber = Scrubber(["postgresql+asyncpg://tux:Tr0ub4dor%263@db/tux"])
    assert scrubber.text("auth failed for Tr0ub4dor&3") == "auth failed for [removed: secret]"
    assert scrubber.text("auth failed for Tr0ub4dor%263") == "auth failed for [removed: secret]"


@pytest.mark.parametrize(
    "name",
    [
        "password", "db_password", "DB_PASSWORD", "dbPassword", "X-Api-Key", "apiKey", "api_key",
        "discord_token", "my_token_value", "accessToken", "Authorization", "proxy-authorization",
        "Cookie", "Set-Cookie", "session", "session_id", "sessionid", "client_secret", "secret",
        "SENTRY_DSN", "dsn", "private_key", "aws_secret_access_key", "credentials", "csrf_token",
        "X-CSRFToken", "passwd", "PGPASSWORD", "pwd", "jwt", "otp", "email", "user_email",
        "ip_address", "remote_addr", "X-Forwarded-For", "content", "clean_content",
        "message_content", "database_url", "backup_codes", "passphrase",
    ],
)  # fmt: skip
def test_name_tells_of_a_secret(name: str) -> None:
    """A value under a telling name is removed, whatever its spelling and its form."""
    for value in ("plain", 1234, ["plain"], {"a": "plain"}, b"plain"):
        (told,) = sanitize_user_data({name: value}).values()
        assert str(told).startswith("[removed: ")


@pytest.mark.parametrize(
    "name",
    [
        "command", "guild_id", "channel_id", "message_id", "interaction_id", "user_id", "token_count",
        "max_tokens", "token_type", "session_count", "content_type", "content_length", "key",
        "public_key", "primary_key", "sort_key", "author", "authored_at", "tokenizer", "secretary",
        "password_expired", "cookie_count", "sid", "did", "event_id", "trace_id", "span_id",
        "check_in_id", "release", "environment", "transaction", "description", "zip", "chip",
        "passed", "bypass_count", "compass", "status", "shard", "op",
    ],
)  # fmt: skip
def test_name_tells_nothing(name: str) -> None:
    """A value under a harmless name is kept."""
    assert sanitize_user_data({name: "plain"}) == {name: "plain"}


def test_truth_under_a_telling_name_is_kept() -> None:
    """Whether there is a token is no secret."""
    data: dict[str, object] = {"token": True, "password": None, "secret": "", "cookies": []}
    assert sanitize_user_data(data) == data


def test_user_data_is_not_changed_in_place() -> None:
    """The dict that is given stays as it is."""
    data = {"user": {"password": "x", "names": ["ada"]}}
    assert sanitize_user_data(data)["user"] == {"password": "[removed: password]", "names": ["ada"]}
    assert data == {"user": {"password": "x", "names": ["ada"]}}


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
tricky = st.lists(
    st.sampled_from([*KINDS.values(), *(one.format("abc123xyz789") for one in CONTEXTUAL.values()),
                     "token=", "password", ": ", "://", "@", "%40", "[removed: token]", '"', "'",
                     "\\", "eyJ", ".", "{", "}", "=", " ", "Bot ", "content", "1.2.3.4"])
    | st.text(max_size=5),
    max_size=8,
).map("".join)  # fmt: skip


@settings(deadline=None)
@given(json_like)
def test_any_tree_is_scrubbed_without_error(data: object) -> None:
    """No tree makes the scrubber raise."""
    Scrubber(["secret-value"]).event(data)


@settings(max_examples=2000, deadline=None)
@given(tricky)
def test_scrubbing_twice_is_scrubbing_once(text: str) -> None:
    """What has been scrubbed stays as it is, and nothing is left to remove."""
    scrubber = Scrubber()
    once = scrubber.text(text)
    assert scrubber.text(once) == once


def holds_part(told: str, secret: str) -> bool:
    """Tell whether a third of a secret is still there; markers hold none."""
    told = re.sub(r"\[removed: [a-z -]+\]", "", told)
    size = max(4, len(secret) // 3)
    return any(
        secret[start : start + size] in told for start in range(max(1, len(secret) - size + 1))
    )
