"""Every stored model in one place, for migrations."""

from data_access import (
    accounts,
    audit,
    collection_windows,
    content,
    institutions,
    logs,
    schemes,
    uploads,
)
from data_access.database import Base
from data_access.reference import ranges

__all__ = [
    "Base",
    "accounts",
    "audit",
    "collection_windows",
    "content",
    "institutions",
    "logs",
    "ranges",
    "schemes",
    "uploads",
]
