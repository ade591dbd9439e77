"""The first tables"""

import sqlalchemy as sa
from alembic import op

from data_access.database import JSON_DOCUMENT

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "institutions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("provider_type", sa.String(length=3), nullable=False),
        sa.Column("registration_number", sa.String(length=20), nullable=True),
        sa.Column("holds_stock", sa.Boolean(), nullable=False),
        sa.Column("general_needs_stock", sa.Integer(), nullable=True),
        sa.Column("supported_stock", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("data_sharing_signed", sa.Boolean(), nullable=False),
        sa.Column("rent_periods", JSON_DOCUMENT, nullable=False),
        sa.Column("local_authorities", JSON_DOCUMENT, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institutions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("user_name"),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accounts_institution_id"), ["institution_id"], unique=False
        )

    op.create_table(
        "institution_links",
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("manager_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["manager_id"],
            ["institutions.id"],
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["institutions.id"],
        ),
        sa.PrimaryKeyConstraint("owner_id", "manager_id"),
    )
    with op.batch_alter_table("institution_links", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_institution_links_manager_id"), ["manager_id"], unique=False
        )

    op.create_table(
        "management_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["institutions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    with op.batch_alter_table("management_groups", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_management_groups_owner_id"), ["owner_id"], unique=False
        )

    op.create_table(
        "account_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("account_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_account_sessions_account_id"), ["account_id"], unique=False
        )

    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject_type", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("detail", JSON_DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_events_account_id"), ["account_id"], unique=False
        )
        batch_op.create_index(
            "ix_audit_events_subject", ["subject_type", "subject_id"], unique=False
        )

    op.create_table(
        "schemes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("client_group", sa.String(length=10), nullable=True),
        sa.Column("support_type", sa.String(length=10), nullable=True),
        sa.Column("intended_stay", sa.String(length=10), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["management_groups.id"],
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["institutions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    with op.batch_alter_table("schemes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_schemes_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_schemes_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("collection", sa.String(length=10), nullable=False),
        sa.Column("collection_year", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("invalid", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("report", JSON_DOCUMENT, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institutions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_uploads_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_uploads_file_hash"), ["file_hash"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_uploads_institution_id"), ["institution_id"], unique=False
        )

    op.create_table(
        "locations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("postcode", sa.String(length=10), nullable=False),
        sa.Column("local_authority", sa.String(length=9), nullable=True),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("type_of_unit", sa.String(length=10), nullable=True),
        sa.Column("mobility_type", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["scheme_id"],
            ["schemes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("locations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_locations_scheme_id"), ["scheme_id"], unique=False)

    op.create_table(
        "logs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection", sa.String(length=10), nullable=False),
        sa.Column("collection_year", sa.Integer(), nullable=False),
        sa.Column("log_type", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("owning_institution_id", sa.Integer(), nullable=True),
        sa.Column("managing_institution_id", sa.Integer(), nullable=True),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("event_date", sa.Date(), nullable=True),
        sa.Column("local_authority", sa.String(length=9), nullable=True),
        sa.Column("postcode", sa.String(length=10), nullable=True),
        sa.Column("tenancy_code", sa.String(length=100), nullable=True),
        sa.Column("property_reference", sa.String(length=100), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("creation_method", sa.String(length=15), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.Column("upload_row", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answers", JSON_DOCUMENT, nullable=False),
        sa.Column("entered", JSON_DOCUMENT, nullable=False),
        sa.Column("findings", JSON_DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"],
            ["accounts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["accounts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["managing_institution_id"],
            ["institutions.id"],
        ),
        sa.ForeignKeyConstraint(
            ["owning_institution_id"],
            ["institutions.id"],
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["uploads.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("logs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_logs_assigned_to_id"), ["assigned_to_id"], unique=False
        )
        batch_op.create_index(
            "ix_logs_collection_year_status",
            ["collection", "collection_year", "status"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_logs_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_logs_event_date"), ["event_date"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_logs_local_authority"), ["local_authority"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_logs_managing_institution_id"), ["managing_institution_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_logs_owning_institution_id"), ["owning_institution_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_logs_postcode"), ["postcode"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_logs_property_reference"), ["property_reference"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_logs_tenancy_code"), ["tenancy_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_logs_upload_id"), ["upload_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("logs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_logs_upload_id"))
        batch_op.drop_index(batch_op.f("ix_logs_tenancy_code"))
        batch_op.drop_index(batch_op.f("ix_logs_property_reference"))
        batch_op.drop_index(batch_op.f("ix_logs_postcode"))
        batch_op.drop_index(batch_op.f("ix_logs_owning_institution_id"))
        batch_op.drop_index(batch_op.f("ix_logs_managing_institution_id"))
        batch_op.drop_index(batch_op.f("ix_logs_local_authority"))
        batch_op.drop_index(batch_op.f("ix_logs_event_date"))
        batch_op.drop_index(batch_op.f("ix_logs_created_by_id"))
        batch_op.drop_index("ix_logs_collection_year_status")
        batch_op.drop_index(batch_op.f("ix_logs_assigned_to_id"))

    op.drop_table("logs")
    with op.batch_alter_table("locations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_locations_scheme_id"))

    op.drop_table("locations")
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_uploads_institution_id"))
        batch_op.drop_index(batch_op.f("ix_uploads_file_hash"))
        batch_op.drop_index(batch_op.f("ix_uploads_account_id"))

    op.drop_table("uploads")
    with op.batch_alter_table("schemes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_schemes_owner_id"))
        batch_op.drop_index(batch_op.f("ix_schemes_group_id"))

    op.drop_table("schemes")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_events_subject")
        batch_op.drop_index(batch_op.f("ix_audit_events_account_id"))

    op.drop_table("audit_events")
    with op.batch_alter_table("account_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_sessions_account_id"))

    op.drop_table("account_sessions")
    with op.batch_alter_table("management_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_management_groups_owner_id"))

    op.drop_table("management_groups")
    with op.batch_alter_table("institution_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_institution_links_manager_id"))

    op.drop_table("institution_links")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_institution_id"))

    op.drop_table("accounts")
    op.drop_table("institutions")
    op.drop_table("alerts")
