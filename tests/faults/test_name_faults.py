"""500 events, a receiver whose name cannot be found, and what arrives."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.faults.stage import DURING, EVENTS, PACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.stage import Stage

HOST = "receiver.test"
ROOT = Path(__file__).parents[2]
CHILD = "tests/faults/test_name_faults.py::test_a_name_of_the_system_is_not_found"


def test_a_name_that_is_not_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    """What was captured while the name did not resolve arrives when it does."""
    resolve, known = socket.getaddrinfo, False

    def names(host: str, *args: object, **options: object) -> object:
        if host == HOST and not known:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return resolve("127.0.0.1" if host == HOST else host, *args, **options)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(socket, "getaddrinfo", names)
    stage.telemetry.dsn = stage.server.dsn.replace("127.0.0.1", HOST)
    stage.telemetry.start()
    stage.capture(DURING, pace=PACE)
    assert stage.server.requests == 0
    known = True
    stage.capture(EVENTS - DURING)
    record_property("accounts", stage.check("the name is not found for 10 s"))


@pytest.mark.long
@pytest.mark.skipif("TUX_OWN_NAMES" not in os.environ, reason="run by the test below")
def test_a_name_of_the_system_is_not_found(stage: Stage) -> None:
    """The same with this system's own resolver, in namespaces of our own."""
    stage.telemetry.dsn = stage.server.dsn.replace("127.0.0.1", HOST)
    stage.telemetry.start()
    stage.capture(DURING)
    assert stage.server.requests == 0
    Path("/etc/hosts").write_text(f"127.0.0.1 {HOST}\n")
    stage.capture(EVENTS - DURING)
    stage.check("the system's resolver knows no such name")


@pytest.mark.long
@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="namespaces are root's"
)
def test_a_name_is_not_found_in_namespaces(tmp_path: Path) -> None:
    """A process in a network without names sends when its hosts file has the name."""
    files = {"hosts": "", "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    mounts = " && ".join(f"mount --bind {tmp_path / name} /etc/{name}" for name in files)
    tests = f"{sys.executable} -m pytest -q -p no:cacheprovider {CHILD}"
    done = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-c", f"ip link set lo up && {mounts} && {tests}"],
        cwd=ROOT,
        env={**os.environ, "TUX_OWN_NAMES": "1", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
