"""Tabulation: valid logs counted by period, log type, place and question. Private: not yet safe.

Cells: period, log_type, level, area, question, code, count, sum, top1, top2, owners.
- question "records", code "total": the number of valid logs;
- a category question: one cell for each code given, and "not_answered";
- a number question: "answered" with the number answering and the sum of the answers (in the
  question's unit; NaN everywhere else), and "not_answered".
Rows of local authorities have the groups of a question's codes, England and regions its codes; no
question has rows below its lowest level. `top1` and `top2` are the shares (0 to 1) that the largest
and second largest owner have of a sum, `owners` the number of owners in it: of sums of commercial
questions and rents, else NaN and 0.

Crosses: period, log_type, question, code, question2, code2, count: England, every pair of crossable
category questions, question before question2 in the alphabet. "not_answered" is a code on both
sides, so that adding up over a question gives the cells of the other.

A cell that would be zero is left out. Everything is written once, in Ibis and in SQL that it
carries: DuckDB counts in the product, and tests/spec/test_tabulation.py holds Spark to the same.
"""

from data_access.questions import TabulatedQuestion
from data_access.tabulation.engine import Engine, OpenEngine, duckdb_engine
from data_access.tabulation.tables import CELL_COLUMNS, CROSS_COLUMNS, Tables, tabulate

__all__ = [
    "CELL_COLUMNS",
    "CROSS_COLUMNS",
    "Engine",
    "OpenEngine",
    "Tables",
    "TabulatedQuestion",
    "duckdb_engine",
    "tabulate",
]
