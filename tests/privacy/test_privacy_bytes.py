"""Attachments: text, text in other clothes, and what is no text."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from random import Random

import pytest
from tests.privacy.kinds import KINDS, OWN_PASSWORD, SETTINGS
from tests.privacy.remains import remains

from tux.services.sentry.scrubbing.attachments import scrubbed_bytes
from tux.services.sentry.scrubbing.scrubber import Scrubber


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(SETTINGS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_long_log_is_clean(encoding: str, scrubber: Scrubber) -> None:
    """In a log of many lines each line is looked at, and a key that goes over lines as one."""
    chance = Random(encoding)
    # Hosts of some addresses stand in harmless places of others.
    samples = [make(chance) for kind, make in KINDS.items() if not kind.startswith("e-mail")]
    log = "\n".join(f"12:30:45 äöü {sample.text}\nnothing here" for sample in samples)
    told = scrubbed_bytes(log.encode(encoding), scrubber)
    assert remains(told, {secret for sample in samples for secret in sample.secrets}) is None
    assert told.decode(encoding).count("nothing here") > len(samples) / 2


def test_line_without_end_is_clean(scrubber: Scrubber) -> None:
    """A text of one long line is looked at to its end."""
    sample = KINDS["discord bot token"](Random(7))
    told = scrubbed_bytes(("x, " * 100_000 + sample.text).encode(), scrubber)
    assert remains(told, sample.secrets) is None
    assert len(told) > 300_000


def test_clean_bytes_are_the_same() -> None:
    """What holds no secret leaves byte for byte: text, data, images."""
    chance = Random(7)
    for payload in (
        b"", b"\r\n one\r\n\ttwo ", '{"a": [1, 2],\n "b": "ä"}'.encode(), b"[", b"{not JSON}",
        b"\x89PNG\r\n\x1a\n" + chance.randbytes(200_000), "wörter".encode("utf-16"),
    ):  # fmt: skip
        assert scrubbed_bytes(payload, Scrubber(SETTINGS)) == payload


def test_data_is_scrubbed_by_its_names(scrubber: Scrubber) -> None:
    """An attachment of JSON is looked at as data, however it is laid out."""
    payload = json.dumps({"user": {"password": "one two", "n": 1}}, indent=2).encode()
    told = json.loads(scrubbed_bytes(b"\n " + payload, scrubber))
    assert told == {"user": {"password": "[removed: password]", "n": 1}}


def test_archive_does_not_leave(scrubber: Scrubber) -> None:
    """Nobody sees what is in an archive, so a marker leaves in its place."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("settings.txt", OWN_PASSWORD)
    for payload in (gzip.compress(OWN_PASSWORD.encode()), buffer.getvalue()):
        assert scrubbed_bytes(payload, scrubber) == b"[removed: archive]"


def test_known_value_in_bytes_is_removed(scrubber: Scrubber) -> None:
    """A secret of our own settings is found between bytes that are no text."""
    told = scrubbed_bytes(b"\xff\x00" + OWN_PASSWORD.encode() + b"\x00\xfe", scrubber)
    assert told == b"\xff\x00[removed: secret]\x00\xfe"
