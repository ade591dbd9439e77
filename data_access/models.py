"""Every stored model in one place, for migrations."""

from data_access import accounts, audit, content, institutions, logs, schemes, uploads
from data_access.database import Base

__all__ = ["Base", "accounts", "audit", "content", "institutions", "logs", "schemes", "uploads"]
