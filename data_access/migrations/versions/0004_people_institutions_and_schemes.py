"""People, institutions, agreements, schemes and messages; an audit trail that is only added to"""

import sqlalchemy as sa
from alembic import op

from data_access.database import JSON_DOCUMENT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def _no(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True))


def _version() -> sa.Column:
    return sa.Column("version", sa.Integer(), nullable=False, server_default="1")


_REFERENCES = {
    "institutions": {"merged_into_id": "institutions"},
    "management_groups": {"agent_id": "institutions", "created_by_id": "accounts"},
    "schemes": {
        "continues_id": "schemes",
        "created_by_id": "accounts",
        "submitted_by_id": "accounts",
        "decided_by_id": "accounts",
    },
}


def _columns() -> dict[str, list[sa.Column]]:
    return {
        "accounts": [
            _text("telephone", 30),
            _text("extension", 10),
            sa.Column("contact_priority", sa.String(40), nullable=False, server_default="None"),
            _no("must_change_password"),
            _text("totp_secret", 64),
            _instant("totp_confirmed_at"),
            sa.Column("totp_last_step", sa.Integer()),
            sa.Column("created_by_id", sa.Integer()),
            _instant("last_signed_in_at"),
            _instant("deleted_at"),
            _version(),
        ],
        "audit_events": [_text("address", 45)],
        "institutions": [
            _text("telephone", 30),
            _text("address_line1", 100),
            _text("address_line2", 100),
            _text("town", 100),
            _text("county", 100),
            _text("postcode", 10),
            _no("owns_affordable_rent"),
            _no("owns_almshouses"),
            sa.Column("unspecified_stock", sa.Integer()),
            sa.Column("merged_on", sa.Date()),
            sa.Column("available_from", sa.Date()),
            _version(),
        ],
        "locations": [_text("name", 200), sa.Column("available_from", sa.Date()), _version()],
        "logs": [_no("unresolved")],
        "management_groups": [
            _text("arrangement_type", 1),
            _text("agent_name", 200),
            _instant("created_at"),
            _version(),
        ],
        "schemes": [
            _no("confidential"),
            sa.Column("scheme_type", sa.String(10)),
            sa.Column("registered_care", sa.String(10)),
            sa.Column("secondary_client_group", sa.String(10)),
            sa.Column("status", sa.String(10), nullable=False, server_default="draft"),
            _instant("submitted_at"),
            _instant("decided_at"),
            sa.Column("refusal_reason", sa.Text(), nullable=False, server_default=""),
            _instant("created_at"),
            _version(),
        ],
    }


# SQLite would have to build a table anew to give it a foreign key, and could not while others
# refer to it; a column added in SQL may bring one along. Both databases read this.
_ADD_REFERENCE = "ALTER TABLE {} ADD COLUMN {} INTEGER REFERENCES {} (id)"
_REFUSAL = "The audit trail is only added to"


def upgrade() -> None:
    _make_sessions_anew()
    _give_links_their_time()
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    for table, references in _REFERENCES.items():
        for name, other in references.items():
            op.execute(_ADD_REFERENCE.format(table, name, other))
    op.execute("UPDATE schemes SET status = 'approved' WHERE approved")
    op.drop_column("schemes", "approved")
    op.create_index("ix_schemes_status", "schemes", ["status"])
    op.create_index("ix_audit_events_at", "audit_events", ["at"])
    op.create_index("ix_audit_events_action", "audit_events", ["action", "id"])
    for name in ("name", "registration_number"):
        op.create_index(
            f"ix_institutions_lower_{name}",
            "institutions",
            [sa.text(f"lower({name})")],
            unique=True,
        )
    _make_tables()
    _close_audit_trail()


