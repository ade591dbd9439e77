"""The record of an institution: who sees it, who changes it, and what is refused."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_access.audit import history
from data_access.clock import today
from data_access.institution_activity import deactivate
from data_access.institution_records import create_institution
from data_access.institutions import Institution, InstitutionLink
from data_access.reference.local_authorities import local_authorities
from portal.institutions.reading import read_institution
from submission.reach import shows_stock
from tests.portal.conftest import sign_in_as

HOSTILE = "<script>alert(1)</script>\u202e\u0007" + "x" * 150
DETAILS = "/institutions/1/change/details"
NEW = {
    "name": "Quince Homes",
    "registration_number": "l9999",
    "telephone": "01632 960 123",
    "address_line1": "1 Road",
    "town": "Ashby",
    "postcode": "le651aa",
    "owns_affordable_rent": "yes",
    "owns_almshouses": "no",
    "holds_stock": "yes",
    "provider_type": "PRP",
    "general_needs_stock": "1,200",
    "supported_stock": "30",
    "managed_by": "itself",
    "local_authorities": ["E06000001", "E12000007"],
    "rent_periods": ["1", "4"],
}


@pytest.fixture
def admin(demonstration: TestClient) -> TestClient:
    sign_in_as(demonstration, "admin")
    return demonstration


def stored(client: TestClient, identifier: int) -> Institution:
    """The record as it is in the database now."""
    app: Any = client.app
    with app.state.session_factory() as db:
        found: Institution = db.get_one(Institution, identifier)
        return found


def in_database(client: TestClient, work: Callable[[Session], Any]) -> Any:
    """Does something in the portal's database and commits it."""
    app: Any = client.app
    with app.state.session_factory() as db:
        found = work(db)
        db.commit()
        return found


def words(answer: Response) -> str:
    """A page as one reads it."""
    main = answer.text.partition("<main")[2] or answer.text
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def fields(client: TestClient, address: str) -> dict[str, Any]:
    """What a browser would send for the form of a page, unchanged."""
    text = client.get(address).text.partition("<main")[2]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", text):
        parts = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        name, value = parts.get("name"), unescape(parts.get("value", ""))
        if name is None:
            continue
        if parts["type"] in ("checkbox", "radio"):
            if " checked" in tag:
                found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def created(client: TestClient, **changes: Any) -> Response:
    return client.post("/institutions/new", data=NEW | changes)


def test_each_goes_to_the_own_record_and_others_to_the_list(demonstration: TestClient) -> None:
    for name, address in (
        ("coordinator", "/institutions/1"),
        ("provider7", "/institutions/7"),
        ("admin", "/institutions"),
        ("statistician", "/institutions"),
    ):
        sign_in_as(demonstration, name)
        assert demonstration.get("/institution").headers["location"] == address
    demonstration.cookies.clear()
    assert demonstration.get("/institution").headers["location"].startswith("/sign-in")


def test_the_whole_record_can_be_read_by_its_people(demonstration: TestClient) -> None:
    for name in ("coordinator", "provider"):
        sign_in_as(demonstration, name)
        one = stored(demonstration, 1)
        text = words(demonstration.get("/institutions/1"))
        assert "CORE ID ORG1" in text and "Registration number L4001" in text
        assert "Type Private registered provider (PRP)" in text
        assert "Telephone 01632 960 001" in text and "1 High Street" in text
        assert f"General needs homes {one.general_needs_stock:,}" in text
        assert f"All homes {one.stock:,}" in text
        assert "Data Sharing Agreement Signed. Open the agreement" in text
        assert "33 local authorities" in words(demonstration.get("/institutions/1/areas"))
        assert "Weekly for 52 weeks" in words(demonstration.get("/institutions/1/rent-periods"))
        relations = words(demonstration.get("/institutions/1/relations"))
        assert "(itself) ORG1 No first day until further notice In force" in relations
        assert stored(demonstration, 1).name in words(demonstration.get("/institutions/1/names"))
        assert "Nothing has been changed" in words(demonstration.get("/institutions/1/history"))
        for tab in ("", "/areas", "/rent-periods", "/relations", "/names"):
            page = demonstration.get(f"/institutions/1{tab}")
            assert "Report a mistake" in page.text
            assert "/change/" not in page.text and "/deactivate" not in page.text
            assert page.headers["cache-control"] == "private, no-store"


