"""Alembic's environment: migrations run on the connection that `Database.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from pipeline.index import (  # noqa: F401 - fill what --autogenerate compares with
    inbox_tables,
    note_tables,
    people_tables,
    review_tables,
    tables,
)

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True
)
context.run_migrations()
