"""What is told of a user is what has been chosen: the id, the name besides, or a hash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from loguru import logger
from pydantic import SecretStr
from sentry_sdk.consts import CompressionAlgo
from tests.fakes.discord_client import assert_failed, connected
from tests.fakes.sent import attributes_of, raised

import tux.services.sentry as layer
from tux.services.sentry import DiscordIntegration
from tux.services.sentry.identities import PrivateScrubber, without_ids
from tux.services.sentry.options import adopt
from tux.services.sentry.privacy import set_opted_out, set_privacy
from tux.shared.privacy import PrivacySettings
from tux.shared.pseudonyms import pseudonym_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.discord_client import Client
    from tests.fakes.sent import Sent

KEY = "a key that nobody guesses"
HASHED = PrivacySettings(user="hash", key=SecretStr(KEY))
NAMED = PrivacySettings(user="id+name")


async def failing(client: Client) -> tuple[Any, Any]:
    """Let the member run into an error by prefix, and give the event and its transaction."""
    await client.member.say(client.channel, "!slow")
    unit = await client.transaction()
    return assert_failed(client.sent, unit), unit


async def test_a_hash_stands_for_a_user_wherever_he_is_told_of(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By user, exception and log line he is the same one, and no byte has the id."""
    sent.start(privacy=HASHED)
    async with connected(sent, monkeypatch) as client:
        event, unit = await failing(client)
        logger.info("{} was here, said <@!{}>", client.member.id, client.member.id)
        sentry_sdk.set_user({"id": str(client.member.id)})
        layer.capture_exception(raised(ValueError()))
        layer.capture_tux_exception(raised(KeyError()), user_id=client.member.id)
        stands = pseudonym_of(client.member.id, KEY.encode())
        assert unit["user"] == event["user"] == {"id": stands}
        # `slow` raises an error that names the member.
        assert event["exception"]["values"][-1]["value"] == stands
        assert [one["user"]["id"] for one in sent.events[-2:]] == [stands, stands]
        assert any(f"{stands} was here, said <@!{stands}>" in line["body"] for line in sent.logs)
        assert str(client.member.id).encode() not in sent.everything
        # Places are no persons.
        assert event["tags"]["guild_id"] == str(client.guild.id)
        assert event["contexts"]["discord"]["channel_id"] == str(client.channel.id)
    assert KEY.encode() not in sent.everything


