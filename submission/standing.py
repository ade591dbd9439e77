"""What stands against a log's owner and manager, whatever its answers are.

The checker's rules know a log and facts about it; whether an institution may be named at all is
known from its record and relations, and said here in the same form.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from data_access.agreement_cover import signed_or_covered
from data_access.institutions import Institution
from data_access.logs import Log
from submission.columns import EVENT_DATES
from submission.reach import no_figure_in_words, shows_stock
from submission.relations import not_on_this_day, periods_between
from submission.rules import HARD

NO_FIGURE, INACTIVE, NOT_RELATED = (
    "owner_shows_no_stock",
    "institution_not_active",
    "manager_not_in_relation",
)
_OWNER, _MANAGER = "owning_organisation_id", "managing_organisation_id"


def standing_findings(
    db: Session, log: Log, variables: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """Hard findings about a log's institutions; of some variables only, when they are given."""
    wanted = None if variables is None else set(variables)
    names = {_OWNER, _MANAGER, EVENT_DATES[log.collection]}
    if wanted is not None and not names & wanted:
        return []
    owner = _institution(db, log.owning_institution_id)
    manager = _institution(db, log.managing_institution_id)
    found = []
    if owner is not None and not shows_stock(owner):
        found.append(_finding(NO_FIGURE, (_OWNER,), no_figure_in_words([owner.name])))
    for name, one in ((_OWNER, owner), (_MANAGER, manager)):
        # One that was merged is held against its day by the rules.
        if one is not None and not one.active and one.merged_into_id is None:
            words = (
                f"{one.name} has been deactivated, so no log can name it. Choose another "
                "institution, or ask an administrator."
            )
            found.append(_finding(INACTIVE, (name,), words))
    if owner is not None and manager is not None and not _are_related(db, owner, manager, log):
        periods = periods_between(db, owner.id, manager.id)
        words = not_on_this_day(owner.name, manager.name, periods, log.event_date)
        found.append(_finding(NOT_RELATED, (_MANAGER, _OWNER, EVENT_DATES[log.collection]), words))
    return [one for one in found if wanted is None or wanted & set(one["fields"])]


def why_not_submitted(db: Session, log: Log) -> str:
    """Why a log cannot be submitted whatever its answers are: the owner's agreement; or nothing."""
    owner = _institution(db, log.owning_institution_id)
    if owner is None or signed_or_covered(db, owner):
        return ""
    # Whoever was merged signs nothing any more: the last in the row can.
    while (into := _institution(db, owner.merged_into_id)) is not None:
        owner = into
    return (
        f"{owner.name} has not signed the Data Sharing Agreement, so no log can be submitted for "
        "its homes. Its Data Protection Officer must sign it first. The log is saved and can be "
        "submitted then."
    )


def _are_related(db: Session, owner: Institution, manager: Institution, log: Log) -> bool:
    # Whoever took an institution over reports what was let before that.
    if manager.id in (owner.id, owner.merged_into_id):
        return True
    return any(period.holds(log.event_date) for period in periods_between(db, owner.id, manager.id))


def _institution(db: Session, number: int | None) -> Institution | None:
    return db.get(Institution, number) if number is not None else None


def _finding(rule: str, fields: tuple[str, ...], message: str) -> dict[str, Any]:
    return {"rule": rule, "severity": HARD, "fields": list(fields), "message": message}
