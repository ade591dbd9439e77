"""A local authority's report, from the same figures as its page."""

from data_access.questions import PlaceTable, QuestionTable
from data_access.reference.local_authorities import local_authorities
from data_access.reference.log_types import LOG_TYPES
from data_access.releases import Release
from portal.public.selection import period_label
from portal.public.wording import amount, finding, headlines
from report_templates.model import LocalAuthorityReport, ReportRow, ReportSection


def report_of(release: Release, table: PlaceTable) -> LocalAuthorityReport:
    """The report of a local authority's table."""
    place = local_authorities()[table.area]
    return LocalAuthorityReport(
        area=place.name,
        region=place.region,
        period=period_label(table.period),
        log_type=LOG_TYPES[table.log_type].label,
        headlines=tuple(headlines(table)),
        sections=tuple(_section(question) for question in table.questions.values()),
        release=release.id,
        made_up=bool(release.manifest.get("demonstration")),
        minimum=int(release.manifest["parameters"]["area_minimum"]),
    )


def _section(question: QuestionTable) -> ReportSection:
    if question.question.kind == "number":
        mean = "nobody answered"
        if question.mean is not None:
            mean = amount(question.mean, question.question.unit)
        rows = [
            ReportRow("Mean", mean, None, ""),
            ReportRow("Number answering", f"{question.answered:,}", None, ""),
        ]
    else:
        rows = [
            ReportRow(
                row.label,
                f"{row.count:,}",
                row.share,
                "no answers" if row.share is None else f"{row.share:.1f}%",
            )
            for row in question.rows
        ]
    rows.append(ReportRow("Not answered", f"{question.not_answered:,}", None, ""))
    return ReportSection(finding(question), question.question.label, tuple(rows))
