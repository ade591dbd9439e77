"""GET /logs: logs with their answers, by the collection's own names."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from data_access.by_identifier import after
from data_access.logs import Log as Stored
from data_access.reference.log_types import LOG_TYPES
from portal.api.paging import Identifier, Listed, Wanted, page_of
from portal.api.reader import Reading
from portal.permissions import find, scope
from portal.sessions import Database

router = APIRouter()
_STATUSES = "^(saved|valid|invalid|dropped)$"
_LOG_TYPES = f"^({'|'.join(LOG_TYPES)})$"


class WantedLogs(Wanted):
    """Filters of the list."""

    collection: str | None = Field(None, pattern="^(lettings|sales)$", description="As below.")
    collection_year: int | None = Field(None, ge=2000, le=2100, description="As below.")
    status: str | None = Field(None, pattern=_STATUSES, description="As below.")
    log_type: str | None = Field(None, pattern=_LOG_TYPES, description="As below.")
    owning_institution_id: Identifier | None = Field(None, description="Logs of this owner.")
    managing_institution_id: Identifier | None = Field(None, description="Logs of this manager.")
    assigned_to_id: Identifier | None = Field(None, description="Logs of this user.")
    updated_since: AwareDatetime | None = Field(
        None, description="Logs changed at or after this instant, such as 2026-11-24T00:00:00Z."
    )


class Log(BaseModel):
    """A log, as lists have it."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(description="The number of the log.")
    collection: str = Field(description="lettings or sales.")
    collection_year: int = Field(description="2026 for 2026/27.")
    log_type: str | None = Field(description=f"One of {', '.join(LOG_TYPES)}; null: unknown yet.")
    status: str = Field(description="saved, valid, invalid or dropped.")
    owning_institution_id: int | None = Field(description="The owner.")
    managing_institution_id: int | None = Field(description="The manager.")
    created_by_id: int | None = Field(description="The user who made it.")
    assigned_to_id: int | None = Field(description="The user whose log it is.")
    event_date: date | None = Field(description="When the tenancy began, or the sale was done.")
    tenancy_code: str | None = Field(description="The provider's code of the tenancy or purchaser.")
    property_reference: str | None = Field(description="The provider's reference of the home.")
    unresolved: bool = Field(description="Whether its scheme must be chosen again.")
    creation_method: str = Field(description="How it was made, such as form or upload.")
    upload_id: int | None = Field(description="The upload that it came with.")
    upload_row: int | None = Field(description="Its row in that file.")
    version: int = Field(description="Grows by one at each change.")
    created_at: datetime = Field(description="When it was made.")
    updated_at: datetime = Field(description="When it was last changed.")
    submitted_at: datetime | None = Field(description="When it was last submitted.")


class Finding(BaseModel):
    """A rule that a log breaks."""

    rule: str = Field(description="The rule, as the collection's rule list names it.")
    severity: str = Field(description="setup, hard, soft or missing.")
    fields: list[str] = Field(description="The answers concerned, by collection name.")
    message: str = Field(description="What is wrong and how to mend it.")
    confirm_field: str = Field("", description="The answer that confirms a soft one.")
    confirmed: bool = Field(False, description="Whether a person has confirmed it.")


class LogWithAnswers(Log):
    """A log with its answers and what is wrong with them."""

    answers: dict[str, Any] = Field(
        description="Answers by collection name: codes as whole numbers, decimals and dates as "
        "text (100.50, 2026-06-27). The data dictionaries in docs/collection explain each."
    )
    entered: dict[str, str] = Field(description="What was typed where it could not be read.")
    findings: list[Finding] = Field(description="What the last submission found.")


@router.get("/logs", response_model=Listed[Log])
def logs(
    request: Request, db: Database, person: Reading, wanted: Annotated[WantedLogs, Query()]
) -> Any:
    """Logs that may be seen, without their answers."""
    filters = wanted.filters()
    since = filters.pop("updated_since", None)
    conditions = [scope(person, "log.view")]
    conditions += [getattr(Stored, name) == value for name, value in filters.items()]
    if since is not None:
        conditions.append(Stored.updated_at >= since)
    large = (Stored.answers, Stored.entered, Stored.findings)
    found = after(db, Stored, conditions, wanted.after, wanted.limit, without=large)
    return page_of(request, wanted, *found)


@router.get("/logs/{identifier}", response_model=LogWithAnswers)
def log(db: Database, person: Reading, identifier: Identifier) -> Any:
    """One log, with its answers and findings."""
    return find(db, person, "log.view", identifier)