def test_people_and_schemes_are_linked_for_those_who_may_open_them(
    demonstration: TestClient,
) -> None:
    for name, number, links in (
        ("coordinator", 1, ["/people", "/schemes"]),
        ("provider", 1, ["/schemes"]),
        ("coordinator", 5, []),
        ("admin", 9, ["/people?institution=9", "/schemes?owner=9"]),
    ):
        sign_in_as(demonstration, name)
        main = demonstration.get(f"/institutions/{number}").text.partition("<main")[2]
        assert re.findall(r'href="(/(?:people|schemes)[^"]*)"', main) == links
        assert all(demonstration.get(link).status_code == 200 for link in links)


def test_out_of_reach_is_answered_as_what_does_not_exist(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "provider")

    def answer(address: str) -> tuple[int, str]:
        got = demonstration.get(address)
        return got.status_code, re.sub(r"[0-9A-F]{8}", "", words(got))

    for end in ("", "/areas", "/relations", "/names", "/history", "/mistakes", "/change/details"):
        assert answer(f"/institutions/2{end}") == answer(f"/institutions/9999{end}")
        assert answer(f"/institutions/2{end}")[0] == 404
    for identifier in ("0", "99999999999999999999", "-1", "x"):
        assert demonstration.get(f"/institutions/{identifier}").status_code == 404
    assert demonstration.get("/institutions").status_code == 404
    # A child may be looked at by the co-ordinators of its parent, and its history not.
    sign_in_as(demonstration, "coordinator")
    assert demonstration.get("/institutions/5").status_code == 200
    assert demonstration.get("/institutions/5/history").status_code == 403


def test_nobody_but_administrators_changes_anything(demonstration: TestClient) -> None:
    ends = (
        "change/details",
        "change/areas",
        "relations/new",
        "names/new",
        "deactivate",
        "relations/1",
    )
    for name in ("coordinator", "provider", "statistician"):
        sign_in_as(demonstration, name)
        for end in ends:
            assert demonstration.get(f"/institutions/1/{end}").status_code == 403
            assert demonstration.post(f"/institutions/1/{end}", data=NEW).status_code == 403
        assert demonstration.get("/institutions/new").status_code == 404
        assert created(demonstration).status_code == 404
    assert stored(demonstration, 1).version == 1


def test_the_list_is_searched_narrowed_sorted_and_paged(admin: TestClient) -> None:
    assert "150 institutions" in words(admin.get("/institutions"))
    assert "Page 1 of 3" in words(admin.get("/institutions"))
    assert "Page 3 of 3" in words(admin.get("/institutions?page=99"))
    assert "1 institution. Show all" in words(admin.get("/institutions?search=org77"))
    assert "1 institution. Show all" in words(admin.get("/institutions?search=L4012"))
    assert "45 institutions" in words(admin.get("/institutions?type=LA"))
    unsigned = select(func.count()).where(Institution.data_sharing_signed.is_(False))
    count = in_database(admin, lambda db: db.scalar(unsigned))
    assert 0 < count < 150
    assert re.search(
        rf"\b{count} institutions?\. Show", words(admin.get("/institutions?signed=no"))
    )
    assert "No institution fits" in words(admin.get("/institutions?state=merged"))
    by_code = re.findall(r"\bORG\d+", words(admin.get("/institutions?sort=code")))
    assert by_code[:3] == ["ORG1", "ORG2", "ORG3"]
    kept = admin.get("/institutions?type=PRP&sort=stock").text
    assert "type=PRP&amp;sort=stock&amp;page=2" in kept
    hostile = admin.get("/institutions", params={"search": HOSTILE, "state": HOSTILE})
    assert hostile.status_code == 200
    assert "<script>alert" not in hostile.text


def test_statisticians_see_the_list_without_the_button(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "statistician")
    assert "Create an institution" not in demonstration.get("/institutions").text
    assert demonstration.get("/institutions/9").status_code == 200
    assert demonstration.get("/institutions/9/mistakes").status_code == 404


