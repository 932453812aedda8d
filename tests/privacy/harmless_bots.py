"""More texts that hold nothing to hide: lines of logs, tracebacks, queries, and texts with an ellipsis."""

from __future__ import annotations

LOGS = [
    "Loading extension tux.modules.moderation.ban...", "Loading cogs…", "Connecting to voice…", "Syncing 42 commands...",
    "Loaded 27 of 27 extensions in 1.204 s", "Logged in as Tux#0042 (ID: 412345678901234567)", "Shard ID 3 has successfully RESUMED session",
    "Shard ID 0 heartbeat blocked for more than 10 seconds.", "Got a request to RESUME the websocket.", "WebSocket closed with 4000",
    "Attempting a reconnect in 3.52s", "Websocket closed with 1006, cannot reconnect.", "Ignoring exception in on_ready",
    "Ignoring exception in command ban", "Ignoring exception in view <ConfirmView timeout=180.0 children=2> for item <Button style=3>",
    "Dispatching event message_delete", "Guild 612345678901234567 was unavailable for 12.3 s", "purged 100 messages in 4.20 s",
    "banned 412345678901234567 from 512345678901234567", "case #1234 created by 412345678901234567", "member count 10432 -> 10431",
    "tempban of 412345678901234567 ends in 7d 3h", "level 12 -> 13 (xp 4213.5)", "starboard: 5 stars on 1212345678901234567",
    "snippet `paste` used 43 times", "reminder 77 due at 2026-11-24T03:22:31+00:00", "afk set for 412345678901234567",
    "cache hit ratio 0.934 (1893/2027)", "gateway latency 41.7 ms", "GET https://xkcd.com/info.0.json -> 200 in 88.1 ms",
    "GET /api/v10/users/@me 200", "POST /api/v10/channels/812345678901234567/messages 200 in 141 ms", "PATCH /guilds/612345678901234567/members/412345678901234567",
    "bucket 80c17d2f203122d936070c88c8d10f33 is exhausted", "A rate limit bucket (POST-/channels/{channel_id}/messages) has been reset",
    "discord.gateway: Keeping shard ID 0 websocket alive with sequence 4102.", "Created Task-1042 for on_message", "worker 3/8 started (pid 4021)",
    "Applied migration 3f1c2a9b7d4e_add_cases", "alembic.runtime.migration: Running upgrade 1a2b3c4d5e6f -> 6f5e4d3c2b1a", "0 rows affected in 0.42 ms",
    "pool size 5, 2 checked out, overflow -3", "event loop lagged by 112 ms", "gc: collected 1482 objects in generation 2", "memory 142.7 MiB (peak 188.0)",
    "flushed 12 envelopes, 0 left", "sampling 0.1: kept 1043 of 10412", "release tux@3.4.1-rc.2+gab12cd3", "python 3.11.7 on linux x86_64",
    "uptime 12 days, 4:32:11", "tick 128 took 3.2e-05 s", "2026-11-24 03:22:31,123 INFO discord.client logging in using static token",
    "[2026-11-24 03:22:31] [WARNING ] discord.http: We are being rate limited.", "| INFO     | tux.core.bot:setup_hook:42 - ready",
    "xp: {'412345678901234567': 42, '512345678901234567': 43}", "permissions: ban_members, kick_members, manage_messages", "poll 12: 5 yes, 3 no (62.5 %)",
    "roles added: ['Moderator', 'Member'], removed: []", "prefix changed from '!' to '$'", "nick 'Ada' -> 'ada_l'", "avatar a_5f4dcc3b5aa765d61d8327deb882cf99.gif",
    "emoji <:tux:712345678901234567> added", "thread 'how do I exit vim?' archived", "voice state: self_mute=True, channel=None", "uploaded log.txt (12.4 KiB)",
    "dice: 3d6+2 = 14", "xkcd 1053: Ten Thousand", "weather: 12.5 °C, 3/8 clouds", "translated en -> de in 0.2 s", "counting: 1041 -> 1042",
]  # fmt: skip

