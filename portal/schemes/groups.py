"""Management groups: made, looked at, changed."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.accounts import Person
from data_access.institutions import Institution, managers_for
from data_access.scheme_changes import NameTaken, change_group, create_group
from data_access.scheme_codes import ARRANGEMENT_TYPES
from data_access.scheme_list import schemes_of_group
from data_access.schemes import ManagementGroup
from data_access.versions import ChangedMeanwhile
from portal.forms import Posted
from portal.history import history_of
from portal.permissions import find, may, may_do, require, scope
from portal.schemes.answering import day_of, number_of, private_page
from portal.schemes.listing import may_create_group
from portal.schemes.reading import LINKED, NAMED, OWNER, read_group
from portal.schemes.words import GROUP_LABELS, scheme_tag, show_values, value_in_words
from portal.sessions import Database, SignedIn

router = APIRouter()
FIELDS = ("name", "arrangement_type", "managed_by", "agent_id", "agent_name")
GROUP_TAKEN = "The institution has a group of this name already. Choose another name"
_HISTORY = {
    "group_made": "Made the group",
    "group_changed": "Changed the group",
    "group_code_given": "Gave the group its code, with its first approved scheme",
    "group_continued": "Made the group in a merger of institutions",
    "group_ended_by_merger": "Ended the group in a merger of institutions",
    "group_moved_by_merger": "Moved the group in a merger of institutions",
    "group_agent_followed_merger": "Changed the agent in a merger of institutions",
}


@router.get("/schemes/groups/new")
def new_group_page(request: Request, db: Database, person: SignedIn) -> Response:
    """The form for a new group of the own institution."""
    owner = _own_institution(db, person)
    return _form(request, db, owner, None, dict.fromkeys(FIELDS, ""))


@router.post("/schemes/groups/new")
def create_group_page(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Makes a group of the own institution, or says what is wrong."""
    owner = _own_institution(db, person)
    typed = {name: posted.get(name, "") for name in FIELDS}
    values, errors = read_group(typed, [agent.id for agent in _agents(db, owner.id)])
    if errors:
        return _form(request, db, owner, None, typed, 422, errors=errors)
    try:
        group = create_group(db, person.id, owner.id, values)
    except NameTaken:
        db.rollback()
        return _form(request, db, owner, None, typed, 422, errors={"name": GROUP_TAKEN})
    db.commit()
    return RedirectResponse(f"/schemes/groups/{group.id}?done=made", 303)


@router.get("/schemes/groups/{group_id}")
def group_page(
    request: Request, db: Database, person: SignedIn, group_id: int, done: str = ""
) -> Response:
    """A group with its schemes."""
    group: ManagementGroup = find(db, person, "group.view", group_id)
    day = day_of(request)
    may_change = may_do(db, person, "group.change", group)
    return private_page(
        request,
        "group.html",
        group=group,
        owner=db.get_one(Institution, group.owner_id),
        rows=_rows(db, group),
        schemes=[
            (one, scheme_tag(one, day))
            for one in schemes_of_group(db, group, scope(person, "scheme.view"))
        ],
        tabs=_tabs(db, person, group),
        may_change=may_change,
        may_add=may_change and may(person, "group.create"),
        done={"made": "The group is made. Now add its first scheme.", "saved": "Saved."}.get(done),
    )


@router.get("/schemes/groups/{group_id}/edit")
def edit_group_page(request: Request, db: Database, person: SignedIn, group_id: int) -> Response:
    """The form with the group as it is."""
    group: ManagementGroup = find(db, person, "group.change", group_id)
    owner = db.get_one(Institution, group.owner_id)
    return _form(request, db, owner, group, _texts(group))


