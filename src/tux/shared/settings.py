"""Environment, ``.env`` and ``tux.toml`` → frozen ``Settings``.

A section and a field name together are the variable: ``sentry.dsn`` is ``SENTRY_DSN`` in the
environment and in ``.env``, and ``dsn`` below ``[sentry]`` in ``tux.toml``. The environment wins
over ``.env``, ``.env`` over ``tux.toml``.
"""

from __future__ import annotations

import json
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from tux.shared.alert_settings import AlertSettings
from tux.shared.bot_settings import BotSettings, HttpSettings
from tux.shared.exceptions import TuxConfigurationError
from tux.shared.privacy import PrivacySettings
from tux.shared.provisioning_settings import ProvisioningSettings, SentryAccount
from tux.shared.section import Positive, Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

Rate = Annotated[float, Field(ge=0, le=1)]
Verdict = Literal["never", "breadcrumb", "warning", "error", "fatal"]


def _from_json(given: object) -> object:
    """Take JSON of class → verdict: pydantic's own error for what is none has no variable's name."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError:
        raise ValueError("is no JSON of class and verdict") from None


class SentrySettings(SentryAccount):
    """Where events go, how many, and what is kept while the receiver is away."""

    environment: str = "development"
    """``production``, ``development`` or any other word."""
    release: str | None = None
    """For example ``v1.0.0``; by default Tux's version and git revision, not your bot's."""
    debug: bool = False
    """Verbose log of the SDK."""
    policy: Annotated[dict[str, Verdict], NoDecode, BeforeValidator(_from_json)] = Field(default={})
    """What is done about errors of a class, by its name: ``never``, ``breadcrumb``, ``warning``,
    ``error``, ``fatal``. JSON in the environment, a table ``[sentry.policy]`` in ``tux.toml``."""
    error_transaction_sample_rate: Rate = 1.0
    """Share of the transactions named ``error`` that are kept."""
    command_sample_rate: Rate = 0.1
    """Share of the transactions of commands that are kept."""
    task_sample_rate: Rate = 0.01
    """Share of the transactions of background tasks that are kept."""
    default_sample_rate: Rate = 0.1
    """Share of all other transactions that are kept."""
    limit_burst: Annotated[int, Field(gt=0)] = 5
    """Errors of one fingerprint that pass at once."""
    limit_period: Positive = 10.0
    """Seconds after which one more error of a fingerprint may pass."""
    limit_total_burst: Annotated[int, Field(gt=0)] = 50
    """Errors of all fingerprints together that pass at once."""
    limit_total_rate: Positive = 5.0
    """Errors of all fingerprints together that pass in a second."""
    limit_transaction_rate: Positive = 50.0
    """Transactions kept in a second, of those that the rates would keep; 40 seconds' at once."""
    limit_log_rate: Positive = 100.0
    """Log lines that pass in a second, 40 seconds' worth of them at once."""
    spool_path: Path = Path("tux-data/spool")
    """Folder in which envelopes wait until the receiver has them."""
    spool_bytes: Annotated[int, Field(gt=0)] = 64 * 1024 * 1024
    """Bytes that the spool may hold; the oldest are dropped first, and counted."""
    spool_days: Positive = 7.0
    """Days after which a waiting envelope is given up, and counted."""


class DiscordSettings(Section):
    """How the bot reaches Discord."""

    token: SecretStr | None = None
    """The bot's token, from Discord's developer portal."""
    api_url: str | None = None
    """Another REST base than Discord's: the local Discord's, for demos and tests."""
    gateway_url: str | None = None
    """Another gateway than Discord's."""


class DatabaseSettings(Section):
    """Where the bot keeps users, guilds and cases."""

    url: SecretStr = SecretStr("sqlite:///tux-data/tux.db")
    """``sqlite:///path`` or ``postgresql://user:password@host/name``."""
    record_days: Positive = 365.0
    """Days after which closed cases are removed."""


