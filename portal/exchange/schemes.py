"""Schemes as a table: what is brought, and what may be taken out."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.institutions import Institution
from data_access.schemes import Location, ManagementGroup, Scheme
from portal.exchange.kinds import Kind, Setting
from portal.exchange.scheme_columns import COLUMNS, group_texts, location_texts, scheme_texts
from portal.exchange.scheme_rows import SchemeRows
from portal.permissions import scope
from portal.schemes.words import STATUS_TAGS
from portal.tables.writing import Cell


def begin(setting: Setting) -> Any:
    """Makes what takes in the rows of one file."""
    return SchemeRows(setting).take


def rows(db: Session, person: Person, day: date) -> list[list[Cell]]:
    """The locations of every scheme that a person may see, by owner, group, scheme and postcode.

    Of a confidential scheme only whoever may change it gets the postcodes.
    """
    opened = set(db.scalars(select(Scheme.id).where(scope(person, "scheme.change"))))
    query = (
        select(Scheme, ManagementGroup, Institution, Location)
        .join(ManagementGroup, ManagementGroup.id == Scheme.group_id)
        .join(Institution, Institution.id == Scheme.owner_id)
        .outerjoin(Location, Location.scheme_id == Scheme.id)
        .where(scope(person, "scheme.view"))
        .order_by(
            func.length(Institution.code),
            Institution.code,
            func.lower(ManagementGroup.name),
            func.lower(Scheme.name),
            Scheme.id,
            Location.postcode,
            Location.id,
        )
    )
    made: list[list[Cell]] = []
    for scheme, group, owner, place in db.execute(query):
        shows_postcode = not scheme.confidential or scheme.id in opened
        texts = {
            "owner": owner.code,
            "group_code": group.code or "",
            **group_texts(db, group),
            "scheme_code": scheme.code or "",
            **scheme_texts(scheme),
            "location_code": str(place.id) if place is not None else "",
            **location_texts(place, shows_postcode),
        }
        made.append([*(texts[column.name] for column in COLUMNS), STATUS_TAGS[scheme.status][0]])
    return made


SCHEMES = Kind(
    name="schemes",
    title="Schemes",
    one="location",
    several="locations",
    columns=COLUMNS,
    informing=("Status",),
    explanations=(
        "A row is one location. Repeat the group and the scheme on each row of their locations; "
        "what you leave empty on a further row stays as the first row says.",
        "New groups and schemes are drafts: send each for approval on its own page when it is "
        "complete. Codes come with approval.",
        "In a row of something that is there already, an empty cell leaves what is there as it is.",
    ),
    begin=begin,
    rows=rows,
)