TRACEBACKS = [
    'Traceback (most recent call last):\n  File "/app/src/tux/core/bot.py", line 42, in setup_hook\n    await self.load()\nKeyError: \'guild\'',
    '  File "/usr/local/lib/python3.11/asyncio/tasks.py", line 500, in wait_for', "    return await fut", "    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    "discord.ext.commands.errors.CommandInvokeError: Command raised an exception: ZeroDivisionError: division by zero",
    "discord.app_commands.errors.CommandInvokeError: Command 'ban' raised an exception: Forbidden: 403 Forbidden (error code: 50013): Missing Permissions",
    "asyncio.exceptions.TimeoutError", "aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host api.example:443 ssl:default [Name or service not known]",
    "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: cases\n[SQL: SELECT cases.id FROM cases]\n(Background on this error at: https://sqlalche.me/e/20/e3q8)",
    "ConnectionResetError: [Errno 104] Connection reset by peer", "FileNotFoundError: [Errno 2] No such file or directory: '/app/assets/tux.png'",
    "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)", "TypeError: '<' not supported between instances of 'int' and 'NoneType'",
    "ValueError: invalid literal for int() with base 10: 'penguin'", "IndexError: list index out of range", "RecursionError: maximum recursion depth exceeded",
    "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte", "RuntimeError: Event loop is closed",
    "<frame at 0x7f4694380450, file '/app/src/tux/core/bot.py', line 42, code setup_hook>", "asyncio.run(main()) in /app/src/tux/__main__.py:12",
    "The above exception was the direct cause of the following exception:", "During handling of the above exception, another exception occurred:",
]  # fmt: skip

STATEMENTS = [
    "SELECT count(*) AS total FROM cases WHERE cases.guild_id = %(guild_id_1)s", "SELECT id FROM users WHERE name = ? LIMIT ? OFFSET ?",
    "CREATE TABLE IF NOT EXISTS cases (id INTEGER PRIMARY KEY, guild_id BIGINT NOT NULL)", "CREATE INDEX ix_cases_guild_id ON cases (guild_id)",
    "INSERT INTO cases (guild_id, user_id, type) VALUES ($1::BIGINT, $2::BIGINT, $3::VARCHAR) RETURNING cases.id", "ROLLBACK", "RELEASE SAVEPOINT sa_savepoint_1",
    "UPDATE guilds SET prefix = :prefix WHERE guilds.id = :id", "EXPLAIN QUERY PLAN SELECT * FROM levels ORDER BY xp DESC", "VACUUM", "PRAGMA foreign_keys=ON",
    "SELECT EXISTS (SELECT 1 FROM reminders WHERE due < now())", "WITH recent AS (SELECT * FROM cases WHERE id > 5) SELECT * FROM recent",
]  # fmt: skip

ELLIPSES = [
    "the quick brown penguin jumps over the lazy...", 'File "/app/src/tux/modules/moderation/ban.py", line 4...', "SELECT users.id, users.name, users.disc...",
    "Command raised an exception: HTTPExcep...", "tux.modules.moderation.cases.CaseView...", "<discord.ext.commands.context.Context obj...", "['ban', 'kick', 'warn', 'timeo...",
    "please wait 3.5 seconds...", "1, 2, 3, ...", "{'guild': 612345678901234567, 'user': 4123...", "welcome to Penguins, member 10432...", "https://discord.com/channels/612345678901234567/71234...",
    "https://github.com/penguins/tux/blob/main/src/tux/co...", "for word in words: ...", "def fetch(self) -> None: ...", "retry in 5…", "<Guild id=612345678901234567 name='Peng…", "'one two three'… (412)",
]  # fmt: skip

MORE = [*LOGS, *TRACEBACKS, *STATEMENTS, *ELLIPSES]
