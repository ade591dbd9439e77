"""Who publishes, under which licence, and what the files of a release are called."""

from dataclasses import dataclass

from data_access.releases.themes import THEMES

ORGANISATION = "CORE, social housing lettings and sales in England"
LICENCE = "Open Government Licence v3.0"
LICENCE_ADDRESS = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
SOURCE = "CORE (COntinuous REcording of social housing lettings and sales)"
WEIGHTING = "Figures are as submitted by providers. They are unweighted and nothing is imputed."
SHORTHAND = (
    "Some shorthand is used in this table, [c] = confidential, [x] = not available, "
    "[z] = not applicable."
)
# What the markers mean here. [c] never tells why a figure was withheld.
MEANING_OF_MARKERS = {
    "c": "Withheld, so that nobody can be recognised, directly or by adding and subtracting.",
    "x": "Not available: the local authority has fewer than 3 records of this log type, none, or "
    "is withheld with others.",
    "z": "Not applicable: the question is not asked of this log type, or nobody answered it, so "
    "that there is no mean or share.",
}
AREAS = {
    "england-and-regions": "England and regions",
    "local-authorities": "local authorities",
}


@dataclass(frozen=True)
class TableFile:
    """A ready-made table: of a collection, a group of AREAS, a theme and a collection year."""

    collection: str
    areas: str
    theme: str
    year: str
    version: str

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return (
            f"social-housing-{self.collection}_{self.areas}_{self.theme}_{self.year}"
            f"_v{self.version}"
        )

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of the cells that it is made of."""
        return ("local_authority",) if self.areas == "local-authorities" else ("england", "region")

    def title(self, year_label: str) -> str:
        """What it holds, in words."""
        return (
            f"Social housing {self.collection}: {THEMES[self.theme].lower()}, "
            f"{AREAS[self.areas]}, {year_label}"
        )
