"""Releases from their draft on, and who may look at one before it is published"""

import sqlalchemy as sa
from alembic import op

from data_access.database import JSON_DOCUMENT

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _account(name: str) -> list[sa.Column | sa.ForeignKeyConstraint]:
    return [
        sa.Column(name, sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint([name], ["accounts.id"]),
    ]


def _instant(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _document(name: str) -> sa.Column:
    return sa.Column(name, JSON_DOCUMENT, nullable=False)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "release_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        *(_document(name) for name in ("periods", "progress", "timings", "verdict")),
        sa.Column("based_on", sa.String(length=40), nullable=False),
        sa.Column("previous", sa.String(length=40), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        *(_text(name) for name in ("note", "notice", "message")),
        _instant("created_at", nullable=False),
        *_account("created_by_id"),
        *(_instant(name) for name in ("checked_at", "approved_at")),
        *_account("approved_by_id"),
        _instant("publishes_at"),
        *_account("scheduled_by_id"),
        _instant("published_at"),
        *_account("published_by_id"),
        _instant("withdrawn_at"),
        *_account("withdrawn_by_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["corrects_id"], ["release_records.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_release_records_state", "release_records", ["state"])
    op.create_table(
        "release_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        _instant("starts_at", nullable=False),
        _instant("ends_at", nullable=False),
        _instant("given_at", nullable=False),
        *_account("given_by_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["release_id"], ["release_records.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_release_access_release_id", "release_access", ["release_id"])
    op.create_index("ix_release_access_account_id", "release_access", ["account_id"])


def downgrade() -> None:
    op.drop_table("release_access")
    op.drop_table("release_records")