@router.post("/schemes/groups/{group_id}/edit")
def change_group_page(
    request: Request, db: Database, person: SignedIn, group_id: int, posted: Posted
) -> Response:
    """Saves a group, or says what is wrong with it or who changed it meanwhile."""
    group: ManagementGroup = find(db, person, "group.change", group_id)
    owner = db.get_one(Institution, group.owner_id)
    typed = {name: posted.get(name, "") for name in FIELDS}
    version = number_of(posted.get("version", ""))
    allowed = [agent.id for agent in _agents(db, owner.id, group)]
    values, errors = read_group(typed, allowed)
    if errors:
        return _form(request, db, owner, group, typed, 422, version=version, errors=errors)
    try:
        change_group(db, person.id, group, version, values)
    except NameTaken:
        db.rollback()
        wrong = {"name": GROUP_TAKEN}
        return _form(request, db, owner, group, typed, 422, version=version, errors=wrong)
    except ChangedMeanwhile:
        show = show_values(db)
        differences = [
            (label, show(name, theirs), show(name, values[name]))
            for name, label in GROUP_LABELS.items()
            if name in values and (theirs := getattr(group, name)) != values[name]
        ]
        return _form(request, db, owner, group, typed, 409, differences=differences)
    db.commit()
    return RedirectResponse(f"/schemes/groups/{group.id}?done=saved", 303)


@router.get("/schemes/groups/{group_id}/history")
def group_history_page(request: Request, db: Database, person: SignedIn, group_id: int) -> Response:
    """What was changed in a group, newest first."""
    group: ManagementGroup = find(db, person, "group.history", group_id)
    return private_page(
        request,
        "history.html",
        title=group.name,
        code=group.code,
        tabs=_tabs(db, person, group),
        back=(f"/schemes/groups/{group.id}", "Management group"),
        events=history_of(db, ("group", group.id), _HISTORY, GROUP_LABELS, show_values(db)),
    )


def _own_institution(db: Database, person: Person) -> Institution:
    require(person, "group.create")
    own = db.get(Institution, person.institution_id) if person.institution_id else None
    if own is None or not may_create_group(person, own):
        raise HTTPException(
            403,
            "Only an institution that owns homes has groups and schemes. Ask the owner of the "
            "homes that you manage to make them; approved ones appear under Schemes.",
        )
    return own


def _agents(db: Database, owner_id: int, group: ManagementGroup | None = None) -> list[Institution]:
    """Institutions that manage homes for the owner today, and the one that the group names."""
    found = {one.id: one for one in managers_for(db, owner_id) if one.id != owner_id}
    if group is not None and group.agent_id is not None:
        found[group.agent_id] = db.get_one(Institution, group.agent_id)
    return sorted(found.values(), key=lambda one: one.name)


def _texts(group: ManagementGroup) -> dict[str, str]:
    managed_by = LINKED if group.agent_id else NAMED if group.agent_name else OWNER
    return {
        "name": group.name,
        "arrangement_type": group.arrangement_type,
        "managed_by": managed_by,
        "agent_id": str(group.agent_id or ""),
        "agent_name": group.agent_name,
    }


def _rows(db: Database, group: ManagementGroup) -> list[tuple[str, str]]:
    agent = db.get(Institution, group.agent_id) if group.agent_id else None
    owner = db.get_one(Institution, group.owner_id)
    return [
        ("Owner", owner.name),
        ("Support is provided by", value_in_words("arrangement_type", group.arrangement_type)),
        ("Managed by", agent.name if agent else group.agent_name or "The owner"),
    ]


def _tabs(db: Database, person: Person, group: ManagementGroup) -> list[tuple[str, str]]:
    here = f"/schemes/groups/{group.id}"
    found = [(here, "Group and schemes")]
    if may_do(db, person, "group.history", group):
        found.append((f"{here}/history", "History"))
    return found


def _form(
    request: Request,
    db: Database,
    owner: Institution,
    group: ManagementGroup | None,
    typed: dict[str, str],
    status: int = 200,
    version: int | None = None,
    errors: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    shown = version if version is not None else group.version if group else 0
    return private_page(
        request,
        "group_form.html",
        status,
        owner=owner,
        group=group,
        typed=typed,
        version=shown,
        arrangements=ARRANGEMENT_TYPES,
        agents=[(agent.id, agent.name) for agent in _agents(db, owner.id, group)],
        errors=errors or {},
        error=bool(errors),
        **context,
    )