def test_an_administrator_creates_an_institution(admin: TestClient) -> None:
    answer = created(admin)
    assert answer.headers["location"] == "/institutions/151?done=created"
    one = stored(admin, 151)
    assert (one.code, one.name, one.registration_number) == ("ORG151", "Quince Homes", "L9999")
    assert (one.stock, one.postcode, one.data_sharing_signed) == (1230, "LE65 1AA", False)
    # A whole region was ticked beside one authority.
    assert len(one.local_authorities) == 34 and one.rent_periods == [1, 4]
    assert "(itself) ORG151" in words(admin.get("/institutions/151/relations"))
    assert "Created the institution" in words(admin.get("/institutions/151/history"))
    assert "is created" in words(admin.get(answer.headers["location"]))


def test_every_error_stands_in_the_summary_and_at_its_field_and_nothing_is_lost(
    admin: TestClient,
) -> None:
    answer = created(
        admin,
        name=" ",
        telephone="123",
        postcode="nowhere",
        owns_almshouses="",
        provider_type="",
        general_needs_stock="many",
        town="Long town " * 20,
    )
    assert answer.status_code == 422
    assert "<title>Error: Create" in answer.text
    for field, message in (
        ("name", "Enter the name of the institution"),
        ("telephone", "Enter a telephone number of at least 11 digits"),
        ("postcode", "Enter a full postcode"),
        ("owns_almshouses", "Choose yes or no: does it own almshouses?"),
        ("provider_type", "Choose what kind of institution it is"),
        ("general_needs_stock", "must be a whole number"),
        ("town", "must be 100 characters or fewer"),
    ):
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}"' in answer.text
        assert words(answer).count(message) == 2, message
    assert 'value="many"' in answer.text and 'value="123"' in answer.text
    assert re.search(r'value="E06000001" ?checked', answer.text)


def test_what_cannot_be_is_refused(admin: TestClient) -> None:
    refused: list[tuple[dict[str, Any], str]] = [
        ({"unspecified_stock": "5"}, "if the split is known, or all homes as unspecified"),
        ({"supported_stock": ""}, "Enter the number of supported housing homes too, or 0"),
        ({"general_needs_stock": "-3"}, "must be a whole number between 0 and"),
        ({"local_authorities": ["E99999999"]}, "Not known as a local authority in England"),
        ({"rent_periods": ["12"]}, "Not known as a rent period: 12"),
        ({"registration_number": "L4001"}, "(ORG1) has the registration number L4001 already"),
        ({"managed_by": "other", "first_child": "ORG999"}, "No active institution has this name"),
        ({"managed_by": "other", "first_child": " "}, "Enter the institution that manages"),
        ({"name": "x" * 300}, "must be 200 characters or fewer; it has 300"),
    ]
    for changes, message in refused:
        answer = created(admin, **changes)
        assert answer.status_code == 422
        assert message in words(answer)


def test_a_name_that_another_has_is_refused_in_any_letter_case(admin: TestClient) -> None:
    name = stored(admin, 3).name
    assert "is called" in words(created(admin, name=name.upper()))
    assert created(admin).status_code == 303
    answer = created(admin, registration_number="")
    assert answer.status_code == 422
    assert "Another institution is called Quince Homes already" in words(answer)


def test_a_hostile_name_is_harmless_and_keeps_its_place(admin: TestClient) -> None:
    assert created(admin, name=HOSTILE).status_code == 303
    name = stored(admin, 151).name
    assert name == "<script>alert(1)</script>" + "x" * 150
    for end in ("", "/history", "/names", "/relations", "/change/details", "/deactivate"):
        text = admin.get(f"/institutions/151{end}").text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_a_holder_without_a_figure_is_made_with_a_warning(admin: TestClient) -> None:
    answer = created(admin, general_needs_stock="", supported_stock="")
    page = words(admin.get(answer.headers["location"]))
    assert "shows no stock figure, so nobody can submit for it. Enter the number" in page
    assert not shows_stock(stored(admin, 151))


