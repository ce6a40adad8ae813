"""Alembic's environment: migrations run on the connection that `Database.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from pipeline.db import account_tables, annotation_tables, inbox_tables, review_tables, tables  # noqa: F401 - fill what --autogenerate compares with

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True
)
context.run_migrations()
