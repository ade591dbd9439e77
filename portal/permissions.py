"""Who may see which logs. Every query of logs takes its scope from here."""

from sqlalchemy import ColumnElement, false, or_, true

from data_access.accounts import Account
from data_access.logs import Log

ALL_LOGS = {"administrator", "statistician"}


def scope_of_logs(account: Account) -> ColumnElement[bool]:
    """The logs that an account may see, as a condition on Log.

    Administrators and statisticians: all. Co-ordinators: those that their institution owns or
    manages. Data providers: their own and those assigned to them.
    """
    if account.role in ALL_LOGS:
        return true()
    if account.role == "coordinator" and account.institution_id is not None:
        return scope_of_institution(account.institution_id)
    if account.role == "provider":
        return or_(Log.created_by_id == account.id, Log.assigned_to_id == account.id)
    return false()


def scope_of_institution(institution_id: int) -> ColumnElement[bool]:
    """The logs that an institution owns or manages."""
    return or_(
        Log.owning_institution_id == institution_id, Log.managing_institution_id == institution_id
    )


def may_see_own_figures(account: Account) -> bool:
    """Whether the account may see its institution's own, unsuppressed figures."""
    return account.role in ("coordinator", "provider") and account.institution_id is not None


def may_administer(account: Account) -> bool:
    """Whether the account may open the pages under /administration."""
    return account.role == "administrator"