def test_people_of_one_without_a_figure_are_told_whom_to_ask(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "coordinator104")
    page = words(demonstration.get("/institutions/104"))
    assert "shows no stock figure, so nobody can submit for it. Ask " in page
    assert "'Report a mistake'" in page


def test_one_without_stock_has_neither_type_nor_figures_nor_children(admin: TestClient) -> None:
    created(admin, holds_stock="no", provider_type="")
    one = stored(admin, 151)
    assert (one.holds_stock, one.general_needs_stock, one.supported_stock) == (False, None, None)
    page = words(admin.get("/institutions/151"))
    assert "Holds stock No" in page and "Type " not in page and "General needs" not in page
    assert "It holds no stock, so it has no children" in words(
        admin.get("/institutions/151/relations")
    )


def test_the_first_child_of_a_new_holder_can_be_another(admin: TestClient) -> None:
    child = stored(admin, 5)
    created(admin, managed_by="other", first_child=f"{child.name} ({child.code})")
    links = in_database(
        admin,
        lambda db: list(db.scalars(select(InstitutionLink).where(InstitutionLink.owner_id == 151))),
    )
    assert [link.manager_id for link in links] == [5]


def test_details_are_changed_and_told_in_the_history(admin: TestClient) -> None:
    form = fields(admin, DETAILS) | {"telephone": "01632 960 999", "owns_almshouses": "yes"}
    assert admin.post(DETAILS, data=form).headers["location"] == "/institutions/1?done=changed"
    text = words(admin.get("/institutions/1/history"))
    assert "Ada Administrator Changed the record" in text
    assert "Telephone: 01632 960 999 , before: 01632 960 001" in text
    assert "Owns almshouses: yes , before: no" in text
    again = fields(admin, DETAILS)
    assert admin.post(DETAILS, data=again).headers["location"].endswith("?done=unchanged")


def test_lists_are_changed_and_their_history_says_what_came_and_went(admin: TestClient) -> None:
    areas = "/institutions/106/change/areas"
    before = stored(admin, 106).local_authorities
    form = fields(admin, areas) | {"local_authorities": ["E06000001"]}
    assert admin.post(areas, data=form).headers["location"].startswith("/institutions/106/areas")
    text = words(admin.get("/institutions/106/history"))
    assert "Local authorities covered, added: Hartlepool" in text
    assert f"taken away: {local_authorities()[before[0]].name}" in text
    periods = "/institutions/106/change/periods"
    admin.post(periods, data=fields(admin, periods) | {"rent_periods": []})
    assert "No rent period is named" in words(admin.get("/institutions/106/rent-periods"))


def test_what_two_change_in_different_places_is_saved_for_both(admin: TestClient) -> None:
    mine = fields(admin, DETAILS) | {"telephone": "01632 960 999"}
    theirs = fields(admin, DETAILS) | {"town": "Elsewhere"}
    assert admin.post(DETAILS, data=theirs).status_code == 303
    assert admin.post(DETAILS, data=mine).status_code == 303
    one = stored(admin, 1)
    assert (one.telephone, one.town) == ("01632 960 999", "Elsewhere")


def test_what_two_change_at_once_is_shown_to_the_second(admin: TestClient) -> None:
    mine = fields(admin, DETAILS) | {"telephone": "01632 960 999", "town": "Mine"}
    theirs = fields(admin, DETAILS) | {"telephone": "01632 960 555", "county": "Theirs"}
    admin.post(DETAILS, data=theirs)
    answer = admin.post(DETAILS, data=mine)
    assert answer.status_code == 409
    text = words(answer)
    assert "saved now: 01632 960 555 yours: 01632 960 999" in text
    assert stored(admin, 1).telephone == "01632 960 555"
    # The form has both: saving it again keeps what was typed and the other's county.
    assert 'value="Theirs"' in answer.text and 'value="Mine"' in answer.text
    again = {**mine, "county": "Theirs", "version": "2", "was": "{}"}
    assert admin.post(DETAILS, data=again).status_code == 303
    assert stored(admin, 1).telephone == "01632 960 999"


