"""A local authority's report, from the same figures as its page."""

from data_access.questions import PlaceTable, QuestionTable
from data_access.reference.local_authorities import regions, spans
from data_access.reference.log_types import LOG_TYPES
from data_access.releases import Release
from portal.layout.pages import number
from portal.public.selection import period_label
from portal.public.wording import finding, headlines, mean_of, share_of
from report_templates.model import LocalAuthorityReport, ReportRow, ReportSection


def report_of(release: Release, table: PlaceTable) -> LocalAuthorityReport:
    """The report of a local authority's table."""
    place = spans()[table.area]
    return LocalAuthorityReport(
        area=place.name,
        region=regions()[place.region_code],
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
        rows = [
            ReportRow("Mean", mean_of(question), None, ""),
            ReportRow("Number answering", number(question.answered), None, ""),
        ]
    else:
        rows = [
            ReportRow(row.label, number(row.count), row.share, share_of(question, row))
            for row in question.rows
        ]
    if not question.question.rest_label:
        rows.append(ReportRow("Not answered", number(question.not_answered), None, ""))
    return ReportSection(finding(question), question.question.label, tuple(rows))
