"""Run the migrations from within the bot, on a connection that it already has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from sqlalchemy import Connection


def alembic_config(connection: Connection | None = None) -> Config:
    """Say where the migrations are, for alembic's own commands too."""
    config = Config()
    config.set_main_option("script_location", "tux.database:migrations")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring the tables up to the newest migration."""
    command.upgrade(alembic_config(connection), "head")