def _make_sessions_anew() -> None:
    """Sessions gain what names and dates them; everybody signs in once again."""
    op.drop_table("account_sessions")
    op.create_table(
        "account_sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("handle", sa.String(16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer()),
        sa.Column("awaits_second_factor", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
        sa.UniqueConstraint("handle"),
    )
    op.create_index("ix_account_sessions_account_id", "account_sessions", ["account_id"])


def _give_links_their_time() -> None:
    op.drop_index("ix_institution_links_manager_id", "institution_links")
    op.rename_table("institution_links", "links_without_time")
    op.create_table(
        "institution_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("manager_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date()),
        sa.Column("ends_on", sa.Date()),
        sa.ForeignKeyConstraint(["owner_id"], ["institutions.id"]),
        sa.ForeignKeyConstraint(["manager_id"], ["institutions.id"]),
        sa.PrimaryKeyConstraint("id", name="institution_links_by_id"),
    )
    op.execute(
        "INSERT INTO institution_links (owner_id, manager_id) "
        "SELECT owner_id, manager_id FROM links_without_time"
    )
    op.drop_table("links_without_time")
    for name in ("owner_id", "manager_id"):
        op.create_index(f"ix_institution_links_{name}", "institution_links", [name])


def _make_tables() -> None:
    op.create_table(
        "agreement_reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_agreement_reminders_institution_id", "agreement_reminders", ["institution_id"]
    )

    op.create_table(
        "agreement_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["published_by_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("version"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("handle", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
        sa.UniqueConstraint("handle"),
    )
    op.create_index("ix_api_tokens_account_id", "api_tokens", ["account_id"])

    op.create_table(
        "former_passwords",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_former_passwords_account_id", "former_passwords", ["account_id"])

    op.create_table(
        "import_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("given", JSON_DOCUMENT, nullable=False),
        sa.Column("unknown", JSON_DOCUMENT, nullable=False),
        sa.Column("rows", JSON_DOCUMENT, nullable=False),
        sa.Column("report", JSON_DOCUMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_import_files_account_id", "import_files", ["account_id"])
    op.create_index("ix_import_files_expires_at", "import_files", ["expires_at"])

    op.create_table(
        "institution_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_institution_names_institution_id", "institution_names", ["institution_id"])

    op.create_table(
        "managed_providers",
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("coordinator_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["coordinator_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"]),
        sa.ForeignKeyConstraint(["provider_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("institution_id", "coordinator_id", "provider_id"),
    )
    op.create_index("ix_managed_providers_provider_id", "managed_providers", ["provider_id"])

    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "institution_id"),
    )
    op.create_index("ix_memberships_institution_id", "memberships", ["institution_id"])

    op.create_table(
        "mergers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("absorbing_id", sa.Integer(), nullable=False),
        sa.Column("merging", JSON_DOCUMENT, nullable=False),
        sa.Column("merges_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("counts", JSON_DOCUMENT, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["absorbing_id"], ["institutions.id"]),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_mergers_absorbing_id", "mergers", ["absorbing_id"])

    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_messages_account_id", "messages", ["account_id"])
    op.create_index("ix_messages_next_attempt_at", "messages", ["next_attempt_at"])

    op.create_table(
        "mistake_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["closed_by_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_mistake_reports_institution_id", "mistake_reports", ["institution_id"])

    op.create_table(
        "one_time_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_one_time_links_account", "one_time_links", ["account_id", "purpose"])

    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_recovery_codes_account_id", "recovery_codes", ["account_id"])

    op.create_table(
        "agreement_signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("signer_name", sa.String(length=200), nullable=False),
        sa.Column("signer_email", sa.String(length=254), nullable=False),
        sa.Column("institution_name", sa.String(length=200), nullable=False),
        sa.Column("institution_address", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"]),
        sa.ForeignKeyConstraint(["text_id"], ["agreement_texts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_agreement_signatures_institution_id", "agreement_signatures", ["institution_id"]
    )

    op.create_table(
        "scheme_pauses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"]),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_scheme_pauses_location_id", "scheme_pauses", ["location_id"])
    op.create_index("ix_scheme_pauses_scheme_id", "scheme_pauses", ["scheme_id"])


def _close_audit_trail() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_events_no_{change.lower()} BEFORE {change} ON audit_events "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_audit_trail() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_events_only_added_to "
        "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_trail()"
    )


def downgrade() -> None:
    # The trail cannot be opened again and references cannot be dropped on SQLite.
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
