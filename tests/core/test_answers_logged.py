"""What the log says of a command that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loguru import logger
from tests.core.test_answers_once import COG
from tests.fakes.receiver import Receiver
from tests.fakes.sent import Sent, reset
from tests.fakes.world import running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.conftest import Write


async def test_the_log_names_error_and_event(extension: Write, tmp_path: Path) -> None:
    """A line has the error that the wrappers hold and its event's id, or why there is none."""
    name, lines = extension("somebodys_commands", COG), list[str]()
    receiver = Receiver()
    receiver.start()
    sent = Sent(receiver, tmp_path)
    sent.start(limit_burst=1)
    logger.add(lines.append, format="{message}", filter="tux.core.answers")
    try:
        async with running(tmp_path, bot={"extensions": (name,)}) as world:
            member = world.guild.add_member("pingu")
            await world.say(member, "!plain")
            await world.slash(member, "plain")
        assert lines == [
            f"plain failed: RuntimeError (event {sent.event['event_id']})\n",
            "plain failed: RuntimeError (no event: held back by the limits)\n",
        ]
    finally:
        reset()
        receiver.stop()
