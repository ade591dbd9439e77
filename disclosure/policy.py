"""The parameters of disclosure control, each with its reason."""

from dataclasses import asdict, dataclass

# The guide to CORE: a local authority with fewer than three valid records of a log type is removed
# from the local authority view. May be raised, never lowered.
AREA_MINIMUM = 3


@dataclass(frozen=True)
class Policy:
    """What a release is made safe by.

    `area_minimum`: fewest valid logs of a log type in a period for an authority to be shown.
    `sensitive`: names of questions that have no row below national level.
    Raises ValueError when `area_minimum` is below the guide's three.
    """

    area_minimum: int = AREA_MINIMUM
    sensitive: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.area_minimum < AREA_MINIMUM:
            raise ValueError(f"area_minimum must be {AREA_MINIMUM} or more")

    def as_json(self) -> dict[str, object]:
        """Plain values for a release's manifest."""
        return {**asdict(self), "sensitive": sorted(self.sensitive)}
