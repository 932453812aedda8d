"""Texts that hold nothing to hide; each is what a bot's telemetry is made of."""

from __future__ import annotations

import hashlib
import json
import uuid
from random import Random

from tests.privacy.harmless_bots import MORE

_CHANCE = Random(20_261_125)


def _snowflake() -> int:
    return _CHANCE.randrange(2**56, 2**61)


def _uuid() -> uuid.UUID:
    return uuid.UUID(int=_CHANCE.getrandbits(128), version=4)


def _hex(count: int) -> str:
    return f"{_CHANCE.getrandbits(count * 4):0{count}x}"


IDENTIFIERS = [
    *(str(_snowflake()) for _ in range(12)),
    *(f"<@{_snowflake()}>" for _ in range(3)),
    *(f"<@!{_snowflake()}>" for _ in range(2)),
    *(f"<@&{_snowflake()}>" for _ in range(2)),
    *(f"<#{_snowflake()}>" for _ in range(2)),
    *(f"<:penguin_{number}:{_snowflake()}>" for number in range(3)),
    *(f"<a:dance:{_snowflake()}>" for _ in range(2)),
    *(f"</ban:{_snowflake()}>" for _ in range(2)),
    *(f"<t:{_CHANCE.randrange(10**9, 2 * 10**9)}:R>" for _ in range(2)),
    *(str(_uuid()) for _ in range(6)),
    *(_uuid().hex for _ in range(6)),
    *(_hex(16) for _ in range(6)),
    *(f"00-{_hex(32)}-{_hex(16)}-01" for _ in range(3)),
    *(f"{_hex(32)}-{_hex(16)}-1" for _ in range(3)),
    *(_hex(40) for _ in range(4)),
    *(_hex(7) for _ in range(4)),
    *(hashlib.sha256(bytes([number])).hexdigest() for number in range(4)),
    *(f"sha256:{_hex(64)}" for _ in range(2)),
    *(f'W/"{_hex(32)}"' for _ in range(2)),
    *(f"a_{_hex(32)}" for _ in range(2)),
]
"""Ids of Discord, of traces, of versions, of files."""

DISCORD = [
    f"https://discord.com/channels/{_snowflake()}/{_snowflake()}/{_snowflake()}",
    f"https://discord.com/api/v10/guilds/{_snowflake()}/bans/{_snowflake()}",
    f"https://cdn.discordapp.com/avatars/{_snowflake()}/{_hex(32)}.png?size=128",
    f"https://cdn.discordapp.com/emojis/{_snowflake()}.webp?size=48&quality=lossless",
    f"PUT /guilds/{_snowflake()}/bans/{_snowflake()} 204",
    "PUT /guilds/{guild_id}/bans/{user_id}", "POST /channels/{channel_id}/messages",
    "POST /webhooks/{webhook_id}/{webhook_token}", "POST /interactions/{id}/{token}/callback",
    "PATCH /webhooks/{application_id}/{interaction_token}/messages/@original",
    f"/webhooks/{_snowflake()}", f"GET /webhooks/{_snowflake()} -> 200 in 88 ms",
    f"<Guild id={_snowflake()} name='Penguins' shard_id=0 chunked=True member_count=42>",
    f"<Member id={_snowflake()} name='ada' global_name=None bot=False nick=None>",
    f"<TextChannel id={_snowflake()} name='general' position=3 nsfw=False category_id=None>",
    f"<Message id={_snowflake()} channel=<TextChannel id={_snowflake()}> type=<MessageType.default: 0>>",
    f"<Interaction id={_snowflake()} type=<InteractionType.application_command: 2>>",
    f"<Role id={_snowflake()} name='Moderators'>", f"<Object id={_snowflake()} type=None>",
    "<Permissions value=2251799813685247>", "<Intents value=3276799>", "<Embed title=None>",
    "<discord.ext.commands.bot.Bot object at 0x7f4694380450>", "<MessageFlags value=64>",
    "Shard ID 0 has connected to Gateway (Session ID: abc).", "Shard ID None session has been invalidated.",
    "We are being rate limited. PUT https://discord.com/api/v10/guilds/1/bans/2 responded with 429.",
    "Retrying in 0.40 seconds.",
    "403 Forbidden (error code: 50013): Missing Permissions", "404 Not Found (error code: 10007): Unknown Member",
    "400 Bad Request (error code: 50035): Invalid Form Body\nIn content: Must be 2000 or fewer in length.",
    "404 Not Found (error code: 10062): Unknown interaction", "429 Too Many Requests (error code: 0)",
    "401 Unauthorized (error code: 0): 401: Unauthorized", "Improper token has been passed.",
    "Command raised an exception: KeyError: 'content'", "bot 123456789012345678 was added to 4 guilds",
    "You are missing Ban Members permission(s) to run this command.", "bot ready in 1.25 seconds",
    "This interaction has already been responded to before", "token expires_in=604800",
    "member joined: 3 of 250 are bots", "cooldown: retry after 3.20s", "ban: 2 members, 0 failed",
    json.dumps({"op": 0, "t": "GUILD_CREATE", "s": 4, "d": {"id": str(_snowflake()), "large": False}}),
    json.dumps({"op": 10, "d": {"heartbeat_interval": 41250}}), json.dumps({"op": 11, "d": None}),
    json.dumps({"id": str(_snowflake()), "type": 0, "channel_id": str(_snowflake()), "pinned": False}),
    json.dumps({"code": 50013, "message": "Missing Permissions"}),
    json.dumps({"guild_id": str(_snowflake()), "user_id": str(_snowflake()), "delete_message_seconds": 86400}),
    json.dumps({"global": False, "retry_after": 0.4, "message": "You are being rate limited."}),
    json.dumps({"name": "ban", "description": "Ban a member", "options": [{"name": "user", "type": 6}]}),
]  # fmt: skip

