"""Taking in rows of schemes: whose it is, then its group, the scheme itself, and a location."""

import re
from collections.abc import Mapping

from sqlalchemy import func, select

from data_access.institution_list import active_by_words
from data_access.institutions import Institution, managers_for
from data_access.reference.local_authorities import local_authorities
from data_access.scheme_changes import (
    NameTaken,
    add_location,
    change_group,
    change_location,
    change_scheme,
    create_group,
    create_scheme,
)
from data_access.scheme_codes import code_of
from data_access.schemes import (
    APPROVED,
    SUBMITTED,
    Location,
    ManagementGroup,
    Scheme,
    locations_of,
)
from portal.exchange.kinds import CHANGED, NEW, SAME, Done, RowWrong, Setting
from portal.exchange.scheme_columns import (
    COLUMNS,
    GROUP_FIELDS,
    LOCATION_FIELDS,
    MANAGED_BY_OWNER,
    SCHEME_FIELDS,
    group_texts,
    location_texts,
    means_the_same,
    scheme_texts,
)
from portal.permissions import may_do, scope
from portal.plain_text import read_postcode, tidy
from portal.schemes.reading import LINKED, NAMED, OWNER, read_group, read_location, read_scheme

_LIKE_A_CODE = re.compile(r"(ORG|LA)?\d+", re.IGNORECASE)
_HEADINGS = {column.name: column.heading for column in COLUMNS}
# What else than its name a group, scheme or location is found by.
_CODES_OF = {
    "group": {"group_code", "scheme_code"},
    "scheme": {"scheme_code"},
    "location": {"location_code"},
}
_NAMES = {"group_name", "scheme_name", "location_name"}
Texts = Mapping[str, str]
Change = tuple[str, str, str]


