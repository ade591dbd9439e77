"""Whose each row is: owner, manager, person responsible, scheme and location, within reach.

A row whose owner, manager or person cannot be found, or is not the uploader's to name, cannot
become a log: nobody would be there to put it right.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.institutions import Institution
from data_access.schemes import Location, Scheme, locations_of
from submission.answers import Answer, whole_number
from submission.collection import load
from submission.reach import possible_managers, possible_owners
from submission.uploads.layout import PARTIES, Problem, fields_of
from submission.uploads.reading import UploadTable


@dataclass(frozen=True)
class RowParties:
    """Whom one row names. `problems` that stop mean that owner, manager or person is not there."""

    owner: Institution | None
    manager: Institution | None
    person: Account | None
    scheme: Scheme | None
    location: Location | None
    location_count: int
    problems: tuple[Problem, ...]

    def answers(self) -> dict[str, Answer]:
        """What was found, as answers of the log."""
        found = (self.owner, self.manager, self.person, self.scheme, self.location)
        return {name: thing.id for name, thing in zip(PARTIES, found, strict=True) if thing}


@dataclass
class PartyFinder:
    """Looks each name up once, as the uploader may."""

    db: Session
    uploader: Account
    _managers: dict[int, dict[str, Institution]] = field(default_factory=dict)
    _people: dict[str, Account | None] = field(default_factory=dict)
    _schemes: dict[str, Scheme | None] = field(default_factory=dict)
    _locations: dict[int, list[Location]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owners = {_code(i.code): i for i in possible_owners(self.db, self.uploader)}

    def find(self, table: UploadTable) -> dict[int, RowParties]:
        """The parties of every row."""
        fields = fields_of(load(table.collection, table.year))
        numbers = tuple(fields[name][0] for name in PARTIES)
        needs = fields["needstype"][0]
        columns = [table.rows[number].tolist() for number in (*numbers, needs)]
        return {
            row: self._row(row, numbers, texts)
            for row, *texts in zip(table.row_numbers, *columns, strict=True)
        }

    def _row(self, row: int, numbers: tuple[int, ...], texts: list[str]) -> RowParties:
        problems: list[Problem] = []

        def problem(at: int, message: str, stops: bool = True) -> None:
            problems.append(Problem(row, (numbers[at],), (PARTIES[at],), message, texts[at], stops))

        owner = self.owners.get(_code(texts[0]))
        if not texts[0]:
            problem(0, "Enter the owner's code, such as ORG1.")
        elif owner is None:
            problem(
                0,
                "No stock owner whose homes you may report has this code. Check it, or ask an "
                "administrator to link your institution with the owner.",
            )
        manager = self._manager(owner, texts[1])
        if not texts[1]:
            problem(1, "Enter the manager's code, such as ORG1.")
        elif owner is not None and manager is None:
            problem(1, "No institution with this code manages homes of this owner for you.")
        person = self._person(texts[2], owner, manager)
        if person is None and texts[2]:
            problem(2, "No active person of the owner or manager has this e-mail address.")
        elif person is None:
            problem(2, "Enter the e-mail address of the person responsible for this log.")
        scheme = location = None
        if whole_number(texts[5]) == 2:
            scheme, location = self._scheme(texts[3], texts[4], owner, manager, problem)
        count = len(self._locations[scheme.id]) if scheme else 0
        return RowParties(owner, manager, person, scheme, location, count, tuple(problems))

    def _manager(self, owner: Institution | None, text: str) -> Institution | None:
        if owner is None:
            return None
        if owner.id not in self._managers:
            found = possible_managers(self.db, self.uploader, owner.id)
            self._managers[owner.id] = {_code(manager.code): manager for manager in found}
        return self._managers[owner.id].get(_code(text))

    def _person(
        self, text: str, owner: Institution | None, manager: Institution | None
    ) -> Account | None:
        email = text.lower()
        if not email:
            return self.uploader if self.uploader.institution_id is not None else None
        if email not in self._people:
            self._people[email] = self.db.scalar(
                select(Account).where(Account.email == email, Account.active)
            )
        person = self._people[email]
        within = {found.id for found in (owner, manager) if found is not None}
        # While owner and manager are not known themselves, only that problem is reported.
        if person is None or (within and person.institution_id not in within):
            return None
        return person

    def _scheme(
        self,
        scheme_text: str,
        location_text: str,
        owner: Institution | None,
        manager: Institution | None,
        problem: Callable[[int, str, bool], None],
    ) -> tuple[Scheme | None, Location | None]:
        within = {found.id for found in (owner, manager) if found is not None}
        code = _code(scheme_text)
        if code not in self._schemes:
            wanted = f"S{code}" if code.isdecimal() else code
            self._schemes[code] = self.db.scalar(select(Scheme).where(Scheme.code == wanted))
        scheme = self._schemes[code]
        if not scheme_text:
            problem(3, "Enter the scheme's code, such as S12.", False)
            return None, None
        if scheme is None or scheme.owner_id not in within:
            problem(3, "No scheme of this owner or manager has this code.", False)
            return None, None
        if scheme.id not in self._locations:
            self._locations[scheme.id] = locations_of(self.db, scheme.id)
        locations = self._locations[scheme.id]
        if not location_text and len(locations) == 1:
            return scheme, locations[0]
        number = whole_number(location_text)
        location = next((found for found in locations if found.id == number), None)
        if location is None:
            problem(4, "Enter the number of a location of this scheme.", False)
        return scheme, location


def _code(text: str) -> str:
    """A code as it is compared: capitals, no spaces, no leading zeros after its letters."""
    plain = "".join(text.upper().split())
    letters = plain.rstrip("0123456789")
    digits = plain[len(letters) :].lstrip("0")
    return f"{letters}{digits}"