CODE = [
    "self.token = token", "token = settings.discord.token", "token: str | None = None", "password: SecretStr",
    "def login(self, token: str) -> None:", "if not self.token:", "return self._session", "async with session:",
    "self.session = aiohttp.ClientSession()", "session.commit()", "await session.execute(statement)",
    "raise ValueError('bad token')", 'raise LoginFailure("Improper token has been passed.") from exc',
    "headers['Authorization'] = f'Bot {self.token}'", "kwargs['headers'] = headers",
    "auth = aiohttp.BasicAuth(user, password)", "secret = os.environ['SECRET']", "key = (guild_id, user_id)",
    "for key, value in data.items():", "cookies = response.cookies", "content = await response.text()",
    "await ctx.send(content=message.content)", "payload['content'] = content", "embed = discord.Embed()",
    "embed.set_footer(text=footer)", "await member.ban(reason=reason)", "reason: str | None = None,",
    "async def ban(self, ctx, member: discord.Member, *, reason: str) -> None:", "reason=reason or default,",
    "@app_commands.command(name='ban')", "@commands.has_permissions(ban_members=True)", "matrix = a @ b",
    "x = items[1::2]", "y = items[::-1]", "lambda x: x[::2]", "std::vector<int>", "a::b::c", "dict[str, Any]",
    "print(f'{elapsed:.2f} s')", "assert len(parts) == 3", "return {'id': 1, 'name': 'x'}", "x if y else z",
    "def __init__(self, bot: Bot, *, limit: int = 10) -> None:", "# see https://docs.python.org/3/library/re.html",
    "from tux.services.sentry.scrubbing import Scrubber", "import sentry_sdk.integrations.loguru as _loguru",
    "logger.info('banned {} in {}', user.id, guild.id)", "while True:", "class TokenBucket(Protocol):",
    "value = json.loads(text)", "match = re.fullmatch(r'[0-9a-f]{32}', text)", "sys.exit(1)", "pass",
    "super().__init__(command_prefix=prefix, intents=intents)", "self._lock = asyncio.Lock()",
    "TOKEN_PATTERN = re.compile(pattern)", "PASSWORD_LENGTH = 12", "MAX_TOKENS = 4096", "tokens_per_second = 5",
    "options = {'tokenizer': 'fast', 'max_tokens': 100}", "bucket.tokens -= 1", "if token in seen: continue",
    "csrf_enabled: true", "session_timeout = 3600", "cookie_count=3", "auth_method=oauth2", "key_id=7",
    "password_changed_at: 2026-11-24", "has_password=True", "token_type=bearer", "secret_count: 0",
]  # fmt: skip

