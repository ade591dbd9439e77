"""Holding back revisions: a place changes between releases by several records or not at all (P7).

Whoever subtracts one release from the next sees what was corrected. Where fewer records than the
policy's least changed in a place, quarter and log type, the earlier ones are counted again, until
enough changes have come together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

_BLOCK = ("log_type", "quarter", "local_authority")


@dataclass(frozen=True)
class HeldBack:
    """The files to count, how many places and quarters keep their earlier records, and how many
    records of the new files wait because of it.

    `not_compared`: names of files whose questions differ from the earlier ones', which are counted
    as they are.
    """

    files: list[Path]
    blocks: int
    records: int
    not_compared: list[str]


def hold_back(files: Sequence[Path], earlier: Path | None, target: Path, least: int) -> HeldBack:
    """Writes the files to count into the folder `target`.

    `files`: of a warehouse (see data_access.warehouse.build); `earlier`: the folder of those that
    the last release counted, under the same names, or None; `least`: fewest changed records that
    show. A record that was changed counts once; one that moved counts in both places.
    """
    target.mkdir(parents=True, exist_ok=True)
    blocks = records = 0
    written, not_compared = [], []
    for file in files:
        old = earlier / file.name if earlier else None
        to = target / file.name
        written.append(to)
        if old is None or not old.exists():
            _copy(file, to)
            continue
        with duckdb.connect() as duck:
            columns = _columns(duck, file)
            if columns != _columns(duck, old):
                not_compared.append(file.name)
                _copy(file, to)
                continue
            held, waiting = _held(duck, file, old, columns, least)
            blocks += held
            records += waiting
            _write(duck, file, old, to)
    return HeldBack(written, blocks, records, not_compared)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _copy(source: Path, to: Path) -> None:
    to.write_bytes(source.read_bytes())


def _columns(duck: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    return [row[0] for row in duck.execute(f"DESCRIBE FROM {_quoted(file)}").fetchall()]


def _held(
    duck: duckdb.DuckDBPyConnection, file: Path, old: Path, columns: list[str], least: int
) -> tuple[int, int]:
    """Makes the table `held` of blocks that keep their records; counts blocks and changes."""
    names = ", ".join(f'"{column}"' for column in columns)
    keys = ", ".join(_BLOCK)
    duck.execute(
        f"""
        CREATE TABLE held AS
        WITH came AS (
            SELECT {keys}, count(*) AS n FROM (
                SELECT {names} FROM {_quoted(file)} EXCEPT ALL SELECT {names} FROM {_quoted(old)}
            ) GROUP BY ALL
        ), went AS (
            SELECT {keys}, count(*) AS n FROM (
                SELECT {names} FROM {_quoted(old)} EXCEPT ALL SELECT {names} FROM {_quoted(file)}
            ) GROUP BY ALL
        )
        SELECT coalesce(c.log_type, w.log_type) AS log_type,
               coalesce(c.quarter, w.quarter) AS quarter,
               coalesce(c.local_authority, w.local_authority) AS local_authority,
               greatest(coalesce(c.n, 0), coalesce(w.n, 0)) AS changed
        FROM came c FULL JOIN went w
          ON c.log_type = w.log_type AND c.quarter = w.quarter
         AND c.local_authority IS NOT DISTINCT FROM w.local_authority
        WHERE greatest(coalesce(c.n, 0), coalesce(w.n, 0)) < {least}
        """
    )
    found = duck.execute("SELECT count(*), coalesce(sum(changed), 0) FROM held").fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def _write(duck: duckdb.DuckDBPyConnection, file: Path, old: Path, to: Path) -> None:
    same = (
        "h.log_type = l.log_type AND h.quarter = l.quarter "
        "AND h.local_authority IS NOT DISTINCT FROM l.local_authority"
    )
    duck.execute(
        f"COPY (SELECT * FROM {_quoted(file)} l WHERE NOT EXISTS (FROM held h WHERE {same}) "
        f"UNION ALL SELECT * FROM {_quoted(old)} l WHERE EXISTS (FROM held h WHERE {same})) "
        f"TO {_quoted(to)} (FORMAT parquet, COMPRESSION zstd)"
    )
