"""Alembic's entry point. The caller hands its connection over (data_access.database.upgrade)."""

from alembic import context

from data_access.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
