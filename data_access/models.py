"""Every stored model in one place, for migrations."""

from data_access import (
    account_sessions,
    accounts,
    agreements,
    audit,
    collection_windows,
    content,
    credentials,
    imports,
    institution_names,
    institutions,
    logs,
    mergers,
    messages,
    mistake_reports,
    release_records,
    schemes,
    uploads,
)
from data_access.database import Base
from data_access.reference import ranges

__all__ = [
    "Base",
    "account_sessions",
    "accounts",
    "agreements",
    "audit",
    "collection_windows",
    "content",
    "credentials",
    "imports",
    "institution_names",
    "institutions",
    "logs",
    "mergers",
    "messages",
    "mistake_reports",
    "ranges",
    "release_records",
    "schemes",
    "uploads",
]
