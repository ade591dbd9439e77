"""What a document is made from: the tables, one collection and year of them, and its words."""

from dataclasses import dataclass
from functools import cache

from data_access.reference.periods import year_label
from submission.collection import Collection, load
from submission.documents.words import Conditions
from submission.tables import Tables, own_tables


@dataclass(frozen=True, eq=False)
class Source:
    """One collection and year. Two sources are never equal, so documents can be kept by source."""

    tables: Tables
    collection: Collection
    conditions: Conditions

    @property
    def title(self) -> str:
        """Such as "Lettings 2026/27"."""
        return f"{self.collection.name.capitalize()} {year_label(self.collection.year)}"

    @property
    def slug(self) -> str:
        """For names of files, such as "lettings-2026-27"."""
        return f"{self.collection.name}-{year_label(self.collection.year).replace('/', '-')}"


@cache
def own_source(name: str, year: int) -> Source:
    """A collection and year of the project's own tables. Raises DefinitionProblems."""
    collection = load(name, year)
    return Source(own_tables(), collection, Conditions(own_tables(), collection))
