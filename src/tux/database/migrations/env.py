"""What alembic runs to get at the database: the connection that `tux.database.migrate` has."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from tux.database import models

# Named so that the import, which fills the metadata, is not taken for a forgotten one.
assert models.Case.metadata is SQLModel.metadata  # noqa: S101  # true by SQLModel's design

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
