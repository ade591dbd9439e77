"""Publishing: from valid logs to a sealed release."""

from collections.abc import Callable

from data_access.clock import now
from data_access.database import make_engine
from data_access.releases import Release, write_release
from data_access.settings import Settings
from data_access.tabulation import tabulate
from data_access.warehouse import build
from disclosure.floor import protect
from disclosure.policy import Policy
from submission.published import tabulated_questions


def publish(settings: Settings, progress: Callable[[str], None] = print) -> Release:
    """Counts the valid logs, makes the tables safe, seals them and makes them current."""
    questions = tabulated_questions()
    engine = make_engine(settings.database)
    files = build(engine, questions, settings.warehouse_dir, progress)
    engine.dispose()
    tables = tabulate(files, questions, progress)
    policy = Policy(sensitive=frozenset(q.name for q in questions if q.sensitive))
    safe = protect(tables.cells, tables.crosses, policy)
    progress(
        f"Made safe: {safe.report.cells_out:,} of {safe.report.cells_in:,} cells kept, "
        f"{safe.report.areas_removed:,} small places removed"
    )
    write_release(
        settings.releases_dir,
        safe.cells,
        safe.crosses,
        questions,
        {"parameters": policy.as_json(), "demonstration": settings.demonstration},
        now(),
    )
    release = Release.open_current(settings.releases_dir)
    progress(f"Published release {release.id}")
    return release
