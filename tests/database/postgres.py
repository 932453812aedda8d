"""A PostgreSQL server of the tests' own: a folder that goes away, on a free port of loopback."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "tux"
INSTALLED = "usr/lib/postgresql/*/bin/postgres"
"""Where distributions keep the server when it is not on the path."""
QUICK = {"fsync": "off", "full_page_writes": "off"}
"""What is committed must outlive the server, but not the machine."""


def server_programs() -> Path | None:
    """Find the folder with ``postgres``, ``initdb`` and ``pg_ctl``; None where there is none."""
    found = shutil.which("postgres")
    binaries = [Path(found).resolve()] if found else sorted(Path("/").glob(INSTALLED))
    return binaries[-1].parent if binaries else None


class PostgresServer:
    """A server that can be stopped and started again, with as many databases as are asked for."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.port = _free_port()
        self._programs = programs
        self._folder = folder
        self._made = 0

    def make(self) -> None:
        """Make the server's files."""
        options = ("--username", USER, "--auth", "trust", "--encoding", "UTF8", "--no-locale")
        self._run("initdb", *options, "--no-sync")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = {
            **QUICK,
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run("pg_ctl", "start", "--wait", "--log", "server.log", "--options", options)

    def stop(self) -> None:
        """Stop it at once: connections break off, and a start recovers what was committed."""
        self._run("pg_ctl", "stop", "--wait", "--mode", "immediate")

    def url(self, database: str, user: str = USER) -> str:
        """Write the address of a database as people do."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    async def create_database(self) -> str:
        """Make an empty database; returns its name."""
        self._made += 1
        name = f"tux_{self._made}"
        await self.execute(f"CREATE DATABASE {name}")
        return name

    async def execute(self, statement: str) -> Any:
        """Run a statement as somebody else than the bot, and return its first value if any."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    async def wait_for(self, question: str) -> None:
        """Wait until the server answers a question with true."""
        async with asyncio.timeout(20):
            while await self.execute(question) is not True:  # noqa: ASYNC110  # it is another process that changes
                await asyncio.sleep(0.01)

    def _run(self, program: str, *arguments: str) -> None:
        data = ("--pgdata", str(self._folder / "data"))
        # The server refuses to run as root; its packages bring a user for it.
        user: dict[str, Any] = (
            {"user": "postgres", "group": "postgres", "extra_groups": []} if _is_root() else {}
        )
        done = subprocess.run(
            [self._programs / program, *data, *arguments],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
            check=False,
            **user,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}"


@contextmanager
def running_server(programs: Path) -> Iterator[PostgresServer]:
    """Make a server, run it, and leave nothing of it behind."""
    # Not below tmp_path: pytest lets nobody but the user that runs it in there.
    with tempfile.TemporaryDirectory(prefix="tux-postgres-") as name:
        if _is_root():
            shutil.chown(name, "postgres", "postgres")
        server = PostgresServer(programs, Path(name))
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _is_root() -> bool:
    return os.geteuid() == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
