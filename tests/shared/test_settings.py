"""Environment, `.env` and `tux.toml` become settings, and faults of them are told whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import pytest
from pydantic import SecretStr, ValidationError

from tux.shared.exceptions import TuxConfigurationError
from tux.shared.settings import Settings, default_of, load_settings, variables

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

SECRET = "hunter2-0123456789abcdef"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and an environment without settings of ours."""
    sections = tuple(f"{section.upper()}_" for section in Settings.model_fields)
    for name in list(os.environ):
        if name.upper().startswith(sections):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fault() -> TuxConfigurationError:
    """Load settings that are wrong; what is told has no value in it."""
    with pytest.raises(TuxConfigurationError) as raised:
        load_settings()
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None
    return raised.value


def value_of(settings: Settings, variable: str) -> Any:
    section, field = variable.lower().split("_", 1)
    return getattr(getattr(settings, section), field)


SPECIAL: dict[str, tuple[str, Any]] = {
    # A comma is a part of many patterns.
    "PRIVACY_PATTERNS": ("a, b", ("a, b",)),
    "PROVISIONING_FILTERS": ("localhost, web-crawlers", ("localhost", "web-crawlers")),
    # A rule has commas in it: one a line.
    "STATION_FINGERPRINTS": ("a, b", ("a, b",)),
    "STATION_URL": ("https://tux.invalid", "https://tux.invalid"),
    "STATION_PASSWORD": ("long enough", SecretStr("long enough")),
    "ALERTS_WEBHOOK_URLS": ("https://x.invalid/1", {"*": SecretStr("https://x.invalid/1")}),
    "ALERTS_DISCORD_URLS": (
        '{"team": "https://x.invalid/2"}',
        {"team": SecretStr("https://x.invalid/2")},
    ),
    "ALERTS_SMTP_URL": ("smtp://x.invalid", SecretStr("smtp://x.invalid")),
    "ALERTS_EMAIL_TO": ("a@x.invalid", {"*": "a@x.invalid"}),
}
"""What not every word is fit for."""


def another(variable: str, info: FieldInfo) -> tuple[str, Any]:
    """Write a value that is not the field's default, and what it is read as."""
    if variable in SPECIAL:
        return SPECIAL[variable]
    kind = info.annotation
    written: list[tuple[object, str, Any]] = [
        (bool, "true", True),
        (int, "42", 42),
        (float, "0.5", 0.5),
        (Path, "else/where", Path("else/where")),
        (SecretStr, "word", SecretStr("word")),
        (SecretStr | None, "word", SecretStr("word")),
        (int | None, "42", 42),
        (str, "word", "word"),
        (str | None, "word", "word"),
        (tuple[int, ...], "1, 2", (1, 2)),
        (tuple[str, ...], "a, b", ("a", "b")),
    ]
    if get_origin(kind) is Literal:
        return get_args(kind)[-1], get_args(kind)[-1]
    if get_origin(kind) is dict:
        return '{"KeyError": "never"}', {"KeyError": "never"}
    return next((text, value) for known, text, value in written if known == kind)


def test_without_any_source_the_defaults_hold() -> None:
    """Nothing has to be set, and telemetry is off."""
    settings = load_settings()
    assert settings.sentry.dsn is None
    assert settings.discord.token is None
    assert settings.database.url.get_secret_value() == "sqlite:///tux-data/tux.db"
    assert settings == Settings()


