"""The parameters of disclosure control, read from `policy.toml`, where each has its reason."""

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

# The guide to CORE: a local authority with fewer than three valid records of a log type is removed
# from the local authority view. May be raised, never lowered.
AREA_MINIMUM = 3
MIN_CELL = 3
SPAN = 3
MIN_CHANGED = 3
DEFAULT = Path(__file__).parent / "policy.toml"


class BadPolicy(ValueError):
    """A policy is below the floor, or has a line that it may not have."""


@dataclass(frozen=True)
class Policy:
    """What a release is made safe by; `policy.toml` says what each parameter is and why.

    `sensitive`: names of questions that have no row below national level.
    Raises BadPolicy when a parameter is below its floor.
    """

    area_minimum: int = AREA_MINIMUM
    min_cell: int = MIN_CELL
    full_cell: int = 10
    span: int = SPAN
    sum_margin: float = 0.1
    dominance: float = 0.1
    min_changed: int = MIN_CHANGED
    running_year_at_authority: str = "counts"
    sensitive: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name, floor in (
            ("area_minimum", AREA_MINIMUM),
            ("min_cell", MIN_CELL),
            ("span", SPAN),
            ("min_changed", MIN_CHANGED),
        ):
            if getattr(self, name) < floor:
                raise BadPolicy(f"{name} must be {floor} or more, and is {getattr(self, name)}.")
        for name in ("sum_margin", "dominance"):
            if not 0 < getattr(self, name) < 1:
                raise BadPolicy(f"{name} must be between 0 and 1, and is {getattr(self, name)}.")
        if self.span > self.area_minimum:
            # A cell of a place with so few records cannot be more uncertain than they are many.
            raise BadPolicy("span must be area_minimum or less.")
        if self.full_cell < self.min_cell:
            raise BadPolicy("full_cell must be min_cell or more.")
        if self.running_year_at_authority not in ("counts", "full"):
            raise BadPolicy('running_year_at_authority must be "counts" or "full".')

    @classmethod
    def read(cls, path: Path = DEFAULT, sensitive: frozenset[str] = frozenset()) -> Self:
        """The policy of a file: a table for each parameter with `value` and `reason`.

        Raises BadPolicy when a line is unknown, has no reason, or is below its floor.
        """
        try:
            tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadPolicy(f"The policy {path.name} cannot be read: {error}") from error
        known = set(cls.__dataclass_fields__) - {"sensitive"}
        values = {}
        for name, line in tables.items():
            if name not in known:
                raise BadPolicy(f"The policy has an unknown parameter, {name}.")
            if not isinstance(line, dict) or "value" not in line or not line.get("reason"):
                raise BadPolicy(f"{name} needs a value and a reason.")
            wanted = type(getattr(cls, name))
            value = line["value"]
            if wanted is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)
            if type(value) is not wanted:
                raise BadPolicy(f"{name} must be {wanted.__name__}, and is {value!r}.")
            values[name] = value
        return cls(**values, sensitive=sensitive)

    def as_json(self) -> dict[str, object]:
        """Plain values for a release's manifest.

        Without `dominance`: how close an owner may come to another's figures is not told to owners.
        """
        public = {name: value for name, value in asdict(self).items() if name != "dominance"}
        return {**public, "sensitive": sorted(self.sensitive)}
