"""What a report is made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReportRow:
    """One line of a table; `share` is in per cent and draws the bar, None draws none."""

    label: str
    figure: str
    share: float | None
    share_text: str


@dataclass(frozen=True)
class ReportSection:
    """One question: a title that states the finding, the question's name, and its table."""

    title: str
    question: str
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True)
class LocalAuthorityReport:
    """A local authority's report. `headlines` are pairs of label and figure."""

    area: str
    region: str
    period: str
    log_type: str
    headlines: tuple[tuple[str, str], ...]
    sections: tuple[ReportSection, ...]
    release: str
    made_up: bool
    minimum: int
