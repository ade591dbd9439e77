"""What the demonstration says of its logs is what the checker says of them."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from data_access.database import make_engine, session_factory
from data_access.logs import Log
from submission.context import context_of
from submission.usual_ranges import current_ranges
from submission.verdicts import check_logs, verdict

DAY = date(2026, 11, 24)


@pytest.mark.parametrize("status", ["valid", "invalid"])
def test_every_made_up_log_has_the_verdict_that_checking_it_again_gives(
    demonstration_folder: Path, status: str
) -> None:
    engine = make_engine(f"sqlite:///{demonstration_folder / 'core.sqlite3'}")
    with session_factory(engine)() as db:
        groups: dict[tuple[str, int], list[Log]] = defaultdict(list)
        for log in db.scalars(select(Log).where(Log.status == status)):
            groups[log.collection, log.collection_year].append(log)
        assert groups
        for (collection, year), logs in groups.items():
            answers = pd.DataFrame([log.answers for log in logs], dtype=object)
            answers = answers.where(answers.notna(), None)
            context = pd.concat([context_of(db, log, DAY) for log in logs], ignore_index=True)
            context = context.where(context.notna(), None)
            on = min(DAY, date(year + 1, 3, 31))
            ranges = current_ranges(db, collection)
            found = check_logs(collection, year, answers, context, on, ranges=ranges)
            wrong = [
                (collection, year, log.id, [f for f in one.findings if not f.get("confirmed")])
                for log, one in zip(logs, found, strict=True)
                if verdict(one.findings) != status
            ]
            assert not wrong
    engine.dispose()
