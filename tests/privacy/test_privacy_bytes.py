"""Attachments: text, text in other clothes, and what is no text."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import zipfile
import zlib
from random import Random

import pytest
from tests.privacy.kinds import KINDS, OWN_PASSWORD, SETTINGS
from tests.privacy.remains import remains

from tux.services.sentry.scrubbing.attachments import scrubbed_bytes
from tux.services.sentry.scrubbing.scrubber import Scrubber


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(SETTINGS)


ENCODINGS = (
    *("utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le", "utf-16-be"),
    *("utf-32", "utf-32-le", "utf-32-be"),
)


@pytest.mark.parametrize("begin", ["", "äöü "])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_long_log_is_clean(encoding: str, begin: str, scrubber: Scrubber) -> None:
    """In a log of many lines each line is looked at, and a key that goes over lines as one."""
    chance = Random(encoding)
    # Hosts of some addresses stand in harmless places of others, four digits anywhere.
    told_apart = (
        make for kind, make in KINDS.items() if not kind.startswith(("e-mail", "security"))
    )
    samples = [make(chance) for make in told_apart]
    log = "\n".join(f"12:30:45 {begin}{sample.text}\nnothing here" for sample in samples)
    told = scrubbed_bytes(log.encode(encoding, "replace"), scrubber)
    assert remains(told, {secret for sample in samples for secret in sample.secrets}) is None
    assert told.decode(encoding).count("nothing here") > len(samples) / 2


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("size", [16, 32])
def test_mark_of_wide_text_stays(size: int, order: str, scrubber: Scrubber) -> None:
    """A text of either order of bytes is read by its mark, and leaves with it."""
    mark = getattr(codecs, f"BOM_UTF{size}_{order.upper()}")
    encoding = f"utf-{size}-{order}"
    told = scrubbed_bytes(mark + "漢字 password=penguin7 漢字".encode(encoding), scrubber)
    assert told == mark + "漢字 password=[removed: password] 漢字".encode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_texts_among_bytes_are_read(encoding: str, scrubber: Scrubber) -> None:
    """In a file of records texts of every width are looked at; what stands around them stays."""
    said = "password=penguin7".encode(encoding)
    for before, after in (
        (b"\x80\xff\x01\x02", b"\xff\xfe\x80"),
        (b"r\x00s\x00\x01", b"\x00\x00t\x00\x00"),
    ):
        told = scrubbed_bytes(before + said + after, scrubber)
        assert told == before + "password=[removed: password]".encode(encoding) + after


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
        b"x^2 + y^2 = z^2", "x^2 · é".encode(), b"one\x00two\x00\x00three\x00", b"x\x00^",
        b"\x89PNG\r\n\x1a\n" + chance.randbytes(200_000), "wörter".encode("utf-16"),
        *("wörter, more of them".encode(encoding) for encoding in ENCODINGS),
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
    password = OWN_PASSWORD.encode()
    streams = [zlib.compress(password, level) for level in (1, 5, 6, 9)]
    for payload in (gzip.compress(password), buffer.getvalue(), *streams):
        assert scrubbed_bytes(payload, scrubber) == b"[removed: archive]"


def test_known_value_in_bytes_is_removed(scrubber: Scrubber) -> None:
    """A secret of our own settings is found between bytes that are no text."""
    told = scrubbed_bytes(b"\xff\x00" + OWN_PASSWORD.encode() + b"\x00\xfe", scrubber)
    assert told == b"\xff\x00[removed: secret]\x00\xfe"
