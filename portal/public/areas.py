"""Figures of an authority through the years: they stand under the code that it had in their year.

Barnsley and Sheffield were given new codes on 1 April 2025. Pages, downloads, reports and the
explorer go by the code in force now and find the figures of earlier years under the former one.
"""

from collections.abc import Mapping

from data_access.questions import PlaceTable
from data_access.reference.local_authorities import (
    code_of_year,
    local_authorities,
    predecessors_of,
)
from data_access.reference.periods import period
from data_access.releases import Release

LOCAL_AUTHORITY = "local_authority"


def code_in(area: str, slug: str) -> str:
    """The code of an area in a period. What is no local authority keeps its code."""
    return code_of_year(area, period(slug).collection_year) or area


def table_of(
    release: Release,
    level: str,
    area: str,
    log_type: str,
    slug: str,
    questions: list[str] | None = None,
) -> PlaceTable | None:
    """Release.table, for an area by its code in force now."""
    return release.table(level, code_in(area, slug), log_type, slug, questions)


def periods_of(release: Release, area: str, log_type: str) -> list[str]:
    """Periods for which an authority has figures under any of its codes, newest first."""
    before = predecessors_of(area)
    codes = [area, *(before if len(before) == 1 else ())]
    found = {
        slug for code in codes for slug in release.periods_shown(LOCAL_AUTHORITY, code, log_type)
    }
    return sorted(found, reverse=True)


def by_code_now(values: Mapping[str, float | None], slug: str) -> dict[str, float | None]:
    """Figures of a period by code of that time, as figures by code in force now."""
    return {
        code: values[then]
        for code in local_authorities()
        if (then := code_in(code, slug)) in values
    }
