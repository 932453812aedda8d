"""Where log lines go: one format on standard error, for loguru and for stdlib logging alike."""

from __future__ import annotations

import logging
import sys

from loguru import logger

LOGURU_FORMAT = "{time:HH:mm:ss} | {level: <8} | {name} - {message}"
STDLIB_FORMAT = "%(asctime)s | %(levelname)-8s | %(name)s - %(message)s"


def configure_logs(level: str) -> None:
    """Send every line of ``level`` and above to standard error.

    Call it before telemetry is set up: the SDK's loguru integration adds sinks of its own, which
    removing the default sink afterwards would take away. Stdlib records are not passed on to
    loguru, for each would then be seen by two integrations and counted twice.
    """
    logger.remove()
    # `diagnose` prints the values of locals, which may be secrets.
    logger.add(sys.stderr, level=level, format=LOGURU_FORMAT, diagnose=False, backtrace=False)
    number = logger.level(level).no
    logging.basicConfig(
        level=max(number, logging.DEBUG), format=STDLIB_FORMAT, datefmt="%H:%M:%S", force=True
    )
    for chatty in ("discord", "httpx", "httpcore", "aiosqlite", "alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
