"""Disks that are full, read-only, or out of files."""

from __future__ import annotations

import os
import resource
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.fakes.receiver import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL = 200
"""Bytes that a file may have where no small disk can be mounted: less than an event."""


class Disk:
    """A small disk where we may mount one; else a folder, and limits of this process."""

    def __init__(self, path: Path, size: str) -> None:
        self.path = path
        path.mkdir()
        mounted = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(path)]
        self.is_mounted = (
            os.geteuid() == 0
            and subprocess.run(mounted, check=False, capture_output=True).returncode == 0
        )

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no room for what is written in here."""
        if not self.is_mounted:
            with limited(resource.RLIMIT_FSIZE, SMALL):
                yield
            return
        ballast = os.open(self.path / "ballast", os.O_WRONLY | os.O_CREAT)
        try:
            with suppress(OSError):
                while os.write(ballast, bytes(1024)):
                    pass
            yield
        finally:
            os.close(ballast)
            (self.path / "ballast").unlink()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Let nobody write in here."""
        if self.is_mounted:
            # A second view of it: the first cannot change while a file is open for writing.
            assert wait_until(self._mount_read_only)
            try:
                yield
            finally:
                self._unmount()
            return
        folders = [self.path, *(path for path in self.path.rglob("*") if path.is_dir())]
        for folder in folders:
            folder.chmod(0o500)
        try:
            yield
        finally:
            for folder in folders:
                folder.chmod(0o700)

    def close(self) -> None:
        """Give it back."""
        if self.is_mounted:
            self._unmount()

    def _mount_read_only(self) -> bool:
        """Try; the sender may just have made a file there, between the two steps that it takes."""
        path = str(self.path)
        subprocess.run(["mount", "--bind", path, path], check=True)
        done = subprocess.run(
            ["mount", "-o", "remount,bind,ro", path], capture_output=True, check=False
        )
        if done.returncode:
            self._unmount()
        return not done.returncode

    def _unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.path)], check=True)


@contextmanager
def limited(what: int, limit: int) -> Iterator[None]:
    """Limit this process."""
    soft, hard = resource.getrlimit(what)
    resource.setrlimit(what, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(what, (soft, hard))


@contextmanager
def no_files_left() -> Iterator[None]:
    """Let this process open no more files."""
    # Below those that are open: one that is closed meanwhile makes no room for another.
    with limited(resource.RLIMIT_NOFILE, 3):
        yield
