"""The attacker: what can be worked out from public tables, and nothing but public tables.

`audit` attacks the tables that `read_release` or `read_long_table` read, and gives a `Verdict`.
Before a release is written, `release_files` and `release_tables` make the same of its frames.
"""

from disclosure.attack.attacking import THRESHOLD, audit
from disclosure.attack.intervals import Budget
from disclosure.attack.long_tables import read_long_table, tables_of_frames
from disclosure.attack.reading import UnreadableRelease
from disclosure.attack.releases import read_files, read_release, release_files, release_tables
from disclosure.attack.verdicts import Finding, Verdict

__all__ = [
    "THRESHOLD",
    "Budget",
    "Finding",
    "UnreadableRelease",
    "Verdict",
    "audit",
    "read_files",
    "read_long_table",
    "read_release",
    "release_files",
    "release_tables",
    "tables_of_frames",
]