class SchemeRows:
    """Takes in the rows of one file. Rows of one scheme must not say different things of it."""

    def __init__(self, setting: Setting) -> None:
        self._db = setting.db
        self._by = setting.by
        # What earlier rows said of a group, scheme or location, by kind and identifier.
        self._said: dict[tuple[str, int], set[str]] = {}

    def take(self, values: Texts) -> Done:
        """Takes in a row. Raises RowWrong."""
        given = {name: text for name, text in values.items() if text}
        scheme = self._scheme_of_code(given)
        if scheme is not None and not may_do(self._db, self._by, "scheme.change", scheme):
            return self._look_only(scheme, given)
        owner = self._owner(given, scheme)
        group, group_changes, group_is_new = self._group(owner, given, scheme)
        scheme, scheme_changes, scheme_is_new = self._scheme(group, given, scheme)
        place, place_changes, place_is_new = self._location(scheme, given)
        said = (("group", group.id, GROUP_FIELDS), ("scheme", scheme.id, SCHEME_FIELDS))
        for kind, number, columns in said:
            self._said.setdefault((kind, number), set()).update(set(columns) & set(given))
        if place is not None:
            self._said.setdefault(("location", place.id), set()).update(
                set(LOCATION_FIELDS) & set(given)
            )
        changes = [*group_changes, *scheme_changes, *place_changes]
        is_new = group_is_new or scheme_is_new or place_is_new
        what = f"{scheme.name}, {_called(place)}" if place is not None else scheme.name
        outcome = NEW if is_new else CHANGED if changes else SAME
        return Done(outcome, what, f"/schemes/{scheme.id}", changes)

    def _scheme_of_code(self, given: Texts) -> Scheme | None:
        code = tidy(given.get("scheme_code", "")).upper()
        if not code:
            return None
        found = self._db.scalar(
            select(Scheme).where(func.upper(Scheme.code) == code, scope(self._by, "scheme.view"))
        )
        if found is None:
            raise RowWrong(
                {
                    "scheme_code": f"No scheme has the code {code[:40]}. Leave it empty for a new "
                    "scheme: it is given a code when it is approved"
                }
            )
        return found

    def _look_only(self, scheme: Scheme, given: Texts) -> Done:
        """A row of another owner's scheme, as it is in an export, is left as it is."""
        group = self._db.get_one(ManagementGroup, scheme.group_id)
        place = self._find_location(scheme, given) if "location_code" in given else None
        stored = {
            **group_texts(self._db, group),
            **scheme_texts(scheme),
            **location_texts(place, not scheme.confidential),
        }
        both = [name for name in stored if name in given]
        if any(not means_the_same(name, given[name], stored[name]) for name in both):
            raise RowWrong(
                {
                    "scheme_code": f"{scheme.name} belongs to another institution. Only its owner "
                    "can change it"
                }
            )
        return Done(SAME, scheme.name, f"/schemes/{scheme.id}")

    def _owner(self, given: Texts, scheme: Scheme | None) -> Institution:
        words = tidy(given.get("owner", ""))
        named = active_by_words(self._db, words) if words else None
        number = scheme.owner_id if scheme is not None else self._by.institution_id
        if number is not None:
            own = self._db.get_one(Institution, number)
            if words and words.lower() not in (own.code.lower(), own.name.lower()):
                raise RowWrong(
                    {
                        "owner": f"The owner of this scheme is {own.name} ({own.code})"
                        if scheme is not None
                        else "You can import schemes of your own institution only"
                    }
                )
            named = own
        elif not words:
            raise RowWrong({"owner": "Enter the CORE ID of the owner, such as ORG12"})
        if named is None:
            raise RowWrong({"owner": f"No active institution has the CORE ID or name {words[:60]}"})
        if scheme is None and not (named.holds_stock and named.active):
            raise RowWrong(
                {"owner": f"{named.name} holds no stock or is not active, so it has no schemes"}
            )
        return named

    def _group(
        self, owner: Institution, given: Texts, scheme: Scheme | None
    ) -> tuple[ManagementGroup, list[Change], bool]:
        group = self._find_group(owner, given, scheme)
        stored = group_texts(self._db, group) if group is not None else {}
        differing = self._differing("group", group, given, GROUP_FIELDS, stored)
        if group is not None and not differing:
            return group, [], False
        texts = {**stored, **given}
        agents = {
            one.code.lower(): one.id
            for one in managers_for(self._db, owner.id)
            if one.id != owner.id
        }
        if group is not None and group.agent_id is not None:
            agents[self._db.get_one(Institution, group.agent_id).code.lower()] = group.agent_id
        values, errors = read_group(
            {
                "name": texts.get("group_name", ""),
                "arrangement_type": texts.get("arrangement_type", ""),
                **_managed_by(tidy(texts.get("agent", "")), agents, owner),
            },
            list(agents.values()),
        )
        _refuse(errors, {"name": "group_name", "arrangement_type": "arrangement_type"}, "agent")
        try:
            if group is None:
                made = create_group(self._db, self._by.id, owner.id, values)
                return made, _changes(GROUP_FIELDS, {}, group_texts(self._db, made)), True
            change_group(self._db, self._by.id, group, group.version, values)
        except NameTaken as taken:
            raise RowWrong(
                {"group_name": "The owner has a group of this name already. Choose another name"}
            ) from taken
        return group, _changes(GROUP_FIELDS, stored, group_texts(self._db, group)), False

    def _find_group(
        self, owner: Institution, given: Texts, scheme: Scheme | None
    ) -> ManagementGroup | None:
        code = tidy(given.get("group_code", "")).upper()
        if scheme is not None:
            group = self._db.get_one(ManagementGroup, scheme.group_id)
            if code and code != (group.code or "").upper():
                raise RowWrong(
                    {"group_code": f"{scheme.name} is in the group {group.name} ({group.code})"}
                )
            return group
        query = select(ManagementGroup).where(ManagementGroup.owner_id == owner.id)
        if code:
            found = self._db.scalar(query.where(func.upper(ManagementGroup.code) == code))
            if found is None:
                raise RowWrong(
                    {
                        "group_code": f"{owner.name} has no management group with the code "
                        f"{code[:40]}"
                    }
                )
            return found
        name = tidy(given.get("group_name", ""))
        return self._db.scalar(query.where(func.lower(ManagementGroup.name) == func.lower(name)))

    def _scheme(
        self, group: ManagementGroup, given: Texts, scheme: Scheme | None
    ) -> tuple[Scheme, list[Change], bool]:
        if scheme is None:
            name = tidy(given.get("scheme_name", ""))
            scheme = self._db.scalar(
                select(Scheme).where(
                    Scheme.group_id == group.id, func.lower(Scheme.name) == func.lower(name)
                )
            )
        stored = scheme_texts(scheme) if scheme is not None else {}
        differing = self._differing("scheme", scheme, given, SCHEME_FIELDS, stored)
        if scheme is not None and not differing:
            return scheme, [], False
        texts = {**stored, **given}
        values, errors = read_scheme(
            {name: texts.get(column, "") for column, name in SCHEME_FIELDS.items()},
            complete=scheme is not None and scheme.status in (SUBMITTED, APPROVED),
        )
        _refuse(errors, {name: column for column, name in SCHEME_FIELDS.items()})
        try:
            if scheme is None:
                made = create_scheme(self._db, self._by.id, group, values)
                return made, _changes(SCHEME_FIELDS, {}, scheme_texts(made)), True
            change_scheme(self._db, self._by.id, scheme, scheme.version, values)
        except NameTaken as taken:
            raise RowWrong(
                {"scheme_name": "The group has a scheme of this name already. Choose another name"}
            ) from taken
        return scheme, _changes(SCHEME_FIELDS, stored, scheme_texts(scheme)), False

    def _location(self, scheme: Scheme, given: Texts) -> tuple[Location | None, list[Change], bool]:
        if not given.keys() & {*LOCATION_FIELDS, "location_code"}:
            return None, [], False
        place = self._find_location(scheme, given)
        stored = location_texts(place) if place is not None else {}
        differing = self._differing("location", place, given, LOCATION_FIELDS, stored)
        if place is not None and not differing:
            return place, [], False
        texts = {**stored, **given}
        if "postcode" in differing and "local_authority" not in given:
            texts["local_authority"] = ""
        values, errors = read_location(
            {name: texts.get(column, "") for column, name in LOCATION_FIELDS.items()}
        )
        _refuse(errors, {name: column for column, name in LOCATION_FIELDS.items()})
        _refuse_other_authority(given, values)
        if place is None:
            made = add_location(self._db, self._by.id, scheme, values)
            return made, _changes(LOCATION_FIELDS, {}, location_texts(made)), True
        change_location(self._db, self._by.id, place, place.version, values)
        return place, _changes(LOCATION_FIELDS, stored, location_texts(place)), False

    def _find_location(self, scheme: Scheme, given: Texts) -> Location | None:
        """By its code, or by its postcode and name; by the postcode alone when that is enough."""
        places = locations_of(self._db, scheme.id)
        code = tidy(given.get("location_code", ""))
        if code:
            found = next((place for place in places if str(place.id) == code.lstrip("0")), None)
            if found is None:
                raise RowWrong(
                    {"location_code": f"{scheme.name} has no location with the code {code[:40]}"}
                )
            return found
        postcode, _ = read_postcode(given.get("postcode", ""))
        at = [place for place in places if place.postcode == postcode]
        name = tidy(given.get("location_name", ""))
        if not name and len(at) == 1:
            return at[0]
        return next((place for place in at if place.name.casefold() == name.casefold()), None)

    def _differing(
        self,
        kind: str,
        thing: ManagementGroup | Scheme | Location | None,
        given: Texts,
        columns: Mapping[str, str],
        stored: Texts,
    ) -> set[str]:
        """The columns in which a row differs from what is stored, or from an earlier row."""
        if thing is None:
            return set(columns)
        found = {
            name
            for name in columns
            if name in given and not means_the_same(name, given[name], stored[name])
        }
        if not given.keys() & _CODES_OF[kind]:
            # Found by its name, in any letter case: that is no other name.
            found -= {
                name
                for name in found & _NAMES
                if tidy(given[name]).casefold() == stored[name].casefold()
            }
        again = found & self._said.get((kind, thing.id), set())
        if again:
            raise RowWrong(
                {
                    name: f"An earlier row says “{stored[name][:60]}” of the same {kind}. Make "
                    "both the same"
                    for name in columns
                    if name in again
                }
            )
        return found


