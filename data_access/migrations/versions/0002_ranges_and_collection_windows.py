"""Usual rents and prices, and the dates of collection years"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _limits(precision: int, *names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Numeric(precision, 2), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "rent_ranges",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lettype", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("la", sa.String(length=9), nullable=False),
        sa.Column("beds", sa.Integer(), autoincrement=False, nullable=False),
        *_limits(10, "soft_min", "soft_max", "hard_min", "hard_max"),
        sa.PrimaryKeyConstraint("year", "lettype", "la", "beds"),
    )
    op.create_table(
        "sale_ranges",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("la", sa.String(length=9), nullable=False),
        sa.Column("beds", sa.Integer(), autoincrement=False, nullable=False),
        *_limits(12, "soft_min", "soft_max"),
        sa.PrimaryKeyConstraint("year", "la", "beds"),
    )
    op.create_table(
        "range_tables",
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year"),
    )
    op.create_table(
        "collection_windows",
        sa.Column("collection", sa.String(length=10), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens", sa.Date(), nullable=False),
        sa.Column("quarter1", sa.Date(), nullable=True),
        sa.Column("quarter2", sa.Date(), nullable=True),
        sa.Column("quarter3", sa.Date(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("new_until", sa.Date(), nullable=False),
        sa.Column("edit_until", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("collection", "year"),
    )


def downgrade() -> None:
    op.drop_table("collection_windows")
    op.drop_table("range_tables")
    op.drop_table("sale_ranges")
    op.drop_table("rent_ranges")