def test_a_form_whose_hidden_fields_were_meddled_with_loses_nothing(admin: TestClient) -> None:
    form = fields(admin, DETAILS) | {"telephone": "01632 960 999", "version": "x"}
    for was in ("", "[1]", "null", "[" * 4000, '{"telephone": {}}'):
        assert admin.post(DETAILS, data=form | {"was": was}).status_code == 409
    assert stored(admin, 1).telephone == "01632 960 001"


def test_sections_that_are_not_there_are_not_found(admin: TestClient) -> None:
    assert admin.get("/institutions/1/change/everything").status_code == 404
    assert admin.post("/institutions/1/change/everything").status_code == 404


def test_stock_cannot_be_taken_from_a_parent_and_the_message_says_what_to_do(
    admin: TestClient,
) -> None:
    form = fields(admin, DETAILS) | {"holds_stock": "no"}
    answer = admin.post(DETAILS, data=form)
    assert answer.status_code == 422
    assert "manages its homes. End this relation first, under 'Parents and children'" in words(
        answer
    )
    assert stored(admin, 1).holds_stock


def test_one_that_begins_to_hold_stock_becomes_its_own_child(admin: TestClient) -> None:
    address = "/institutions/5/change/details"
    stock = {
        "holds_stock": "yes",
        "provider_type": "PRP",
        "unspecified_stock": "40",
    } | dict.fromkeys(("general_needs_stock", "supported_stock"), "")
    admin.post(address, data=fields(admin, address) | stock | {"managed_by": "itself"})
    assert stored(admin, 5).stock == 40
    assert "(itself) ORG5 24 November 2026" in words(admin.get("/institutions/5/relations"))


def test_a_merged_institution_is_read_and_not_changed(admin: TestClient) -> None:
    def merge(db: Session) -> None:
        one = db.get_one(Institution, 7)
        one.active, one.merged_into_id = False, 8

    in_database(admin, merge)
    page = admin.get("/institutions/7")
    assert "Merged It went into" in words(page)
    assert 'href="/institutions/8"' in page.text and "/change/" not in page.text
    for end in ("change/details", "names/new", "relations/new", "reactivate"):
        refused = admin.get(f"/institutions/7/{end}")
        assert refused.status_code == 403
        assert "has been merged into another" in words(refused)


def test_a_record_is_read_from_texts_without_a_request(admin: TestClient) -> None:
    def work(db: Session) -> tuple[Any, ...]:
        row = {
            "name": "Imported\u200b Homes",
            "holds_stock": "Y",
            "owns_affordable_rent": "No",
            "owns_almshouses": "no",
            "provider_type": "local authority",
            "unspecified_stock": "12",
            "local_authorities": "Bristol, City of; e06000002 ;north east",
            "rent_periods": "1, weekly for 48 weeks",
        }
        values, errors = read_institution(db, row, today())
        one = create_institution(db, None, values, today())
        partial = read_institution(db, {"telephone": "1", "name": one.name}, today(), one)
        return values, errors, one, partial

    values, errors, one, (changes, wrong) = in_database(admin, work)
    assert errors == {}
    assert (values["name"], values["provider_type"]) == ("Imported Homes", "LA")
    assert len(values["local_authorities"]) == 13 and values["rent_periods"] == [1, 7]
    assert one.code == "ORG151" and one.stock == 12
    assert list(wrong) == ["telephone"] and changes == {"name": "Imported Homes"}


def test_an_inactive_institution_is_no_choice_anywhere(admin: TestClient) -> None:
    in_database(admin, lambda db: deactivate(db, None, db.get_one(Institution, 9), 1))
    name = stored(admin, 9).name
    assert name not in admin.get("/institutions/1/relations/new").text
    assert name not in admin.get("/institutions/new").text
    assert "Deactivated It can be chosen nowhere" in words(admin.get("/institutions/9"))
    assert "1 institution. Show all" in words(admin.get("/institutions?state=deactivated"))


def test_every_change_is_one_event_with_before_and_after(admin: TestClient) -> None:
    admin.post(DETAILS, data=fields(admin, DETAILS) | {"town": "Elsewhere"})
    events = in_database(admin, lambda db: history(db, ("institution", 1)))
    assert [event.action for event in events] == ["institution_changed"]
    assert json.dumps(events[0].detail["changes"]["town"]).endswith('"Elsewhere"]')