async def test_a_name_is_told_where_it_is_asked_for(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``id+name`` events, transactions and logs have both; by default none has the name."""
    sent.start(privacy=NAMED)
    async with connected(sent, monkeypatch) as client:
        event, unit = await failing(client)
        told = {"id": str(client.member.id), "username": "pingu"}
        assert unit["user"] == event["user"] == told
        layer.set_user_context(client.bot.user)
        logger.info("who is it")
        (line,) = (one for one in sent.logs if one["body"] == "who is it")
        assert attributes_of(line)["user.name"] == getattr(client.bot.user, "name", None)


@pytest.mark.parametrize("privacy", [PrivacySettings(), HASHED, NAMED], ids=lambda one: one.user)
def test_a_name_that_the_bot_sets_itself(sent: Sent, privacy: PrivacySettings) -> None:
    """What the bot's own code gives to the SDK follows the same choice."""
    sent.start(privacy=privacy)
    sent.forget()
    with layer.start_transaction(op="task", name="count"):
        sentry_sdk.set_user(
            {"id": "7", "username": "pin" + "gu", "name": "Pin" + "gu", "tier": "2"}
        )
        layer.capture_exception(raised(LookupError()))
    names = {"username": "pingu", "name": "Pingu"} if privacy is NAMED else {}
    told = {"id": "7", "tier": "2", **names}
    assert sent.event["user"] == sent.transaction["user"] == told


async def test_words_leave_where_it_is_asked_for(sent: Sent) -> None:
    """``PRIVACY_CONTENT`` is one choice: names of content and texts in variables follow it."""
    for content in (False, True):
        sent.start(privacy=PrivacySettings(content=content))
        sent.forget()
        said = "meet me behind " + "the igloo"
        layer.capture_exception(
            raised(LookupError()), extra_context={"reason": said, "note": f"reason={said}"}
        )
        layer.capture_message("said")
        assert (said.encode() in sent.everything) is content
        failed, told = sent.events
        assert failed["contexts"]["extra_context"]["reason"] == (
            said if content else "[removed: content]"
        )
        variables = told["threads"]["values"][0]["stacktrace"]["frames"][-1]["vars"]
        assert variables["message"] == ("'said'" if content else "'…'")


def test_a_bot_of_its_own_chooses_by_arguments(unstarted: Sent) -> None:
    """Somebody else's ``sentry_sdk.init``, with the SDK's own transport: the same choices hold."""
    gone = {1_234_567_890_123_456_001}
    known = 1_234_567_890_123_456_789
    privacy = HASHED.model_copy(
        update={"names": ("shoe size",), "keep_names": ("session",), "patterns": (r"igloo-\d+",)}
    )
    sentry_sdk.init(
        dsn=unstarted.receiver.dsn,
        traces_sample_rate=1.0,
        enable_logs=True,
        _experiments={"transport_compression_algo": CompressionAlgo.GZIP},
        default_integrations=False,
        integrations=[DiscordIntegration(privacy=privacy, opted_out=gone)],
    )
    # As the login does, for all but the first of a process.
    adopt(sentry_sdk.get_client().options)
    context = {"shoe_size": "47", "session": "of parliament", "at": "igloo-7", "by": [*gone]}
    with sentry_sdk.start_transaction(name="rank") as unit:
        unit.set_data("by", known)
        sentry_sdk.set_user({"id": str(known)})
        layer.capture_exception(raised(LookupError(known)), extra_context=context)
        sentry_sdk.logger.info(f"{known} and {min(gone)}")
        layer.capture_feedback(f"{known} has no fish, password=hunter2-hunter2")
    stands = pseudonym_of(known, KEY.encode())
    assert unstarted.event["user"]["id"] == stands
    assert unstarted.event["exception"]["values"][0]["value"] == stands
    assert unstarted.event["contexts"]["extra_context"] == {
        "shoe_size": "[removed: by name]",
        "session": "of parliament",
        "at": "[removed: by pattern]",
        "by": ["[removed: opted out]"],
    }
    assert unstarted.transaction["contexts"]["trace"]["data"]["by"] == stands
    assert [line["body"] for line in unstarted.logs] == [f"{stands} and [removed: opted out]"]
    (feedback,) = unstarted.of("feedback")
    assert feedback["contexts"]["feedback"]["message"].startswith(
        f"{stands} has no fish, password=["
    )
    assert str(known).encode() not in unstarted.everything
    assert str(min(gone)).encode() not in unstarted.everything


def test_a_key_is_made_once_and_kept(sent: Sent, tmp_path: Path) -> None:
    """Without a key one is made that only the bot's user can read; the next start finds it again."""
    kept = PrivacySettings(user="hash", key_path=tmp_path / "data" / "privacy.key")
    ids = []
    for _ in range(2):
        sent.start(privacy=kept)
        sent.forget()
        layer.capture_tux_exception(raised(LookupError()), user_id=1_234_567_890_123_456_789)
        ids.append(sent.event["user"]["id"])
    assert ids[0] == ids[1]
    assert ids[0].startswith("u-")
    assert kept.key_path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.key_path.parent.iterdir()] == ["privacy.key"]
    kept.key_path.write_bytes(b"")
    set_privacy(kept)
    assert kept.key_path.read_bytes().strip()


def test_a_key_that_cannot_be_kept(sent: Sent, tmp_path: Path) -> None:
    """Users are hashed all the same, and one line says what to do."""
    lines: list[str] = []
    logger.add(lines.append, format="{message}")
    (tmp_path / "file").touch()
    sent.start(privacy=PrivacySettings(user="hash", key_path=tmp_path / "file" / "key"))
    logger.add(lines.append, format="{message}")
    set_privacy(PrivacySettings(user="hash", key_path=tmp_path / "file" / "key"))
    assert [line for line in lines if "PRIVACY_KEY_PATH" in line and "Set PRIVACY_KEY" in line]
    layer.capture_tux_exception(raised(LookupError()), user_id=1_234_567_890_123_456_789)
    assert sent.event["user"]["id"].startswith("u-")


@pytest.mark.parametrize(
    "harmless",
    [
        "took 0.12345678901234567 s",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "a1234567890123456789b",
        "1234567890123456",
        "99999999999999999999",
    ],
)
def test_numbers_that_are_no_ids(harmless: str) -> None:
    """Fractions, trace ids, and numbers that Discord has not given yet are no users."""
    set_privacy(HASHED)
    assert without_ids({"at": harmless}) == {"at": harmless}


@pytest.mark.parametrize(
    "before", ["100%", "%20", "%3C", "é", "%C3%A9", "\\u00e9", "\\x41", "\\u0041"]
)
def test_ids_behind_what_may_be_an_escape(before: str) -> None:
    """Whether the digits before an id belong to a letter or to it, the id does not leave."""
    number = "412345678901234567"
    set_opted_out({int(number)})
    for scrubber in (PrivateScrubber(), PrivateScrubber((KEY,))):
        for text in (f"{before}{number}", f"a {before}{number} z"):
            assert number not in scrubber.event({"at": text})["at"]
            assert number.encode() not in scrubber.serialised({"at": text})
            assert scrubber.event({"at": text})["at"].count("[removed: opted out]") == 1
    set_opted_out(set())
    set_privacy(HASHED)
    assert number not in without_ids(f"{before}{number} z")
