"""Devices of an account, expiry of tokens, codes from an app, and requests to link an identity."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TOKEN_DAYS = 365  # tokens made before they had an end get one year from now, so that no program stops at the upgrade


def upgrade() -> None:
    # Not in a batch: that would make the tables anew, which rows that point to them forbid.
    op.add_column("token", sa.Column("expires_at", UTCDateTime(), nullable=True))
    ends = sa.table("token", sa.column("expires_at", UTCDateTime()))
    op.execute(ends.update().values(expires_at=datetime.now(UTC) + timedelta(days=_TOKEN_DAYS)))
    # What was disabled before tokens ended with their account does not come back to life with it either.
    op.execute("DELETE FROM token WHERE person IN (SELECT name FROM person WHERE disabled)")
    op.add_column("session", sa.Column("outside", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("person", sa.Column("totp_secret", sa.String(), nullable=True))
    op.add_column("person", sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0"))
    _of_a_person(
        "device",
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=False),
    )
    _of_a_person("recovery_code", sa.Column("created_at", UTCDateTime(), nullable=False))
    _of_a_person(
        "login_step",
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("onward", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
    )
    op.create_table(
        "attempt_origin",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person", "address"),
    )
    op.create_table(
        "identity_request",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("shown_name", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.name"]),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_index(op.f("ix_identity_request_person"), "identity_request", ["person"], unique=False)


def _of_a_person(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["person"], ["person.name"]),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index(op.f(f"ix_{name}_person"), name, ["person"], unique=False)
