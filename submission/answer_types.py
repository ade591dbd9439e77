"""What kind of value each variable holds: while it is worked on, and as it is kept."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from submission.collection import YEARS, Collection, Variable, load

# Four decimals: enough to see that 25.5 years or 10.125 pounds is not what was asked. Nineteen
# digits though ten are let in: DuckDB multiplies narrower decimals in 64 bits, which a price times
# a percentage can overflow, and a product of two still fits a decimal of 38 digits.
NUMBER = "DECIMAL(19, 4)"
MONEY = "DECIMAL(19, 2)"
TRUTHS = frozenset(["is_la_inferred", "is_previous_la_inferred", "manual_address_entry_selected"])
_TEXTS = frozenset(
    [
        *("pcode1", "pcode2", "ppostc1", "ppostc2", "address_line1_input", "postcode_full_input"),
        *("uprn", "uprn_selection"),
    ]
)
IDENTIFIERS = frozenset(
    [
        *("owning_organisation_id", "managing_organisation_id", "assigned_to_id"),
        *("scheme_id", "location_id"),
    ]
)


def known_variable(collection: Collection, name: str) -> Variable | None:
    """The variable in this year, or else as another year has it; None for a value of no form."""
    if name in collection.variables:
        return collection.variables[name]
    for year in sorted(YEARS, reverse=True):
        if name in load(collection.name, year).variables:
            return load(collection.name, year).variables[name]
    return None


def working_type(collection: Collection, name: str) -> str:
    """The DuckDB type of a variable while it is derived and judged.

    Numbers that a person types keep their decimals, so that a rule can refuse them.
    """
    if name in TRUTHS:
        return "BOOLEAN"
    if name in _TEXTS or name in IDENTIFIERS:
        return "VARCHAR"
    variable = known_variable(collection, name)
    if variable is None:
        return "INTEGER"
    codes = codes_of(collection, variable)
    if codes:
        return "INTEGER" if all(code.isdecimal() for code in codes) else "VARCHAR"
    if variable.kind == "date":
        return "DATE"
    if variable.kind == "derived":
        return MONEY if variable.unit.startswith("GBP") else "INTEGER"
    if variable.kind in ("integer", "decimal", "money"):
        return NUMBER
    if variable.kind in ("checkbox", "choice"):
        return "INTEGER"
    return "VARCHAR"


def codes_of(collection: Collection, variable: Variable) -> list[str]:
    """The codes that the variable's list has in this year; of any year when it has none then."""
    listed = [code.code for code in collection.code_lists.get(variable.codes, ())]
    if listed or not variable.codes:
        return listed
    for year in sorted(YEARS, reverse=True):
        listed = [code.code for code in load(collection.name, year).code_lists[variable.codes]]
        if listed:
            return listed
    return []


def is_amount(collection: Collection, name: str) -> bool:
    """Whether a variable holds pounds, which people write with commas and pound signs."""
    variable = known_variable(collection, name)
    return variable is not None and (variable.kind == "money" or variable.unit.startswith("GBP"))


def is_whole(variable: Variable | None) -> bool:
    """Whether the variable is kept as a whole number when it is one."""
    return variable is not None and variable.kind not in ("money", "decimal")


def kept(value: Any, variable: Variable | None) -> Any:
    """A value as it stands in a stored log: whole numbers, text, "100.50", ISO dates, truths."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, Decimal):
        if value == value.to_integral_value() and (
            is_whole(variable) and not (variable and variable.unit.startswith("GBP"))
        ):
            return int(value)
        exact = value.quantize(Decimal("0.01"))
        if variable is not None and variable.kind == "decimal":
            return f"{value.normalize():f}"
        return f"{exact:.2f}" if exact == value else f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value


def kept_column(values: pa.ChunkedArray, variable: Variable | None) -> list[Any]:
    """A column of values as they stand in stored logs; the same as `kept` of each."""
    if values.null_count == len(values):
        return [None] * len(values)
    if pa.types.is_date(values.type):
        return list(values.cast(pa.string()).to_pylist())
    if not pa.types.is_decimal(values.type):
        return list(values.to_pylist())
    is_amount = variable is None or variable.unit.startswith("GBP")
    if is_whole(variable) and not is_amount:
        if pc.all(pc.equal(values, pc.round(values))).as_py():
            return list(values.cast(pa.int64()).to_pylist())
    elif variable is None or variable.kind != "decimal":
        pence = pc.round(values, ndigits=2)
        if pc.all(pc.equal(values, pence)).as_py():
            return list(pence.cast(pa.decimal128(18, 2)).cast(pa.string()).to_pylist())
    return [kept(value, variable) for value in values.to_pylist()]


def as_json(value: Any) -> Any:
    """A kept value as a number where it is one: for programs rather than for storage."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value):
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else float(number)
    return value
