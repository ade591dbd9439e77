"""Administrators approve or refuse schemes; with approval come the codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data_access.audit import record
from data_access.clock import now
from data_access.institutions import Institution
from data_access.scheme_changes import (
    Incomplete,
    Lacking,
    NotInThisState,
    lock,
    refuse_changed,
)
from data_access.scheme_states import SchemeRecord, records_of
from data_access.schemes import APPROVED, REFUSED, SUBMITTED, ManagementGroup, Scheme
from data_access.versions import save_changes

PAGE_LENGTH = 50
RECENT = 20
_TRIES = 20


@dataclass(frozen=True)
class Waiting:
    """A scheme that waits for a decision, with its group and what it lacks."""

    record: SchemeRecord
    group: ManagementGroup
    lacking: Lacking

    @property
    def scheme(self) -> Scheme:
        """The scheme itself."""
        return self.record.scheme

    @property
    def owner(self) -> Institution:
        """Whose it is."""
        return self.record.owner


def waiting_schemes(db: Session, page: int = 1) -> tuple[list[Waiting], int]:
    """One page of the submitted schemes, oldest first, and how many there are."""
    total = db.scalar(select(func.count()).select_from(Scheme).where(Scheme.status == SUBMITTED))
    query = (
        select(Scheme)
        .where(Scheme.status == SUBMITTED)
        .order_by(Scheme.submitted_at, Scheme.id)
        .limit(PAGE_LENGTH)
        .offset((page - 1) * PAGE_LENGTH)
    )
    schemes = list(db.scalars(query))
    groups = _groups(db, schemes)
    return [
        Waiting(found, groups[found.scheme.group_id], Lacking(found))
        for found in records_of(db, schemes)
    ], total or 0


def recently_decided(db: Session) -> list[tuple[Scheme, Institution]]:
    """The last decided schemes that nobody has changed the status of since, newest first."""
    query = (
        select(Scheme, Institution)
        .join(Institution, Institution.id == Scheme.owner_id)
        .where(Scheme.status.in_((APPROVED, REFUSED)), Scheme.decided_at.is_not(None))
        .order_by(Scheme.decided_at.desc(), Scheme.id.desc())
        .limit(RECENT)
    )
    return [(scheme, owner) for scheme, owner in db.execute(query)]


def approve(db: Session, account_id: int, scheme: Scheme, looked_at: str) -> None:
    """Approves a submitted scheme and gives it a code, and its group one with its first.

    `looked_at` is `scheme_changes.seen` of what the administrator has looked at. In the caller's
    transaction. Raises NotInThisState when it was decided meanwhile, ChangedMeanwhile when its
    owner changed it meanwhile, and Incomplete. Source: guide, schemes: codes come with approval.
    """
    # Before the scheme: two approvals in one group would each wait for what the other holds.
    group = db.get_one(ManagementGroup, scheme.group_id)
    lock(db, group)
    lacking = Lacking(_claim(db, scheme, looked_at))
    if lacking:
        raise Incomplete(lacking)
    changes = _decide(db, account_id, scheme, APPROVED, "")
    if scheme.code is None:
        changes["code"] = [None, _give_code(db, scheme, "S")]
    if group.code is None:
        detail = {"changes": {"code": [None, _give_code(db, group, "G")]}}
        record(db, account_id, "group_code_given", ("group", group.id), detail)
    record(db, account_id, "scheme_approved", ("scheme", scheme.id), {"changes": changes})


def refuse(db: Session, account_id: int, scheme: Scheme, looked_at: str, reason: str) -> None:
    """Refuses a submitted scheme; its owner may mend it and send it again.

    In the caller's transaction. Raises NotInThisState and ChangedMeanwhile as `approve` does.
    """
    _claim(db, scheme, looked_at)
    changes = _decide(db, account_id, scheme, REFUSED, reason)
    record(db, account_id, "scheme_refused", ("scheme", scheme.id), {"changes": changes})


def _claim(db: Session, scheme: Scheme, looked_at: str) -> SchemeRecord:
    lock(db, scheme)
    if scheme.status != SUBMITTED:
        raise NotInThisState(scheme)
    return refuse_changed(db, scheme, looked_at)


def _decide(
    db: Session, account_id: int, scheme: Scheme, status: str, reason: str
) -> dict[str, list[Any]]:
    values = {
        "status": status,
        "decided_at": now(),
        "decided_by_id": account_id,
        "refusal_reason": reason,
    }
    changes = save_changes(db, scheme, scheme.version, values)
    return {name: changes[name] for name in ("status", "refusal_reason") if name in changes}


def _give_code(db: Session, thing: Scheme | ManagementGroup, sign: str) -> str:
    """Gives the next free code. Two approvals in different groups may want the same one."""
    for _ in range(_TRIES):
        code = f"{sign}{next_number(db, type(thing), sign)}"
        try:
            with db.begin_nested():
                thing.code = code
                db.flush()
        except IntegrityError:
            continue
        return code
    raise RuntimeError("No free code was found")


def next_number(db: Session, model: type[ManagementGroup] | type[Scheme], sign: str) -> int:
    """The number above every one in use. Codes are never taken back, so none is used twice."""
    codes = db.scalars(select(model.code).where(model.code.startswith(sign)))
    numbers = [code[1:] for code in codes if code is not None]
    return (
        max((int(text) for text in numbers if text.isascii() and text.isdecimal()), default=0) + 1
    )


def _groups(db: Session, schemes: Sequence[Scheme]) -> dict[int, ManagementGroup]:
    numbers = {scheme.group_id for scheme in schemes}
    query = select(ManagementGroup).where(ManagementGroup.id.in_(numbers))
    return {group.id: group for group in db.scalars(query)}