PATHS = [
    "/app/src/tux/modules/moderation/ban.py", "/home/tux/bot/.venv/lib/python3.11/site-packages/discord/client.py",
    "C:\\bots\\tux\\src\\tux\\core\\bot.py", "src/tux/services/sentry/scrubbing/assignments.py", "./tux-data/tux.db",
    "sqlite:///tux-data/tux.db", "sqlite+aiosqlite:///./tux-data/tux.db", "file:///srv/tux/data.json",
    "/proc/self/status", "/tmp/pytest-of-tux/pytest-0/test_x0/spool", "~/.config/tux/tux.toml",
    "tux.modules.moderation.ban", "discord.ext.commands.core.Command.invoke", "sentry_sdk.integrations.httpx",
    "tux.services.sentry.instrument.commands", "asyncio.base_events", "concurrent.futures.thread", "__main__",
    "https://docs.sentry.io/platforms/python/?page=2", "https://github.com/@user/repo", "https://tux.example/",
    "https://pypi.org/project/discord.py/2.7.1/", "http://127.0.0.1:8765/health", "http://localhost:8000/api/0/",
    "https://xkcd.com/1053/info.0.json", "https://example.com/search?q=penguins&page=2&sort=name#top",
    "https://en.wikipedia.org/wiki/Tux_(mascot)", "ws://127.0.0.1:4000/?v=10&encoding=json&compress=zlib-stream",
    "wss://gateway.discord.gg/?v=10&encoding=json", "127.0.0.1:5432", "localhost:6379", "0.0.0.0:8080", "::1",
    "https://api.example/v1/comics?limit=10&offset=20", "mailto:", "git@github.com:penguins/tux.git",
    "https://medium.com/@author/a-title-1a2b3c4d5e6f", "https://fonts.example/css2?family=Inter:wght@400;700",
    "https://cdn.jsdelivr.net/npm/vega@5", "https://unpkg.com/htmx.org@1.9.12/dist/htmx.min.js",
    "https://example.com/a%20b/%C3%A9?x=1%2B1", "s3://bucket/key/with/slashes.parquet", "/metrics", "/",
]  # fmt: skip

VERSIONS = [
    "tux@1.2.3", "tux@v2.0.0-rc.1", "tux@1.0.0+a1b2c3d4e5f6", "v1.0.0", "1.2.3", "2.75.0", "3.11.7", "0.1.0.dev3+g1a2b3c",
    "Python/3.11 aiohttp/3.14.5", "Chrome/120.0.0.0", "DiscordBot (https://github.com/Rapptz/discord.py 2.7.1)",
    "CPython 3.11.7 (main, Dec  4 2025, 18:10:11) [GCC 12.2.0]", "Linux-6.1.0-18-amd64-x86_64-with-glibc2.36",
    "discord.py==2.7.1", "==1.2.3.4", "sentry.python/2.75.0", "SQLite 3.45.1", "PostgreSQL 16.2 on x86_64-pc-linux-gnu",
    "1.4.2-beta.11+exp.sha.5114f85", "python:3.11-slim@sha256:" + "ab12" * 16, "node@20.11.1", "pip 24.0",
]  # fmt: skip

TIMES = [
    "2026-11-24T03:22:31.123456Z", "2026-11-24 03:22:31,123", "2026-11-24T03:22:31+00:00", "12:30:45", "12:30:45.123",
    "1764000000.123", "1764000000000", "1764000000000000", "1764000000000000000", "3 days, 4:05:06", "0:00:01.5",
    "0 4 * * *", "*/5 * * * *", "24/Nov/2026:03:22:31 +0000", "Tue, 24 Nov 2026 03:22:31 GMT", "100.5 ms", "3.2e-05",
    "60 %", "5 per 10 seconds", "41250", "0x7f4694380450", "1,234,567", "-1", "3.14159265358979", "10**18", "1e308",
    "00:00:00:01", "12:34:56:78:9a:bc", "1:2:3", "2:1", "16:9",
]  # fmt: skip