@pytest.mark.parametrize("source", ["environment", ".env", "tux.toml"])
@pytest.mark.parametrize("variable", variables())
def test_every_setting_can_be_set_everywhere(
    variable: str, source: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable's name sets its field, in each of the three sources."""
    text, expected = another(variable, variables()[variable])
    if source == "environment":
        monkeypatch.setenv(variable, text)
    elif source == ".env":
        (folder / ".env").write_text(f"{variable}={text}\n")
    else:
        section, field = variable.lower().split("_", 1)
        as_toml = text.replace('":', '" =') if text.startswith("{") else f'"{text}"'
        (folder / "tux.toml").write_text(f"[{section}]\n{field} = {as_toml}\n")
    assert value_of(load_settings(), variable) == expected


def test_the_stronger_source_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments win over the environment, it over .env, and .env over tux.toml, each by each."""
    (folder / "tux.toml").write_text(
        '[bot]\nprefix = "toml"\nlog_level = "ERROR"\nreport_channel_id = 1\nshutdown_seconds = 1\n'
    )
    (folder / ".env").write_text(
        "BOT_PREFIX=dotenv\nBOT_LOG_LEVEL=WARNING\nBOT_REPORT_CHANNEL_ID=2\n"
    )
    monkeypatch.setenv("BOT_PREFIX", "environment")
    monkeypatch.setenv("BOT_LOG_LEVEL", "DEBUG")
    bot = load_settings(bot={"prefix": "argument"}).bot
    assert bot.prefix == "argument"
    assert bot.log_level == "DEBUG"
    assert bot.report_channel_id == 2
    assert bot.shutdown_seconds == 1


def test_an_empty_variable_is_unset(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`SENTRY_DSN=` leaves the setting to the next source."""
    monkeypatch.setenv("SENTRY_DSN", "")
    monkeypatch.setenv("STATION_PORT", "")
    (folder / ".env").write_text("BOT_PREFIX=\n")
    (folder / "tux.toml").write_text('[bot]\nprefix = "?"\n')
    settings = load_settings()
    assert settings.sentry.dsn is None
    assert settings.station.port == 8765
    assert settings.bot.prefix == "?"


def test_variables_of_others_are_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that begin like ours, or are named like our sections, are no fault."""
    for name in ("SENTRY_LOG_LEVEL", "HTTP_PROXY", "DATABASE_HOST", "SENTRY", "HTTP", "BOT"):
        monkeypatch.setenv(name, "others")
    (folder / ".env").write_text("SENTRY_LOG_LEVEL=others\nCOMPOSE_PROJECT=tux\nDATABASE=tux\n")
    assert load_settings() == Settings.model_construct()


@pytest.mark.parametrize(
    ("text", "owners"),
    [("1", (1,)), ("1,2", (1, 2)), (" 1 , 2, ", (1, 2)), (",", ()), ("184467440737095516", None)],
)
def test_comma_lists(
    monkeypatch: pytest.MonkeyPatch, text: str, owners: tuple[int, ...] | None
) -> None:
    """Lists are written with commas; spaces and empty parts are nothing."""
    monkeypatch.setenv("BOT_OWNER_IDS", text)
    assert load_settings().bot.owner_ids == (owners if owners is not None else (int(text),))


@pytest.mark.parametrize("written", ["[1, 2]", '"1, 2"', '["1", "2"]'])
def test_lists_of_toml(folder: Path, written: str) -> None:
    """In tux.toml a list may also be a list."""
    (folder / "tux.toml").write_text(f"[bot]\nowner_ids = {written}\n")
    assert load_settings().bot.owner_ids == (1, 2)


def test_one_number_is_a_list_of_one(folder: Path) -> None:
    """In tux.toml one owner needs no brackets."""
    (folder / "tux.toml").write_text("[bot]\nowner_ids = 7\n")
    assert load_settings().bot.owner_ids == (7,)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No way to print the settings prints a secret."""
    for name in ("SENTRY_DSN", "DISCORD_TOKEN", "DATABASE_URL"):
        monkeypatch.setenv(name, SECRET)
    settings = load_settings()
    assert settings.sentry.dsn == SecretStr(SECRET)
    for shown in (repr(settings), str(settings), settings.model_dump_json(), str(vars(settings))):
        assert SECRET not in shown


def test_settings_do_not_change() -> None:
    """What has been read is frozen."""
    settings = load_settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.bot.prefix = "?"  # type: ignore[misc]  # what the test is about
    with pytest.raises(ValidationError, match="frozen"):
        settings.bot = settings.bot  # type: ignore[misc]  # what the test is about


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("STATION_PORT", SECRET, "valid integer"),
        ("STATION_PORT", "65536", "less than or equal to 65535"),
        ("SENTRY_COMMAND_SAMPLE_RATE", "1.5", "less than or equal to 1"),
        ("SENTRY_LIMIT_PERIOD", "0", "greater than 0"),
        ("SENTRY_DEBUG", SECRET, "valid boolean"),
        ("BOT_LOG_LEVEL", SECRET, "'WARNING'"),
        ("BOT_OWNER_IDS", f"1,{SECRET}", "valid integer"),
        ("SENTRY_POLICY", f"{{{SECRET}", "no JSON of class and verdict"),
    ],
)
def test_a_wrong_value_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    """A wrong value is told by its variable and by what is right, never by itself."""
    monkeypatch.setenv(variable, value)
    error = fault()
    assert error.key == variable
    assert str(error).startswith(f"{variable} is missing or wrong. ")
    assert str(error).count(variable) == 1
    assert told in error.hint


