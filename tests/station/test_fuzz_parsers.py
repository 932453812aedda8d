"""The parsers under atheris, where it is installed: ``pip install atheris``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.station.conftest import envelope_of
from tests.station.test_fuzz_server import ITEMS

HERE = Path(__file__).parent
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def test_nothing_but_a_refusal_is_raised(tmp_path: Path) -> None:
    """From real envelopes on, tens of thousands of inputs raise nothing else, and none takes long."""
    pytest.importorskip("atheris")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for kind, payload in ITEMS.items():
        (corpus / kind).write_bytes(envelope_of(({"type": kind}, payload)))
    (corpus / "search").write_text(
        'is:unresolved level:[error, fatal] !release:latest "a b" age:-24h'
    )
    done = subprocess.run(
        [
            *(sys.executable, str(HERE / "fuzz_parsers.py"), str(corpus)),
            *("-runs=40000", "-max_len=2000", "-timeout=10", "-rss_limit_mb=1000"),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Done 40000 runs" in done.stderr
