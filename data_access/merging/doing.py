"""Counting what a merger would move, and doing it."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import record
from data_access.clock import now
from data_access.institutions import Institution
from data_access.mergers import Merger, why_not
from data_access.merging.logs import LogCounts, count_logs, move_logs
from data_access.merging.parties import Parties
from data_access.merging.people import PeopleCounts, count_people, move_people
from data_access.merging.records import (
    added_to_lists,
    cancel_coming_names,
    changed_record,
    institutions_of,
)
from data_access.merging.relations import RelationPlan, move_relations, relations_plan
from data_access.merging.schemes import (
    SchemeCounts,
    approved_scheme_ids,
    count_schemes,
    move_schemes,
)


class MergerRefused(Exception):
    """Something stands in the way. `reasons` are sentences."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Merged:
    """What a merger moved: counts by kind, and the active people who moved."""

    counts: dict[str, int]
    people: list[Account]
    absorbing: Institution
    merged: list[Institution]


def dry_run(db: Session, parties: Parties) -> dict[str, int]:
    """How much of each kind a merger would move, as `Merger.counts` holds it. Writes nothing."""
    absorbing = db.get(Institution, parties.absorbing) if parties.absorbing else None
    return _counts(
        count_people(db, parties),
        added_to_lists(absorbing, institutions_of(db, parties.merging)),
        relations_plan(db, parties),
        count_schemes(db, parties),
        count_logs(db, parties, approved_scheme_ids(db, parties)),
    )


def _counts(
    people: PeopleCounts,
    lists: dict[str, int],
    relations: RelationPlan,
    schemes: SchemeCounts,
    logs: LogCounts,
) -> dict[str, int]:
    return {
        **asdict(people),
        **lists,
        "relations_ending": len(relations.ending) + len(relations.falling_away),
        "relations_beginning": len(relations.beginning),
        **asdict(schemes),
        "logs_open": logs.open,
        "logs_valid": logs.valid,
        "logs_staying": logs.staying,
        "uploads": logs.uploads,
    }


def merge(db: Session, merger: Merger) -> Merged:
    """Does a merger, in the caller's transaction: all of it, or the caller rolls all of it back.

    Raises MergerRefused when something stands in the way by now.
    """
    absorbing = db.get(Institution, merger.absorbing_id)
    assert absorbing is not None
    # Held, so that nobody changes one of the records meanwhile.
    concerned = [absorbing.id, *merger.merging]
    held = select(Institution).where(Institution.id.in_(concerned)).order_by(Institution.id)
    db.scalars(held.with_for_update().execution_options(populate_existing=True)).all()
    merged = institutions_of(db, merger.merging)
    parties = Parties(
        tuple(merger.merging),
        absorbing.id,
        merger.merges_on,
        absorbing.available_from,
        merger.id,
        merger.created_by_id,
        {found.id: f"{found.name} ({found.code})" for found in (*merged, absorbing)},
    )
    reasons = why_not(db, parties.merging, absorbing, merger.id)
    if reasons:
        raise MergerRefused(reasons)
    lists = added_to_lists(absorbing, merged)
    people, managed = count_people(db, parties), move_people(db, parties)
    relations = move_relations(db, parties)
    counted_schemes = count_schemes(db, parties)
    schemes = move_schemes(db, parties)
    logs = move_logs(db, parties, schemes)
    counts = _counts(people, lists, relations, counted_schemes, logs)
    _change_records(db, parties, absorbing, merged, counts)
    merger.counts = counts
    merger.done_at = now()
    merger.message = ""
    db.flush()
    return Merged(counts, managed, absorbing, merged)


def _change_records(
    db: Session,
    parties: Parties,
    absorbing: Institution,
    merged: list[Institution],
    counts: dict[str, int],
) -> None:
    changed = changed_record(absorbing, merged)
    changes = {name: [getattr(absorbing, name), value] for name, value in changed.items()}
    for name, value in changed.items():
        setattr(absorbing, name, value)
    absorbing.version += 1
    names = [institution.name for institution in merged]
    detail: dict[str, Any] = {"merger": parties.merger, "absorbed": names, "moved": counts}
    subject = ("institution", absorbing.id)
    record(db, parties.by, "institution_absorbed", subject, {**detail, "changes": changes})
    cancel_coming_names(db, parties.merging)
    for institution in merged:
        after: dict[str, Any] = {
            "active": False,
            "merged_into_id": absorbing.id,
            "merged_on": parties.day,
        }
        changes = {
            "active": [institution.active, False],
            "merged_into": [None, parties.names[absorbing.id]],
            "merged_on": [None, f"{parties.day.day} {parties.day:%B %Y}"],
        }
        for name, value in after.items():
            setattr(institution, name, value)
        institution.version += 1
        record(
            db,
            parties.by,
            "institution_merged",
            ("institution", institution.id),
            {
                "merger": parties.merger,
                "into": absorbing.name,
                "changes": {name: row for name, row in changes.items() if row[0] != row[1]},
            },
        )