class StationSettings(Section):
    """Our own receiver and dashboard."""

    host: str = "127.0.0.1"
    """Address to listen on. Any but this machine's own (127.0.0.1, ::1, localhost) needs a
    password."""
    url: Annotated[str, Field(pattern=r"^https?://[^/?#@\s]+/?$")] | None = None
    """Address at which people and SDKs reach it, where that is another one: a proxy's, say
    ``https://tux.example.org``."""
    password: Annotated[SecretStr, Field(min_length=10)] | None = None
    """What people are asked for before they see anything, instead of the one that
    ``tux station password`` has set. At least 10 characters."""
    key_rate: Annotated[int, Field(ge=0)] = 60_000
    """Envelopes a minute that one key of a DSN may send; 0 is without limit."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8765
    """Port to listen on; 0 takes a free one."""
    path: Path = Path("tux-data/station.db")
    """SQLite file of the station."""
    event_days: Positive = 30.0
    """Days that events and issues are kept."""
    transaction_days: Positive = 7.0
    """Days that transactions and their spans are kept."""
    log_days: Positive = 7.0
    """Days that logs are kept."""
    session_days: Positive = 90.0
    """Days that sessions and check-ins are kept."""
    envelope_days: Annotated[float, Field(ge=0)] = 7.0
    """Days that envelopes are kept as they came, to be downloaded or forwarded; 0 keeps none."""
    fingerprints: Annotated[tuple[str, ...], NoDecode] = ()
    """Rules that say which errors are one issue, the first that fits decides, for example
    ``error.type:OperationalError module:tux.database.* -> database-down``. A list in ``tux.toml``,
    one a line in the environment."""
    count_days: Positive = 400.0
    """Days that the hourly figures behind long charts are kept."""
    size_mb: Positive = 5000.0
    """Largest size of the file, in megabytes; then rows are kept for fewer days."""

    @field_validator("fingerprints", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(line.strip() for line in value.splitlines() if line.strip())
        return value


class Settings(BaseSettings):
    """All settings, read once and handed down by ``app.py``."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_file=".env",
        env_file_encoding="utf-8",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        # SENTRY_DSN= in a compose file means "none", not "a DSN of no characters".
        env_ignore_empty=True,
        toml_file="tux.toml",
        hide_input_in_errors=True,
    )

    sentry: SentrySettings = SentrySettings()
    privacy: PrivacySettings = PrivacySettings()
    discord: DiscordSettings = DiscordSettings()
    bot: BotSettings = BotSettings()
    database: DatabaseSettings = DatabaseSettings()
    http: HttpSettings = HttpSettings()
    station: StationSettings = StationSettings()
    alerts: AlertSettings = AlertSettings()
    provisioning: ProvisioningSettings = ProvisioningSettings()

    FILES: ClassVar[tuple[Path, Path]] = (Path(".env"), Path("tux.toml"))
    OTHERS: ClassVar[tuple[str, ...]] = ("watch",)
    """Sections of ``tux.toml`` that are no settings: ``tux.watch`` reads its own."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Add ``tux.toml`` as the last source, and leave others' variables alone."""
        for source in (env_settings, dotenv_settings):
            if isinstance(source, EnvSettingsSource):
                source.env_vars = _ours(source.env_vars)
        toml = TomlConfigSettingsSource(settings_cls)
        return init_settings, env_settings, dotenv_settings, toml


def _ours(env_vars: Mapping[str, str | None]) -> dict[str, str | None]:
    """Leave out what pydantic would take for a whole section, and what has a name alone.

    A variable ``HTTP`` or ``DATABASE`` is another tool's: ours have a section and a field.
    """
    sections = Settings.model_fields
    return {
        name: value
        for name, value in env_vars.items()
        if value is not None and name.lower() not in sections
    }


def variables() -> dict[str, FieldInfo]:
    """Name every setting: variable → field, in the order of the classes above."""
    return {
        f"{section}_{field}".upper(): info
        for section, group in Settings.model_fields.items()
        for field, info in _fields(group.annotation).items()
    }


def default_of(info: FieldInfo) -> str:
    """Write a field's default as a person would set it."""
    default = info.default
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if default is None or default == ():
        return "none"
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def load_settings(**sections: Any) -> Settings:
    """Read the environment, ``.env`` and ``tux.toml`` in the working folder.

    Args:
        sections: parts that win over all sources, for tests and for the command line.

    Raises:
        TuxConfigurationError: a file cannot be read, or a setting is unknown or has a wrong value.
            The message names every fault, never a value.
    """
    dotenv, toml = Settings.FILES
    faults = [*_faults_of_dotenv(dotenv), *_faults_of_toml(toml)]
    if faults:
        raise TuxConfigurationError(faults[0][0], " ".join(text for _, text in faults))
    try:
        return Settings(**sections)
    except ValidationError as error:
        # The cause would print the input, which may be a secret.
        first, text = _told(error)
        raise TuxConfigurationError(first, text) from None


def _fields(annotation: object) -> dict[str, FieldInfo]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return dict(annotation.model_fields)
    return {}


def _told(error: ValidationError) -> tuple[str, str]:
    places = ["_".join(str(part) for part in fault["loc"][:2]).upper() for fault in error.errors()]
    texts = [fault["msg"].removeprefix("Value error, ") + "." for fault in error.errors()]
    if len(texts) == 1:  # the error names it
        return places[0], texts[0]
    told = dict.fromkeys(f"{place}: {text}" for place, text in zip(places, texts, strict=True))
    return places[0], " ".join(told)


def _suggestion(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""


def _faults_of_dotenv(path: Path) -> Iterator[tuple[str, str]]:
    """Find names in ``.env`` that are nearly ours: others' names are their own affair."""
    if not path.exists():
        return
    try:
        names = list(dotenv_values(path, encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        yield str(path), _unreadable(path, error)
        return
    known = list(variables())
    for name in names:
        upper = name.upper()
        if upper not in known and get_close_matches(upper, known, n=1, cutoff=0.85):
            yield upper, f"{path} has an unknown setting {upper}.{_suggestion(upper, known)}"


def _faults_of_toml(path: Path) -> Iterator[tuple[str, str]]:
    """Find unknown sections and settings of ``tux.toml``, all of them."""
    if not path.exists():
        return
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        yield str(path), _unreadable(path, error)
        return
    sections = Settings.model_fields
    known = [*sections, *Settings.OTHERS]
    for section, values in document.items():
        if section not in known:
            yield (
                section,
                f"{path} has an unknown section {section}.{_suggestion(section, known)}",
            )
        elif section not in sections:
            continue
        elif not isinstance(values, dict):
            yield section, f"{path}: {section} must be a table, [{section}]."
        else:
            names = list(_fields(sections[section].annotation))
            for name in values:
                if name not in names:
                    yield (
                        f"{section}.{name}",
                        f"{path} has an unknown setting {section}.{name}.{_suggestion(name, names)}",
                    )


def _unreadable(path: Path, error: Exception) -> str:
    # Only the line of a TOML error is told: its text may quote a secret.
    where = str(error) if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
    return f"{path} cannot be read: {where}. Mend it or take it away."