STATEMENTS = [
    "SELECT * FROM cases WHERE guild_id = ? AND user_id = ? ORDER BY id DESC LIMIT ?",
    "INSERT INTO guilds (id, name) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
    "UPDATE cases SET reason = ?, expires_at = ? WHERE id = ?", "DELETE FROM sessions WHERE expired < ?",
    "SELECT users.id, users.token_count FROM users WHERE users.id = $1::BIGINT", "BEGIN (implicit)", "COMMIT",
    "ALTER TABLE users ADD COLUMN session_count INTEGER NOT NULL DEFAULT 0", "PRAGMA journal_mode=WAL",
    "(sqlite3.IntegrityError) UNIQUE constraint failed: guilds.id", "duplicate key value violates unique constraint",
    "DETAIL:  Key (guild_id)=(123456789012345678) already exists.", "no such table: cases", "database is locked",
    "[SQL: SELECT 1]", "(Background on this error at: https://sqlalche.me/e/20/gkpj)", "connection to server closed",
    'relation "cases" does not exist', "current transaction is aborted", "SAVEPOINT sa_savepoint_1", "WHERE key = :key_1",
]  # fmt: skip

PROSE = [
    "Session ID not found", "session closed", "Invalid token: expected a string", "token expired", "no token given",
    "the password is wrong", "password reset requested", "authentication failed", "authorization required",
    "cookie banner shown", "secret santa starts at 5", "API key missing", "key error", "content too long: 2001 of 2000",
    "reason missing", "rate limit: 5 per 10 seconds", "connection refused", "timed out after 30.0 s", "retry 3/5",
    "login failed for 3 members", "mention @everyone and @here", "thanks @ada!", "C++ & Python", "50 % off -- today",
    "é à ü ñ ß 漢字 한국어 🐧", "penguin-of-the-day", "Kekse & Kuchen", "добрый день", "¿qué tal?", "", " ", "…", "a" * 200,
    "x" * 500, "-" * 80, "=" * 80, "#" * 40, "* * *", "(none)", "null", "True", "NaN", "[]", "{}", '""', "''", "-->",
    "on_member_join", "command.ban", "event.discord", "http.client", "db.query", "task.clean-up", "queue.process",
    "production", "development", "main", "ban", "setup modlog", "xkcd random", "error", "warning", "fatal", "ok",
    "internal_error", "deadline_exceeded", "permission_denied", "unauthenticated", "not_found", "application/json",
    "application/json; charset=utf-8", "text/html", "gzip, deflate, br", "no-cache, no-store", "keep-alive",
    "Not Found", "Internal Server Error", "MANIFEST.in", "README.md", "en-GB", "de_DE.UTF-8", "Europe/Berlin",
    "CommandInvokeError", "HTTPException", "KeyError: 'token'", "AttributeError: 'NoneType' object has no attribute 'id'",
    "ModuleNotFoundError: No module named 'tux.modules.secret'", "TypeError: login() missing 1 required argument: 'token'",
    'File "/app/src/tux/core/bot.py", line 42, in setup_hook', "Traceback (most recent call last):",
    "    await self.tree.sync(guild=guild)", "[removed: discord token]", "see [removed: e-mail] and [removed: token]",
    "<function login at 0x7f4694380450>", "<Task pending name='Task-7' coro=<Bot.start() running at bot.py:42>>",
    "<ClientResponse(https://discord.com/api/v10/users/@me) [200 OK]>", "<Response [404 Not Found]>",
    "<coroutine object ban at 0x7f46943804c0>", "deque([1, 2, 3], maxlen=10)", "Decimal('12.50')",
    "datetime.datetime(2026, 11, 24, 3, 22, tzinfo=datetime.timezone.utc)", "PosixPath('/app/tux.db')",
    "Case(id=7, guild_id=123456789012345678, type='ban', active=True)", "['token', 'guild', 'user', 'channel']",
    "Settings(prefix='!', owner_ids=(1, 2), log_level='INFO')", "defaultdict(<class 'int'>, {'ban': 3})",
]  # fmt: skip

HARMLESS = [
    *(*IDENTIFIERS, *DISCORD, *CODE, *PATHS, *VERSIONS, *TIMES, *STATEMENTS, *PROSE, *MORE),
]
