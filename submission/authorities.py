"""Local authorities as the rules see them: from when to when each code is in force."""

from collections.abc import Iterable
from datetime import date
from functools import cache

import pandas as pd

from data_access.reference.local_authorities import current_code, local_authorities, predecessors
from submission.collection import YEARS, load

# Since 2021. Source: the collection's notes on lettings, section on local authorities.
_BEGAN = {
    "E06000061": date(2021, 4, 1),
    "E06000062": date(2021, 4, 1),
    "E06000063": date(2023, 4, 1),
    "E06000064": date(2023, 4, 1),
    "E06000065": date(2023, 4, 1),
    "E06000066": date(2023, 4, 1),
    "E08000038": date(2025, 4, 1),
    "E08000039": date(2025, 4, 1),
}
_ALWAYS = date(1974, 4, 1)
# The two authorities that were given new codes on 1 April 2025: old code, new code.
RECODED = (("E08000016", "E08000038"), ("E08000019", "E08000039"))


def authorities() -> pd.DataFrame:
    """Columns code, start_date, end_date (None while in force), in_england; a row a code."""
    codes = set(local_authorities()) | set(predecessors())
    for year in YEARS:
        for name in ("local_authority_england", "local_authority_any"):
            codes |= {code.code for code in load("lettings", year).code_lists.get(name, ())}
    ended = {code: found.valid_to for code, found in predecessors().items()}
    listed = sorted(codes)
    return pd.DataFrame(
        {
            "code": listed,
            "start_date": [_BEGAN.get(code, _ALWAYS) for code in listed],
            "end_date": [ended.get(code) for code in listed],
            "in_england": [code.startswith("E") for code in listed],
        }
    )


def in_force_macro() -> str:
    """SQL that makes authority_in_force(code, day); a code that is not known never is."""
    tests = [f"WHEN '{code}' THEN d >= DATE '{day}'" for code, day in _BEGAN.items()]
    tests += [
        f"WHEN '{code}' THEN d <= DATE '{found.valid_to}'" for code, found in predecessors().items()
    ]
    joined = " ".join(tests)
    known = ", ".join(f"'{code}'" for code in sorted(authorities()["code"]))
    return (
        f"CREATE MACRO authority_in_force(code, d) AS CASE code {joined} ELSE code IN ({known}) END"
    )


def code_in_year(code: str | None, year: int) -> str | None:
    """The code of a postcode directory as the form of a year takes it.

    The two authorities re-coded in 2025 have the new codes from that year on and the old ones
    before; no other change is made. The collection's own look-up swaps for 2024 and 2025 only;
    ours goes on, so that a directory with old codes breaks no rule in later years.
    """
    if code is None:
        return None
    for old, new in RECODED:
        if code in (old, new):
            return new if year >= 2025 else old
    return code


def codes_at_any_time(codes: Iterable[str]) -> list[str]:
    """The codes that these authorities and those they replaced have or had, in order.

    A list of areas is kept in the codes of its own day, and a log has that of its date: whoever
    covers North Yorkshire covers what was Craven, and the other way about.
    """
    found = set(codes)
    now = {current_code(code) for code in found}
    found |= {code for code in now if code is not None}
    for code in now:
        found |= _replaced().get(code or "", frozenset())
    return sorted(found)


@cache
def _replaced() -> dict[str, frozenset[str]]:
    """By code in force those of the authorities that it took the place of."""
    found: dict[str, set[str]] = {}
    for code, past in predecessors().items():
        found.setdefault(past.successor_code, set()).add(code)
    return {code: frozenset(former) for code, former in found.items()}
