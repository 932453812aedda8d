"""Workers, a process each, and rounds that go from one to the next.

The SDK and the patches of discord.py are one to a process, so each variant has its own. Only one of
them works at a time, and each has its turn in every round: drift of the machine hits all alike.
Standard library only: peers have their own venv.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

ROOT = Path(__file__).parents[1]

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one worker is to be; it travels as JSON."""

    variant: str
    """A module of `benchmarks.variants`."""
    rate: float = 0.0
    """Share of transactions that are kept."""
    dsn: str | None = None
    """Where to send, by the variant's own transport; None throws every envelope away."""
    folder: str = ""
    """Where the spool may be."""
    drops: bool = False
    """Refuse every error, in the way that the variant has for it."""
    passes: bool = False
    """Let every error pass."""
    is_on: bool = True


class Worker:
    """A child process that answers one request at a time."""

    def __init__(self, module: str, plan: Plan, python: str = sys.executable) -> None:
        # Hashes decide how dictionaries are laid out, which moves figures by percents.
        env = {name: value for name, value in os.environ.items() if not name.startswith("SENTRY_")}
        env |= {
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))),
        }
        self._process = subprocess.Popen(
            [python, "-m", module, json.dumps(asdict(plan))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        )

    def wait(self) -> Answer:
        """Read the next answer; the first one says that the worker is ready."""
        assert self._process.stdout is not None  # noqa: S101  # it is a pipe
        line = self._process.stdout.readline()
        if not line:
            raise ChildProcessError(f"a worker ended with {self._process.wait()}; see above")
        answer: Answer = json.loads(line)
        return answer

    def tell(self, **request: Any) -> None:
        """Let it work; `wait` has its answer."""
        assert self._process.stdin is not None  # noqa: S101  # it is a pipe
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def ask(self, **request: Any) -> Answer:
        """Let it work, and wait for it."""
        self.tell(**request)
        return self.wait()

    def close(self) -> None:
        """End it, at once: what a variant does at its end is no part of any benchmark."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def workers(
    module: str, plans: Mapping[str, Plan], pythons: Mapping[str, str] | None = None
) -> Iterator[dict[str, Worker]]:
    """Start a worker for each plan, all at once, and wait until each is ready."""
    with ExitStack() as stack:
        started = {}
        for name, plan in plans.items():
            started[name] = Worker(module, plan, (pythons or {}).get(name, sys.executable))
            stack.callback(started[name].close)
        for worker in started.values():
            worker.wait()
        yield started


def interleave(
    started: Mapping[str, Worker], rounds: int, **request: Any
) -> dict[str, list[Answer]]:
    """Ask every worker in every round, each round beginning with another one."""
    names = list(started)
    answers: dict[str, list[Answer]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            answers[name].append(started[name].ask(**request))
    return answers


def serve(begin: Callable[[Plan], Awaitable[Callable[..., Awaitable[Answer]]]]) -> None:
    """Be a worker: prepare by the plan of the command line, then answer until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr

    def say(answer: Answer) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    async def work() -> None:
        answer = await begin(Plan(**json.loads(sys.argv[1])))
        say({"ready": True})
        # It blocks the loop: between its turns a worker does nothing.
        while line := sys.stdin.readline():
            say(await answer(**json.loads(line)))

    asyncio.run(work())
