"""Alembic's environment: migrations run on the connection that `Database.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from pipeline.index import review_tables, tables  # noqa: F401 - fills the metadata that --autogenerate compares with

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True
)
context.run_migrations()
