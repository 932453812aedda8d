"""What the bot runs with: sampling, privacy, what is watched, the database, and Discord's token."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from tux.database.errors import told
from tux.database.service import MEMORY, DatabaseService
from tux.database.urls import parse_url
from tux.doctor.findings import Finding
from tux.doctor.folders import try_folder
from tux.shared.exceptions import TuxConfigurationError, TuxDatabaseError
from tux.station.receiving import rules_of
from tux.watch import load_definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.shared.privacy import PrivacySettings
    from tux.shared.settings import SentrySettings, Settings, StationSettings

_TOKEN: Final = re.compile(r"[\w-]{18,40}\.[\w-]{4,10}\.[\w-]{20,60}")


def check_sampling(settings: SentrySettings) -> Iterator[Finding]:
    """Tell how much is kept; errors are never sampled away."""
    rates = {
        "commands": settings.command_sample_rate,
        "background tasks": settings.task_sample_rate,
        "all else": settings.default_sample_rate,
    }
    said = ", ".join(f"{rate:.1%} of {what}" for what, rate in rates.items())
    if not any(rates.values()):
        yield Finding(
            "sampling", "warning", "no timings are kept",
            "Set SENTRY_COMMAND_SAMPLE_RATE above 0 to see how slow commands are.",
        )  # fmt: skip
    elif settings.environment == "production" and min(rates.values()) == 1:
        yield Finding(
            "sampling", "warning", "all timings are kept in production",
            "A receiver with a quota fills: SENTRY_COMMAND_SAMPLE_RATE=0.1 keeps one in ten.",
        )  # fmt: skip
    else:
        yield Finding("sampling", "ok", f"timings: {said}; all errors within the limits")
    if settings.debug:
        yield Finding(
            "SDK", "warning", "writes a verbose log", "Unset SENTRY_DEBUG when you have seen it."
        )


def check_privacy(settings: PrivacySettings) -> Iterator[Finding]:
    """Tell what of people may leave, as it is chosen."""
    told = {"id": "their ids", "id+name": "their ids and names", "hash": "hashes of their ids"}
    said = f"of users {told[settings.user]} leave"
    if settings.user == "id+name":
        advice = "Tell the members, or set PRIVACY_USER to id or hash."
        yield Finding("privacy", "warning", said, advice)
    else:
        yield Finding("privacy", "ok", said)
    if settings.keep_values or settings.keep_names:
        yield Finding(
            "privacy", "warning",
            f"{len(settings.keep_values) + len(settings.keep_names)} values and names are kept that "
            "a rule would remove",
            "Look whether PRIVACY_KEEP_VALUES and PRIVACY_KEEP_NAMES are still needed.",
        )  # fmt: skip


async def check_database(settings: Settings) -> Finding:
    """Ask the database something; nothing is made or changed."""
    address = settings.database.url.get_secret_value()
    try:
        url = parse_url(address)
        is_file = url.get_backend_name() == "sqlite" and url.database != MEMORY
        if is_file and not _try_file(str(url.database)):
            # To connect to it would make it.
            return Finding("database", "ok", f"{url.database} is made at the first start")
        db = DatabaseService(address)
        try:
            with told("connect"):
                async with db.session() as session:
                    await session.execute(text("SELECT 1"))
        finally:
            await db.close()
    except OSError as error:
        return Finding(
            "database", "fault", f"{url.database} cannot be written: {error.strerror}",
            "Give the bot's user the file and its folder, or set DATABASE_URL.",
        )  # fmt: skip
    except TuxConfigurationError as error:
        return Finding("database", "fault", "DATABASE_URL is none that can be used", str(error))
    except TuxDatabaseError as error:
        return Finding(
            "database", "fault", f"{error}",
            "Start the database, or mend host, user and password in DATABASE_URL.",
        )  # fmt: skip
    return Finding("database", "ok", f"{url.get_backend_name()} answers")


def _try_file(database: str) -> bool:
    """Tell whether a file is there, which SQLite can write to, and make others beside it.

    Raises:
        OSError: it cannot.
    """
    path = Path(database).absolute()
    try_folder(path.parent)
    is_there = path.exists()
    if is_there and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return is_there


def check_grouping(settings: StationSettings) -> Iterator[Finding]:
    """Read the rules by which the station groups, if there are any."""
    if not settings.fingerprints:
        return
    try:
        rules = rules_of(settings.fingerprints)
    except TuxConfigurationError as error:
        yield Finding("grouping", "fault", "STATION_FINGERPRINTS cannot be read", str(error))
    else:
        yield Finding("grouping", "ok", f"STATION_FINGERPRINTS has {len(rules)} rules")


def check_watch(file: Path) -> Finding:
    """Read what a file declares to be watched; without a file it is what Tux watches by itself."""
    try:
        watched = load_definitions(file)
    except TuxConfigurationError as error:
        return Finding("watch", "fault", f"what {file} declares cannot be used", error.hint.strip())
    return Finding("watch", "ok", f"{len(watched.alerts)} alert rules, {len(watched.teams)} teams")


def check_discord(settings: Settings) -> Finding:
    """Look at the token: whether it is there, and looks like one."""
    token = settings.discord.token.get_secret_value() if settings.discord.token else ""
    if not token:
        return Finding(
            "Discord", "fault", "DISCORD_TOKEN is not set",
            "Copy the bot's token from Discord's developer portal into the environment or .env.",
        )  # fmt: skip
    if settings.discord.api_url:
        return Finding("Discord", "ok", "a token is there, for the Discord of DISCORD_API_URL")
    if _TOKEN.fullmatch(token) is None:
        return Finding(
            "Discord", "warning", "DISCORD_TOKEN does not look like a bot's token",
            "It has three parts with dots between; the client secret is another thing.",
        )  # fmt: skip
    return Finding("Discord", "ok", "a token is there")