def _managed_by(words: str, agents: Mapping[str, int], owner: Institution) -> dict[str, str]:
    if words.lower() in ("", MANAGED_BY_OWNER, owner.code.lower(), owner.name.lower()):
        return {"managed_by": OWNER}
    if words.lower() in agents:
        return {"managed_by": LINKED, "agent_id": str(agents[words.lower()])}
    if _LIKE_A_CODE.fullmatch(words):
        raise RowWrong(
            {
                "agent": f"{words[:40]} does not manage homes of {owner.name} today. Enter the "
                "CORE ID of one of its children, or the name of another organisation"
            }
        )
    return {"managed_by": NAMED, "agent_name": words}


def _refuse(errors: Texts, columns: Mapping[str, str], otherwise: str = "") -> None:
    if errors:
        raise RowWrong({columns.get(name, otherwise): text for name, text in errors.items()})


def _refuse_other_authority(given: Texts, values: Mapping[str, object]) -> None:
    """A local authority that is given for a known postcode must be the one that it lies in."""
    words = given.get("local_authority", "")
    names = {code: place.name for code, place in local_authorities().items()}
    authority = str(values["local_authority"])
    if words and code_of(names, words) != authority:
        raise RowWrong(
            {
                "local_authority": f"{values['postcode']} lies in {names[authority]}. Check the "
                "postcode, or leave this empty"
            }
        )


def _changes(columns: Mapping[str, str], before: Texts, after: Texts) -> list[Change]:
    return [
        (_HEADINGS[name], before.get(name, ""), after[name])
        for name in columns
        if before.get(name, "") != after[name]
    ]


def _called(place: Location) -> str:
    return f"{place.postcode}, {place.name}" if place.name else place.postcode
