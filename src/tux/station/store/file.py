"""The station's SQLite file: one writer thread, any number of readers.

A write is answered after its commit, and what arrives while a commit runs shares the next one, so
that many clients cost few commits and none waits for a timer. What is one small statement is
committed where it came from while the writer has nothing to do: see direct.py.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from tux.station.errors import UnavailableError
from tux.station.rollups.names import Names
from tux.station.rollups.recording import record
from tux.station.rollups.tally import Tally
from tux.station.store.direct import Direct
from tux.station.store.locking import unusable
from tux.station.store.outage import Outage
from tux.station.store.projects import Project, projects_of
from tux.station.store.reading import Memory, Reader
from tux.station.store.schema import prepare, version_of
from tux.station.store.writing import save

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tux.station.wire.rows import Batch

Result = TypeVar("Result")

GROUP_SECONDS = 0.02
"""Longest time that jobs are gathered for one commit."""
GROUP_JOBS = 1000
WAITING_JOBS = 5000
"""More than this waiting means that the disk does not keep up: say so instead of filling memory."""
FRESH_SECONDS = 1.0
"""How long a project's keys are taken from memory."""
IDLE_READERS = 4


@dataclass(slots=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]
    error: Exception | None = None
    result: Any = None

    def settle(self) -> None:
        """Wake whoever waits; a request that was cancelled meanwhile does not."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Store:
    """Everything that the station keeps."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.clock = clock
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers: queue.LifoQueue[Reader] = queue.LifoQueue(IDLE_READERS)
        self._memory = Memory()
        self._projects: dict[int, Project] = {}
        self._projects_read = -FRESH_SECONDS
        self._thread: threading.Thread | None = None
        self._direct: Direct | None = None
        self._is_writing = False
        self.outage = Outage()
        self.commits = 0
        """How often something was kept since it was opened: whoever shows it looks anew."""
        self.names = Names()
        """For functions that run in the writer's thread."""

    def open(self) -> None:
        """Create or open the file and start the writer.

        Raises:
            TuxConfigurationError: the file cannot be used.
        """
        try:
            connection = self._connect()
            prepare(connection, self.clock())
            self._projects = projects_of(connection)
            self._direct = Direct(self.path)
        except (OSError, sqlite3.Error) as error:
            raise unusable(self.path, error) from error
        self._thread = threading.Thread(
            target=self._write_all, args=(connection,), name="station writer", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Finish what is waiting and close the file."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._jobs.put(None)
        thread.join()
        with suppress(queue.Empty):
            while True:
                self._readers.get_nowait().close()
        # The last to go takes the journal over into the file, which one that only reads cannot.
        if self._direct is not None:
            self._direct.close()

    def project(self, project_id: int = 1) -> Project:
        """Return one project, by default the one that every station has.

        Raises:
            KeyError: there is none of this id.
        """
        return self._projects[project_id]

    async def fresh_project(self, project_id: int) -> Project:
        """Return one project as it is now: another process may have revoked a key of it.

        Raises:
            KeyError: there is none of this id.
        """
        if time.monotonic() - self._projects_read >= FRESH_SECONDS:
            self._projects_read = time.monotonic()
            self._projects = await asyncio.to_thread(self._read_projects)
        return self._projects[project_id]

    def dsn(self, base_url: str) -> str:
        """Name where an SDK sends to, for a station that is reached at ``base_url``."""
        url, project = urlsplit(base_url), self.project()
        path = url.path.rstrip("/")
        return f"{url.scheme}://{project.public_key}@{url.netloc}{path}/{project.id}"

    async def write(self, batch: Batch) -> None:
        """Keep all rows of a batch; returns once they are committed.

        Raises:
            UnavailableError: nothing of it was kept; it may be sent again.
        """
        await self.change(partial(save, batch=batch))

    async def change(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run a function in the writer's thread, inside a transaction of its own.

        A tally that it returns is written with the others' of the same commit.

        Raises:
            UnavailableError: the file cannot be written now, or too much is waiting.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        if self._thread is None:
            raise UnavailableError("the station is stopping")
        if self._jobs.qsize() >= WAITING_JOBS:
            raise UnavailableError("the station is behind with writing")
        self._jobs.put(_Job(work, future))
        return await future

    def at_once(self, statement: str, *values: Sequence[Any]) -> bool:
        """Commit a small statement, with each of some values, in the caller's thread, if nobody else writes now.

        False: nothing was done, and it is ``change`` that must do it.
        """
        if self._direct is None or self._thread is None or self._is_writing or self._jobs.qsize():
            return False
        if self.outage.reason is not None:  # the writer tells when it is over
            return False
        is_done = self._direct.run(statement, *values)
        self.commits += is_done
        return is_done

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Lend a read-only connection that sees one moment in time. For worker threads."""
        try:
            connection = self._readers.get_nowait()
        except queue.Empty:
            connection = self._connect_reader()
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.rollback()
            connection.seen.clear()
            try:
                self._readers.put_nowait(connection)
            except queue.Full:
                connection.close()

    def _read_projects(self) -> dict[int, Project]:
        with self.read() as connection:
            return projects_of(connection)

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its -wal and -shm files the rights of the main file.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with closing(sqlite3.connect(self.path)) as connection:
            version_of(connection)  # before anything is done to what may be another's
        self.path.chmod(0o600)
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            for pragma in (
                "auto_vacuum = INCREMENTAL",  # only before the first table is made
                "journal_mode = WAL",
                "synchronous = NORMAL",
                "foreign_keys = ON",
                "busy_timeout = 5000",
                "cache_size = -16000",
                "journal_size_limit = 67108864",
                # Three times the usual: what takes the journal over, all that write wait for.
                "wal_autocheckpoint = 3000",
                # Some builds write zeros over whole pages that are free: twice the work of a removal.
                "secure_delete = FAST",
            ):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _connect_reader(self) -> Reader:
        connection: Reader = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=ro",
            uri=True,
            isolation_level=None,
            check_same_thread=False,  # lent to one thread at a time
            factory=Reader,
        )
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.row_factory = sqlite3.Row
        connection.memory = self._memory
        return connection

    def _write_all(self, connection: sqlite3.Connection) -> None:
        while True:
            job = self._jobs.get()
            group: list[_Job] = []
            until = time.monotonic() + GROUP_SECONDS
            while job is not None:
                group.append(job)
                if len(group) >= GROUP_JOBS or time.monotonic() >= until:
                    break
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
            if group:
                self._is_writing = True
                changes, now = connection.total_changes, self.clock()
                _commit(connection, group, self.names, now)
                if (reason := _fault_of(group)) is not None:
                    self.outage.fail(reason, now)
                elif connection.total_changes > changes:
                    self.outage.pass_by(now)
                self._is_writing = False
                self.commits += 1
                _settle(group)
            if job is None:
                connection.close()
                return


def _commit(connection: sqlite3.Connection, group: list[_Job], names: Names, now: float) -> None:
    """Run all jobs in one transaction: one that fails takes none of the others along."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        for job in group:
            _run(connection, job)
        if any(job.error for job in group):
            names.forget()  # what was given numbers in a job that was taken back
        tallies = [job.result for job in group if isinstance(job.result, Tally)]
        if tallies:
            record(connection, tallies, names, now)
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001  # the writer outlives whatever was to be written
        names.forget()
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        for job in group:
            job.error = UnavailableError("the station's file cannot be written", str(error))


def _fault_of(group: list[_Job]) -> str | None:
    """Tell why the file took nothing, or not all for want of space; None where no job says so."""
    for job in group:
        if isinstance(job.error, UnavailableError):
            return ": ".join(job.error.causes)
        code = getattr(job.error, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_FULL:
            return str(job.error)
    return None


def _run(connection: sqlite3.Connection, job: _Job) -> None:
    connection.execute("SAVEPOINT job")
    try:
        job.result = job.work(connection)
    except Exception as error:  # it is the caller's, and is raised there
        if not connection.in_transaction:  # SQLite gave up the whole transaction: disk full, I/O
            raise sqlite3.OperationalError(str(error)) from error
        connection.execute("ROLLBACK TO job")
        job.error = error
    connection.execute("RELEASE job")


def _settle(group: list[_Job]) -> None:
    """Wake all who wait with one call for each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in group:
        by_loop.setdefault(job.future.get_loop(), []).append(job)
    for loop, jobs in by_loop.items():
        with suppress(RuntimeError):  # that loop has ended, and whoever waited with it
            loop.call_soon_threadsafe(_settle_here, jobs)


def _settle_here(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()
