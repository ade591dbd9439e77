"""Rendering a report with WeasyPrint as tagged PDF (PDF/UA-1)."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from weasyprint import HTML

from report_templates.model import LocalAuthorityReport

_FOLDER = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _no_fetching(url: str) -> dict[str, object]:
    raise ValueError(f"A report asks for nothing from outside: {url[:80]}")


def pdf_of(template: str, **context: Any) -> bytes:
    """A template of this room as tagged PDF."""
    text = _environment().get_template(template).render(**context)
    made: bytes = HTML(string=text, url_fetcher=_no_fetching).write_pdf(pdf_variant="pdf/ua-1")
    return made


def local_authority_report(report: LocalAuthorityReport) -> bytes:
    """The report as PDF: cover, contents with page numbers, a section a question, and notes."""
    return pdf_of("local_authority.html", report=report)
