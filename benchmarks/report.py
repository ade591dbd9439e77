"""One local authority's report, against WeasyPrint setting constant text on as many pages.

python -m benchmarks.report DATA_DIR
"""

import io
import statistics
import sys
import time
from pathlib import Path

from pypdf import PdfReader
from weasyprint import HTML

from data_access.releases import Release
from data_access.settings import Settings
from portal.public.reports import report_of
from report_templates.render import local_authority_report


def main() -> None:
    """Prints seconds for both."""
    settings = Settings(data_dir=Path(sys.argv[1]), database_url="", demonstration=True)
    release = Release.open_current(settings.releases_dir)
    table = release.table("local_authority", "E08000025", "social-rent-general-needs", "2025")
    assert table is not None, "Birmingham has no figures in this release"
    took = []
    for _ in range(5):
        started = time.perf_counter()
        report = local_authority_report(report_of(release, table))
        took.append(time.perf_counter() - started)
    pages = len(PdfReader(io.BytesIO(report)).pages)
    words = "<p>" + "word " * 420 + "</p>"
    plain = HTML(
        string="".join(f"{words}<div style='break-after:page'></div>" for _ in range(pages))
    )
    floor = []
    for _ in range(5):
        started = time.perf_counter()
        made = plain.write_pdf()
        floor.append(time.perf_counter() - started)
    constant = len(PdfReader(io.BytesIO(made)).pages)
    print(f"report of {pages} pages: median {statistics.median(took):.2f} s")
    print(f"floor, {constant} pages of constant text: median {statistics.median(floor):.2f} s")


if __name__ == "__main__":
    main()