def test_wrong_values_are_told_together(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All wrong values are told at once, wherever they stand."""
    monkeypatch.setenv("STATION_PORT", SECRET)
    (folder / ".env").write_text(f"HTTP_TIMEOUT={SECRET}\n")
    (folder / "tux.toml").write_text(f'[sentry]\nspool_days = "{SECRET}"\n')
    hint = fault().hint
    assert all(name in hint for name in ("STATION_PORT", "HTTP_TIMEOUT", "SENTRY_SPOOL_DAYS"))


def test_unknown_names_of_toml_are_told_together(folder: Path) -> None:
    """Every unknown section and setting is told, each with the nearest known one."""
    (folder / "tux.toml").write_text(
        f'bot = "{SECRET}"\n'
        f'[sentyr]\ndsn = "{SECRET}"\n'
        f'[sentry]\ndns = "{SECRET}"\nzzz = "{SECRET}"\n'
        f'[station]\nprot = "{SECRET}"\n'
    )
    error = fault()
    assert error.key == "bot"
    assert error.hint == (
        "tux.toml: bot must be a table, [bot]. "
        "tux.toml has an unknown section sentyr. Did you mean sentry? "
        "tux.toml has an unknown setting sentry.dns. Did you mean dsn? "
        "tux.toml has an unknown setting sentry.zzz. "
        "tux.toml has an unknown setting station.prot. Did you mean port?"
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SENTRY_DNS", "SENTRY_DSN"),
        ("DISCORD_TOKN", "DISCORD_TOKEN"),
        ("database_urls", "DATABASE_URL"),
    ],
)
def test_a_near_miss_in_dotenv_is_told(folder: Path, name: str, meant: str) -> None:
    """A name in .env that is nearly one of ours is told with the one that was meant."""
    (folder / ".env").write_text(f"# ours\nexport {name}='{SECRET}'\n")
    error = fault()
    assert error.key == name.upper()
    assert error.hint == f".env has an unknown setting {name.upper()}. Did you mean {meant}?"


def test_faults_of_both_files_are_told_together(folder: Path) -> None:
    """What is wrong in .env does not hide what is wrong in tux.toml."""
    (folder / ".env").write_text(f"SENTRY_DNS={SECRET}\n")
    (folder / "tux.toml").write_text(f'[bot]\nprefx = "{SECRET}"\n')
    hint = fault().hint
    assert "SENTRY_DSN" in hint
    assert "bot.prefx" in hint


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f'[sentry]\ndsn = "{SECRET}\n'.encode(), "line 2"),
        (f"[sentry]\ndsn = {SECRET}\n".encode(), "line 2"),
        (f'[bot]\nprefix = "{SECRET}\xe9"\n'.encode("latin-1"), "UnicodeDecodeError"),
    ],
    ids=["open string", "no string", "not UTF-8"],
)
def test_toml_that_cannot_be_read(folder: Path, content: bytes, told: str) -> None:
    """A tux.toml that is none is told with its place, not with its text."""
    (folder / "tux.toml").write_bytes(content)
    error = fault()
    assert error.key == "tux.toml"
    assert "cannot be read" in error.hint
    assert told in error.hint


def test_dotenv_that_cannot_be_read(folder: Path) -> None:
    """A .env of another encoding is told, not with its text."""
    (folder / ".env").write_bytes(f"BOT_PREFIX={SECRET}\xe9\n".encode("latin-1"))
    error = fault()
    assert error.key == ".env"
    assert "UnicodeDecodeError" in error.hint


def test_a_folder_in_place_of_toml_is_told(folder: Path) -> None:
    """A folder named tux.toml, as container mounts make them, is told."""
    (folder / "tux.toml").mkdir()
    error = fault()
    assert error.key == "tux.toml"
    assert "IsADirectoryError" in error.hint


def test_a_folder_in_place_of_dotenv_is_somebody_elses(folder: Path) -> None:
    """A folder named .env is a virtual environment's, and none of ours."""
    (folder / ".env").mkdir()
    assert load_settings() == Settings.model_construct()


def test_a_name_alone_in_dotenv_sets_nothing(folder: Path) -> None:
    """A line of .env without `=` leaves its setting as it was."""
    (folder / ".env").write_text("STATION_PORT\nSENTRY_DSN\n")
    settings = load_settings()
    assert settings.station.port == 8765
    assert settings.sentry.dsn is None


def test_variables_are_named_by_section_and_field() -> None:
    """Variables are listed in the order of the sections, and all are described."""
    names = list(variables())
    assert names[0] == "SENTRY_DSN"
    assert {"DISCORD_TOKEN", "BOT_OWNER_IDS", "DATABASE_URL", "HTTP_TIMEOUT", "STATION_PORT"} < {
        *names
    }
    assert len(names) == len(set(names))
    assert all(info.description for info in variables().values())


@pytest.mark.parametrize(
    ("variable", "default"),
    [
        ("SENTRY_DSN", "none"),
        ("SENTRY_DEBUG", "false"),
        ("SENTRY_COMMAND_SAMPLE_RATE", "0.1"),
        ("SENTRY_SPOOL_BYTES", "67108864"),
        ("SENTRY_SPOOL_PATH", "tux-data/spool"),
        ("SENTRY_LIMIT_PERIOD", "10"),
        ("BOT_OWNER_IDS", "none"),
        ("BOT_LOG_LEVEL", "INFO"),
        ("DATABASE_URL", "sqlite:///tux-data/tux.db"),
        ("STATION_PORT", "8765"),
    ],
)
def test_defaults_are_written_as_a_person_would(variable: str, default: str) -> None:
    """A default is written as it would be set."""
    assert default_of(variables()[variable]) == default


def test_a_default_that_is_set_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting every variable to its written default gives the default settings."""
    for name, info in variables().items():
        if default_of(info) != "none":
            monkeypatch.setenv(name, default_of(info))
    assert load_settings() == Settings.model_construct()
