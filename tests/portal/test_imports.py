"""A file is tried out first, then its right rows are taken in, and nothing else is."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from data_access.accounts import Account, ManagedProvider, Person
from data_access.audit import AuditEvent
from data_access.imports import ImportFile, forget_expired_imports
from data_access.institutions import Institution, InstitutionLink
from data_access.messages import Message
from data_access.schemes import Location, ManagementGroup, Scheme
from data_access.settings import Settings
from portal.exchange import institutions, schemes, users
from portal.exchange.kinds import Kind, Setting
from portal.exchange.running import ImportedAlready, as_stored, import_right_rows, try_out
from portal.tables.reading import TableRow, read_table
from portal.tables.writing import write_csv, write_xlsx
from tests.portal.conftest import sign_in_as

INSTITUTIONS = "/administration/import/institutions"
USERS = "/administration/import/users"
SCHEMES = "/administration/import/schemes"
OWN_USERS = "/people/import"
OWN_SCHEMES = "/schemes/import"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def admin(demonstration: TestClient) -> TestClient:
    sign_in_as(demonstration, "admin")
    return demonstration


@pytest.fixture
def coordinator(demonstration: TestClient) -> TestClient:
    sign_in_as(demonstration, "coordinator")
    return demonstration


def _db(client: TestClient) -> Session:
    made: Session = client.app.state.session_factory()  # type: ignore[attr-defined]
    return made


def _count(client: TestClient, model: Any) -> int:
    with _db(client) as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def _file(rows: Sequence[Mapping[str, str]]) -> bytes:
    headings = list(dict.fromkeys(name for row in rows for name in row))
    return write_csv(headings, [[row.get(name, "") for name in headings] for row in rows])


def _send(client: TestClient, base: str, data: bytes, name: str = "rows.csv") -> str:
    """Uploads a file; the address of its report."""
    answer = client.post(base, files={"file": (name, data)})
    assert answer.status_code == 303, _words(answer.text)[:2000]
    address: str = answer.headers["location"]
    return address


def _try(client: TestClient, base: str, rows: Sequence[Mapping[str, str]]) -> tuple[str, str]:
    address = _send(client, base, _file(rows))
    return address, _words(client.get(f"{address}?show=all").text)


def _import(client: TestClient, address: str) -> str:
    """Presses the button of a report; what the page says then."""
    page = client.get(address).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version, _words(page)
    answer = client.post(address, data={"version": version[1]})
    assert answer.status_code == 303, _words(answer.text)
    assert answer.headers["location"] == address
    return _words(client.get(f"{address}?show=all").text)


def _words(page: str) -> str:
    """What a page shows, without its marks."""
    text = re.sub(r"<[^>]*>", " ", page.split("<main", 1)[-1])
    return re.sub(r"\s+", " ", text.replace("&#39;", "'").replace("&#34;", '"'))


def _user(number: int, **other: str) -> dict[str, str]:
    return {
        "User name": f"new.{number}",
        "Name": f"New {number}",
        "E-mail address": f"new.{number}@example.com",
        "Role": "data provider",
        **other,
    }


def _institution(number: int, **other: str) -> dict[str, str]:
    return {
        "Name": f"Newfound Homes {number}",
        "Registration number": f"N{number}",
        "Type": "PRP",
        "Owns affordable rent homes": "no",
        "Owns almshouses": "no",
        "Holds stock": "yes",
        "Homes of unspecified kind": "12",
        **other,
    }


def _scheme(**other: str) -> dict[str, str]:
    return {
        "Group name": "Imported group",
        "Support provided by": "D",
        "Managed by": "owner",
        "Scheme name": "Imported House",
        "Confidential": "no",
        "Type of scheme": "6",
        "Registered under care standards": "No",
        "Primary client group": "Rough sleepers",
        "Level of support": "3",
        "Intended length of stay": "S",
        "Postcode": "SW1A 1AA",
        "Local authority": "",
        "Units": "12",
        "Most common type of unit": "4",
        "Mobility standard": "None",
        "Available from": "27/6/2026",
        **other,
    }


# Looking first, and what is kept between looking and doing.


def test_looking_at_a_file_saves_nothing(admin: TestClient) -> None:
    before = {model: _count(admin, model) for model in (Institution, Account, AuditEvent, Message)}
    _, page = _try(admin, INSTITUTIONS, [_institution(1), {"CORE ID": "ORG2", "County": "Kent"}])
    assert "1 row creates something new" in page
    assert "1 row changes what was there" in page
    assert "Import the 2 right rows" in page
    _try(admin, USERS, [_user(1, Institution="ORG1")])
    assert {model: _count(admin, model) for model in before} == before


def test_a_file_with_half_its_rows_wrong_gives_the_right_ones_and_the_others_to_mend(
    admin: TestClient,
) -> None:
    rows = [
        _user(1, Institution="ORG1"),
        _user(2, Institution="ORG1", **{"E-mail address": "nonsense"}),
        _user(3, Institution="ORG2"),
        _user(4, Institution="ORG9999", Role="boss", Name="=1+1"),
    ]
    address, page = _try(admin, USERS, rows)
    assert "2 rows create something new" in page
    assert "2 rows are wrong and would be left out" in page
    assert "E-mail address: Enter an e-mail address in the correct form" in page
    done = _import(admin, address)
    assert "2 rows were imported." in done
    with _db(admin) as db:
        found = db.scalars(select(Account.user_name).where(Account.user_name.like("new.%")))
        assert sorted(found) == ["new.1", "new.3"]
    data = admin.get(f"{address}/to-mend.csv").content
    wrong = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row["Row in your file"] for row in wrong] == ["3", "5"]
    assert wrong[0]["E-mail address"] == "nonsense"
    assert wrong[1]["Name"] == "'=1+1"
    assert "Role: Choose a role" in wrong[1]["What is wrong"]
    assert "Institution: This institution is not known" in wrong[1]["What is wrong"]
    # The file that came back can be mended and goes in without any other change.
    for row in wrong:
        row |= {"E-mail address": f"{row['User name']}@example.com", "Institution": "ORG2"}
        row |= {"Role": "co-ordinator"}
    again = io.StringIO(newline="")
    writer = csv.DictWriter(again, list(wrong[0]))
    writer.writeheader()
    writer.writerows(wrong)
    mended = _send(admin, USERS, again.getvalue().encode())
    page = _words(admin.get(f"{mended}?show=all").text)
    assert "2 rows create something new" in page and "Not known" not in page
    _import(admin, mended)
    with _db(admin) as db:
        assert db.scalars(select(Account.name).where(Account.user_name == "new.4")).one() == "=1+1"


def test_the_rows_to_mend_come_as_a_workbook_of_text(admin: TestClient) -> None:
    address, _ = _try(admin, USERS, [_user(1, Name="=cmd", Role="boss", Telephone="01632")])
    book = load_workbook(io.BytesIO(admin.get(f"{address}/to-mend.xlsx").content))
    cells = {cell.value: cell.data_type for row in book["Users"].iter_rows() for cell in row}
    assert cells["=cmd"] == "s" and cells["01632"] == "s"


def test_what_has_changed_since_the_report_is_reported_anew_and_nothing_imported(
    admin: TestClient,
) -> None:
    address, page = _try(
        admin, INSTITUTIONS, [_institution(1), {"CORE ID": "ORG2", "County": "Kent"}]
    )
    with _db(admin) as db:
        db.execute(
            update(Institution).where(Institution.code == "ORG3").values(name="Newfound Homes 1")
        )
        db.execute(update(Institution).where(Institution.code == "ORG2").values(county="Essex"))
        db.commit()
    before = _count(admin, Institution)
    answer = admin.post(address, data={"version": "1"})
    assert answer.status_code == 409
    page = _words(answer.text)
    assert "Nothing was imported: something was changed since you looked" in page
    assert "Another institution is called Newfound Homes 1 already" in page
    assert _count(admin, Institution) == before
    assert "from Essex to Kent" in _words(admin.get(f"{address}?show=changed").text)
    assert admin.post(address, data={"version": "1"}).status_code == 409, "that report is old"
    assert "1 row was imported." in _import(admin, address)
    with _db(admin) as db:
        assert db.scalars(select(Institution.county).where(Institution.code == "ORG2")).one() == (
            "Kent"
        )


def test_pressing_the_button_twice_imports_once(admin: TestClient) -> None:
    address, _ = _try(admin, INSTITUTIONS, [_institution(1)])
    before = _count(admin, Institution)
    _import(admin, address)
    assert admin.post(address, data={"version": "1"}).status_code == 303
    assert _count(admin, Institution) == before + 1


def test_importing_is_in_the_audit_trail_with_each_change_of_a_record(admin: TestClient) -> None:
    address, _ = _try(admin, INSTITUTIONS, [_institution(1), {"CORE ID": "ORG2", "County": "Kent"}])
    with _db(admin) as db:
        last = db.scalar(select(func.max(AuditEvent.id))) or 0
    _import(admin, address)
    with _db(admin) as db:
        events = list(db.scalars(select(AuditEvent).where(AuditEvent.id > last)))
    actions = [event.action for event in events]
    assert actions.count("institution_created") == 1
    assert actions.count("institution_changed") == 1
    [whole] = [event for event in events if event.action == "file_imported"]
    assert (whole.detail["file"], whole.detail["new"], whole.detail["changed"]) == (
        "rows.csv",
        1,
        1,
    )
    [change] = [event for event in events if event.action == "institution_changed"]
    assert change.detail["changes"]["county"][1] == "Kent"


def test_a_file_is_its_owners_alone_and_for_24_hours(admin: TestClient) -> None:
    address, _ = _try(admin, USERS, [_user(1, Institution="ORG1")])
    number = int(address.rpartition("/")[2])
    for other in (f"{INSTITUTIONS}/{number}", f"{USERS}/999999", f"{USERS}/{10**12}"):
        assert admin.get(other).status_code == 404
    sign_in_as(admin, "coordinator")
    for other in (address, f"{OWN_USERS}/{number}", f"{OWN_USERS}/{number}/to-mend.csv"):
        assert admin.get(other).status_code == 404
    assert admin.post(f"{OWN_USERS}/{number}", data={"version": "1"}).status_code == 404
    with _db(admin) as db:
        assert forget_expired_imports(db) == 0
        tomorrow = datetime.now(UTC) + timedelta(hours=25)
        assert forget_expired_imports(db, tomorrow) == 1
        db.commit()
    sign_in_as(admin, "admin")
    assert admin.get(address).status_code == 404
    assert _count(admin, ImportFile) == 0


def test_who_may_not_import_finds_no_page(demonstration: TestClient) -> None:
    expected = {
        "provider": {INSTITUTIONS: 404, USERS: 404, SCHEMES: 404, OWN_USERS: 404, OWN_SCHEMES: 404},
        "statistician": {INSTITUTIONS: 404, USERS: 404, OWN_USERS: 404, OWN_SCHEMES: 404},
        "coordinator": {INSTITUTIONS: 404, USERS: 404, SCHEMES: 404, OWN_USERS: 200},
        "admin": {INSTITUTIONS: 200, USERS: 200, SCHEMES: 200, OWN_USERS: 303, OWN_SCHEMES: 303},
    }
    for name, pages in expected.items():
        sign_in_as(demonstration, name)
        for base, status in pages.items():
            assert demonstration.get(base).status_code == status, (name, base)
            if status == 404:
                sent = {"file": ("x.csv", _file([_user(1)]))}
                assert demonstration.post(base, files=sent).status_code == 404, (name, base)
                assert demonstration.get(f"{base}/template.csv").status_code == 404, (name, base)


@pytest.mark.parametrize("base", [INSTITUTIONS, USERS, SCHEMES])
def test_the_template_has_the_columns_and_an_example_that_is_passed_over(
    admin: TestClient, base: str
) -> None:
    for ending in ("csv", "xlsx"):
        data = admin.get(f"{base}/template.{ending}").content
        answer = admin.post(base, files={"file": (f"t.{ending}", data)})
        assert answer.status_code == 422
        assert "only the example of the template" in answer.text
    assert admin.get(f"{base}/template.pdf").status_code == 404


def test_the_examples_of_the_templates_are_right(admin: TestClient) -> None:
    for base, kept in ((INSTITUTIONS, "Name"), (SCHEMES, "Scheme name"), (USERS, "Name")):
        data = admin.get(f"{base}/template.csv").content.decode("utf-8-sig")
        [example] = csv.DictReader(io.StringIO(data, newline=""))
        example |= {kept: "Another one"}
        example |= {"Owner": "ORG1"} if base == SCHEMES else {}
        example |= {"Institution": "ORG1"} if base == USERS else {}
        _, page = _try(admin, base, [example])
        assert "1 row creates something new" in page, (base, page)


def test_a_file_that_cannot_be_used_says_why_beside_the_field(admin: TestClient) -> None:
    for data, words in (
        (b"%PDF-1.4", "a PDF document"),
        (b"Shoe size\n4\n", "no row of headings that are known here"),
        (b"Name,E-mail address\nAnn,a@b.cd\n", "no column “User name” and “Role”"),
    ):
        answer = admin.post(USERS, files={"file": ("x.csv", data)})
        assert answer.status_code == 422
        assert answer.text.count(words) == 2, "in the summary and beside the field"
        assert "<title>Error: " in answer.text
    answer = admin.post(USERS, files={"file": ("x.csv", b"x" * (6 * 1024 * 1024))})
    assert answer.status_code == 413
    answer = admin.post(USERS, data={"other": "x"}, files={"none": ("", b"")})
    assert answer.status_code == 422 and "Choose a file first" in answer.text


def test_a_hostile_file_is_harmless_text(admin: TestClient) -> None:
    rows = [{**_user(1, Institution="ORG1", Name=HOSTILE), HOSTILE: "x"}]
    address = _send(admin, USERS, _file(rows), f"{HOSTILE}.csv")
    page = admin.get(f"{address}?show=all").text
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_rows_are_shown_a_page_at_a_time_and_by_kind(admin: TestClient) -> None:
    rows = [_user(number, Institution="ORG1") for number in range(60)]
    rows[57]["Role"] = "boss"
    address, _ = _try(admin, USERS, rows)
    assert "Page 2 of 2" in admin.get(f"{address}?show=all&page=2").text
    wrong = _words(admin.get(address).text)
    assert "New 57" in wrong and "New 3 " not in wrong, "what is wrong is shown first"
    assert admin.get(f"{address}?show=nonsense&page=abc").status_code == 200


# Institutions.


def test_institutions_are_created_with_code_and_child(admin: TestClient) -> None:
    rows = [
        _institution(1, **{"Managed by": "itself; ORG5", "Local authorities covered": "Leeds"}),
        _institution(2, **{"Homes of unspecified kind": "5E+2", "Rent periods": "1.0"}),
        _institution(3, **{"Holds stock": "no", "Homes of unspecified kind": ""}),
        _institution(4, **{"Managed by": "Newfound Homes 3"}),
    ]
    rows[1]["Rent periods"] = "1; 3"
    address, page = _try(admin, INSTITUTIONS, rows)
    assert "4 rows create something new" in page, page
    _import(admin, address)
    with _db(admin) as db:
        made = {
            one.name: one
            for one in db.scalars(select(Institution).where(Institution.name.like("Newfound%")))
        }
        children = {
            name: sorted(
                db.scalars(
                    select(Institution.name)
                    .join(InstitutionLink, InstitutionLink.manager_id == Institution.id)
                    .where(InstitutionLink.owner_id == one.id)
                )
            )
            for name, one in made.items()
        }
        fifth = db.scalars(select(Institution.name).where(Institution.code == "ORG5")).one()
    assert all(re.fullmatch(r"ORG\d+", one.code) for one in made.values())
    assert made["Newfound Homes 1"].local_authorities == ["E08000035"]
    assert made["Newfound Homes 2"].unspecified_stock == 500
    assert made["Newfound Homes 2"].rent_periods == [1, 3]
    assert children == {
        "Newfound Homes 1": sorted(["Newfound Homes 1", fifth]),
        "Newfound Homes 2": ["Newfound Homes 2"],
        "Newfound Homes 3": [],
        "Newfound Homes 4": ["Newfound Homes 3"],
    }
    assert not made["Newfound Homes 1"].data_sharing_signed


def test_what_is_wrong_with_an_institution_is_told_by_row(admin: TestClient) -> None:
    with _db(admin) as db:
        second = db.scalars(select(Institution).where(Institution.code == "ORG2")).one()
        taken, number = second.name, second.registration_number or ""
    rows = [
        _institution(1),
        _institution(1, **{"Registration number": "N77"}),
        _institution(2, **{"Name": taken.upper()}),
        _institution(3, **{"Registration number": number.lower()}),
        _institution(4, **{"CORE ID": "ORG9999"}),
        _institution(5, **{"Managed by": "itself; itself"}),
        _institution(6, **{"Managed by": "ORG5; org5"}),
        _institution(7, **{"Managed by": "ORG9999"}),
        _institution(8, **{"Local authorities covered": "Atlantis"}),
        _institution(
            9, **{"Holds stock": "no", "Homes of unspecified kind": "", "Managed by": "itself"}
        ),
        _institution(10, **{"Name": "N" * 300}),
        _institution(1),
        {"CORE ID": "ORG5", "Holds stock": "maybe"},
    ]
    _, page = _try(admin, INSTITUTIONS, rows)
    assert "1 row creates something new" in page
    assert "12 rows are wrong" in page
    for words in (
        "Another institution is called Newfound Homes 1 already",
        f"Another institution is called {taken} already",
        f"has the registration number {number} already",
        "No institution has the CORE ID ORG9999",
        "itself stands here twice",
        "org5 stands here twice",
        "No active institution has the CORE ID or name ORG9999",
        "Not known as a local authority in England: Atlantis",
        "It holds no stock, so nobody can manage homes for it",
        "must be 200 characters or fewer; it has 300",
        "This row is the same as row 2",
        "Choose yes or no: does it hold stock?",
    ):
        assert words in page, words


def test_an_empty_cell_leaves_what_is_there(admin: TestClient) -> None:
    with _db(admin) as db:
        before = db.scalars(select(Institution).where(Institution.code == "ORG2")).one()
    address, page = _try(
        admin, INSTITUTIONS, [{"CORE ID": "org2", "Name": "", "Telephone": "01632 960 999"}]
    )
    assert "Telephone: from" in page and "to 01632 960 999" in page
    _import(admin, address)
    with _db(admin) as db:
        after = db.get_one(Institution, before.id)
        assert (after.name, after.postcode) == (before.name, before.postcode)
        assert after.telephone == "01632 960 999"
        assert after.version > before.version


def test_a_child_that_is_there_already_is_left_and_a_further_one_added(admin: TestClient) -> None:
    _, page = _try(admin, INSTITUTIONS, [{"CORE ID": "ORG2", "Name": "", "Managed by": "ORG2"}])
    assert "1 row says what is there already" in page
    address, page = _try(
        admin, INSTITUTIONS, [{"CORE ID": "ORG2", "Name": "", "Managed by": "itself; ORG7"}]
    )
    assert "Managed by: from ORG2 to ORG2; ORG7" in page
    _import(admin, address)
    _, page = _try(
        admin, INSTITUTIONS, [{"CORE ID": "ORG2", "Name": "", "Managed by": "ORG7; itself"}]
    )
    assert "1 row says what is there already" in page


def test_a_merged_institution_is_not_changed(admin: TestClient) -> None:
    with _db(admin) as db:
        db.execute(
            update(Institution)
            .where(Institution.code == "ORG9")
            .values(active=False, merged_into_id=2)
        )
        db.commit()
    _, page = _try(admin, INSTITUTIONS, [{"CORE ID": "ORG9", "Name": "", "County": "Kent"}])
    assert "was merged into" in page


# Users.


def test_imported_users_are_invited_and_those_of_a_coordinator_managed(
    coordinator: TestClient,
) -> None:
    rows = [_user(1), _user(2, Role="coordinator", Institution="org1", **{"Contact priority": ""})]
    before = _count(coordinator, Message)
    address, page = _try(coordinator, OWN_USERS, rows)
    assert "2 rows create something new" in page, page
    done = _import(coordinator, address)
    assert "The users who are new get their invitations by e-mail." in done
    with _db(coordinator) as db:
        made = {
            one.user_name: one
            for one in db.scalars(select(Account).where(Account.user_name.like("new.%")))
        }
        assert {one.institution_id for one in made.values()} == {1}
        assert all(not one.password_hash and one.active for one in made.values())
        listed = select(ManagedProvider.provider_id)
        assert made["new.1"].id in set(db.scalars(listed))
        assert made["new.2"].id not in set(db.scalars(listed))
    assert _count(coordinator, Message) == before + 2


def test_a_coordinator_reaches_no_other_institution_by_a_file(coordinator: TestClient) -> None:
    rows = [
        _user(1, Institution="ORG2"),
        _user(2, **{"User name": "provider2"}),
        _user(3, **{"E-mail address": "PROVIDER3@example.com"}),
        _user(4, Role="administrator"),
        _user(5, Role="statistician"),
    ]
    _, page = _try(coordinator, OWN_USERS, rows)
    assert "5 rows are wrong" in page
    assert "You can invite people to your own institution only" in page
    assert "Somebody has this user name already" in page
    assert "Somebody of another institution has this e-mail address already" in page
    assert page.count("Choose a role") == 2
    assert "There is nothing to import" in page


def test_rows_with_the_same_user_name_or_address_are_all_wrong(admin: TestClient) -> None:
    rows = [
        _user(1, Institution="ORG1"),
        _user(2, Institution="ORG1", **{"E-mail address": "NEW.1@example.com"}),
        _user(3, Institution="ORG1", **{"User name": "NEW.1"}),
        {"User name": "provider2", "Telephone": "01632 960 111", "Institution": "ORG2"},
        {"User name": "Provider2 ", "Telephone": "01632 960 222", "Institution": "ORG2"},
        _user(4, Institution="ORG1"),
    ]
    address, page = _try(admin, USERS, rows)
    assert "1 row creates something new" in page
    assert "5 rows are wrong" in page
    assert page.count("new.1 stands in the file twice, rows 2 and 4") == 2
    assert page.count("new.1@example.com stands in the file twice, rows 2 and 3") == 2
    assert page.count("provider2 stands in the file twice, rows 5 and 6") == 2
    _import(admin, address)
    with _db(admin) as db:
        made = set(db.scalars(select(Account.user_name).where(Account.user_name.like("new.%"))))
        assert made == {"new.4"}
        stored = db.scalars(select(Account).where(Account.user_name == "provider2")).one()
        assert "960" not in stored.telephone or stored.telephone[-3:] not in ("111", "222")


def test_rows_with_the_same_code_or_registration_number_are_all_wrong(admin: TestClient) -> None:
    rows = [
        {"CORE ID": "ORG2", "Name": "", "Town": "Firstville"},
        {"CORE ID": "org2", "Name": "", "Town": "Secondville"},
        _institution(1),
        _institution(2, **{"Registration number": "n1"}),
        _institution(3),
    ]
    _, page = _try(admin, INSTITUTIONS, rows)
    assert page.count("ORG2 stands in the file twice, rows 2 and 3") == 2
    assert page.count("N1 stands in the file twice, rows 4 and 5") == 2
    assert "1 row creates something new" in page
    assert "no row changes what was there" in page


def test_a_row_meant_as_somebody_new_does_not_rename_who_has_the_user_name(
    admin: TestClient,
) -> None:
    with _db(admin) as db:
        stored = db.scalars(select(Account).where(Account.user_name == "provider2")).one()
        name, email = stored.name, stored.email
    rows = [
        _user(1, Institution="ORG2", **{"User name": "PROVIDER2"}),
        _user(2, Institution="ORG2"),
    ]
    address, page = _try(admin, USERS, rows)
    assert f"The user name provider2 belongs to {name}" in page
    assert "choose another user name" in page
    _import(admin, address)
    with _db(admin) as db:
        stored = db.scalars(select(Account).where(Account.user_name == "provider2")).one()
        assert (stored.name, stored.email) == (name, email)
    # One at a time is a change, and so are both when the name is the same in other letters.
    given = {"User name": "provider2", "E-mail address": "elsewhere@example.com", "Role": ""}
    for other in ("", name.upper()):
        _, page = _try(admin, USERS, [{**given, "Name": other}])
        assert "1 row changes what was there" in page, page


def test_a_report_opens_on_what_is_wrong_else_on_what_changes(admin: TestClient) -> None:
    changing = {"User name": "provider2", "Telephone": "01632 960 111"}
    wrong = _user(2, Role="emperor")
    address = _send(admin, USERS, _file([changing, _user(1, Institution="ORG1")]))
    page = _words(admin.get(address).text)
    assert "Telephone: from" in page and "New 1" not in page
    assert f'href="{address}?show=changed#rows"' in admin.get(address).text
    address = _send(admin, USERS, _file([changing, wrong]))
    page = _words(admin.get(address).text)
    assert "Choose a role" in page and "Telephone: from" not in page


def test_a_user_there_is_is_changed_and_told(admin: TestClient) -> None:
    rows = [
        {
            "User name": "Provider2",
            "Name": "",
            "E-mail address": "moved.address@example.com",
            "Role": "",
            "Contact priority": "ecore CONTACT",
        },
        {"User name": "coordinator2", "Name": "", "E-mail address": "", "Role": "data provider"},
        {"User name": "provider3", "Institution": "ORG4"},
        {"User name": "admin", "Role": "statistician"},
    ]
    before = _count(admin, Message)
    address, page = _try(admin, USERS, rows)
    assert "2 rows change what was there" in page, page
    assert "E-mail address: from provider2@example.com to moved.address@example.com" in page
    assert "Role: from co-ordinator to data provider" in page
    assert "A file cannot move a user" in page
    assert "You cannot change the role of" in page
    _import(admin, address)
    with _db(admin) as db:
        changed = db.scalars(select(Account).where(Account.user_name == "provider2")).one()
        assert changed.email == "moved.address@example.com"
        assert changed.contact_priority == "eCORE contact"
        assert changed.name.startswith("Provider 2")
    assert _count(admin, Message) == before + 2, "the old and the new address are told"


# Schemes.


def test_a_scheme_and_its_locations_are_made_from_rows(coordinator: TestClient) -> None:
    rows = [
        _scheme(),
        {
            "Group name": "imported GROUP",
            "Scheme name": "imported house",
            "Location name": "Annexe",
            "Postcode": "sw1a1aa",
            "Units": "3.00",
            "Most common type of unit": "1.00",
            "Mobility standard": "w",
        },
        _scheme(**{"Scheme name": "Second House", "Confidential": "yes"}),
    ]
    address, page = _try(coordinator, OWN_SCHEMES, rows)
    assert "3 rows create something new" in page, page
    _import(coordinator, address)
    with _db(coordinator) as db:
        group = db.scalars(
            select(ManagementGroup).where(ManagementGroup.name == "Imported group")
        ).one()
        assert group.owner_id == 1
        schemes = list(db.scalars(select(Scheme).where(Scheme.group_id == group.id)))
        assert {(one.name, one.status, one.code) for one in schemes} == {
            ("Imported House", "draft", None),
            ("Second House", "draft", None),
        }
        first = next(one for one in schemes if one.name == "Imported House")
        places = list(db.scalars(select(Location).where(Location.scheme_id == first.id)))
    assert {(one.name, one.units, one.type_of_unit) for one in places} == {
        ("", 12, "4"),
        ("Annexe", 3, "1"),
    }
    assert {one.local_authority for one in places} == {"E09000033"}


def test_what_is_wrong_with_a_scheme_is_told_by_row(coordinator: TestClient) -> None:
    rows = [
        _scheme(),
        _scheme(**{"Location name": "Annexe", "Primary client group": "Teenage parents"}),
        _scheme(**{"Scheme name": "A", "Scheme code": "S99999"}),
        _scheme(**{"Scheme name": "B", "Group code": "G99999"}),
        _scheme(**{"Scheme name": "C", "Postcode": "ZZ99 9ZZ"}),
        _scheme(**{"Scheme name": "D", "Primary client group": "Astronauts"}),
        _scheme(**{"Scheme name": "E", "Location code": "99999"}),
        _scheme(**{"Scheme name": "F", "Owner": "ORG2"}),
        _scheme(**{"Scheme name": "G", "Local authority": "Leeds"}),
        _scheme(**{"Scheme name": "H", "Group name": "Other", "Managed by": "ORG77"}),
        _scheme(**{"Scheme name": "I", "Units": "0"}),
        _scheme(**{"Scheme name": "J", "Available from": "31/2/2026"}),
        _scheme(**{"Scheme name": "K", "Location name": "x" * 201}),
    ]
    _, page = _try(coordinator, OWN_SCHEMES, rows)
    assert "1 row creates something new" in page
    assert "12 rows are wrong" in page
    for words in (
        "An earlier row says “Rough sleepers” of the same scheme",
        "No scheme has the code S99999",
        "no management group with the code G99999",
        "We do not know the postcode ZZ99 9ZZ",
        "Choose the primary client group",
        "has no location with the code 99999",
        "You can import schemes of your own institution only",
        "lies in Westminster",
        "ORG77 does not manage homes of",
        "a whole number between 1 and",
        "must be a real date",
        "must be 200 characters or fewer",
    ):
        assert words in page, words


def test_a_scheme_there_is_is_changed_by_its_code(admin: TestClient) -> None:
    with _db(admin) as db:
        scheme = db.scalars(select(Scheme).where(Scheme.status == "approved")).first()
        assert scheme is not None
        place = db.scalars(select(Location).where(Location.scheme_id == scheme.id)).first()
        group = db.get_one(ManagementGroup, scheme.group_id)
    assert place is not None
    row = {
        "Scheme code": (scheme.code or "").lower(),
        "Group name": group.name,
        "Scheme name": "Renamed House",
        "Location code": str(place.id),
        "Units": str((place.units or 0) + 1),
    }
    address, page = _try(admin, SCHEMES, [row])
    assert "1 row changes what was there" in page, page
    assert f"Scheme name: from {scheme.name} to Renamed House" in page
    assert f"Units: from {place.units or 'nothing'} to {(place.units or 0) + 1}" in page
    _import(admin, address)
    with _db(admin) as db:
        assert db.get_one(Scheme, scheme.id).name == "Renamed House"
        assert db.get_one(Location, place.id).units == (place.units or 0) + 1


def test_an_administrator_names_the_owner_of_a_new_scheme(admin: TestClient) -> None:
    _, page = _try(admin, SCHEMES, [_scheme(), _scheme(**{"Owner": "ORG2"})])
    assert "Enter the CORE ID of the owner" in page
    assert "1 row creates something new" in page


# Taking out and bringing in again.


@pytest.mark.parametrize("place", ["institutions", "people", "schemes"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_was_exported_is_imported_again_without_a_change(
    admin: TestClient, place: str, ending: str
) -> None:
    with _db(admin) as db:
        db.execute(update(Institution).where(Institution.code == "ORG8").values(name="=1+1 Homes"))
        db.execute(update(Account).where(Account.user_name == "provider2").values(name="'@Ann"))
        db.execute(update(Scheme).where(Scheme.code == "S1").values(name="-2+3 House"))
        db.commit()
    data = admin.get(f"/{place}/export.{ending}").content
    base = f"/administration/import/{'users' if place == 'people' else place}"
    page = _words(admin.get(_send(admin, base, data, f"x.{ending}")).text)
    assert "no row creates something new" in page
    assert "no row changes what was there" in page
    assert "no row is wrong" in page, page
    assert "Not known" not in page


def test_a_coordinator_imports_the_own_export_and_changes_nobody_of_others(
    coordinator: TestClient,
) -> None:
    data = coordinator.get("/people/export.csv").content
    page = _words(coordinator.get(_send(coordinator, OWN_USERS, data)).text)
    for words in ("creates something new", "changes what was there", "is wrong"):
        assert f"no row {words}" in page, page
    data = data.replace(b"provider5@example.com", b"mine@example.com")
    page = _words(coordinator.get(_send(coordinator, OWN_USERS, data)).text)
    assert "1 row is wrong" in page
    assert "A file changes users of your own institution only" in page


def test_a_workbook_of_new_rows_is_imported_like_a_csv_file(admin: TestClient) -> None:
    row = _user(1, Institution="ORG1", Telephone="01632 960 001")
    data = write_xlsx("Anything", list(row), [list(row.values())])
    address = _send(admin, USERS, data, "users.xlsx")
    assert "1 row was imported" in _import(admin, address)


# On both databases.


def _setting(db: Session) -> Setting:
    settings = Settings(database_url="", today=date(2026, 11, 24))
    account = Account(
        user_name="ada", email="ada@example.com", name="Ada", role="administrator", active=True
    )
    db.add_all([account, Institution(code="ORG1", name="First", provider_type="PRP")])
    db.commit()
    person = Person(account.id, "ada", "Ada", account.email, "administrator", None)
    return Setting(db, settings, person, date(2026, 11, 24))


def _rows(kind: Kind, rows: Sequence[Mapping[str, str]]) -> list[TableRow]:
    return read_table(_file(rows), kind.columns).rows


def _kept(db: Session, setting: Setting, kind: Kind, rows: list[TableRow]) -> ImportFile:
    file = ImportFile(
        kind=kind.name,
        account_id=setting.by.id,
        file_name="x.csv",
        given=[],
        unknown=[],
        rows=[[row.number, dict(row.values)] for row in rows],
        report=as_stored(try_out(setting, kind, rows)),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    db.add(file)
    db.commit()
    return file


@pytest.mark.parametrize(
    ("kind", "rows", "model"),
    [
        (institutions.INSTITUTIONS, [_institution(1), _institution(2, Type="boat")], Institution),
        (users.USERS, [_user(1, Institution="ORG1"), _user(2, Institution="ORG7")], Account),
        (schemes.SCHEMES, [_scheme(Owner="ORG1"), _scheme(Owner="ORG1", Units="none")], Location),
    ],
)
def test_trying_out_keeps_nothing_and_importing_keeps_the_right_rows(
    db: Session, kind: Kind, rows: list[dict[str, str]], model: Any
) -> None:
    setting = _setting(db)
    count = select(func.count()).select_from(model)
    before, events = db.scalar(count) or 0, select(func.count()).select_from(AuditEvent)
    table = _rows(kind, rows)
    assert [row.outcome for row in try_out(setting, kind, table)] == ["new", "wrong"]
    assert (db.scalar(count), db.scalar(events)) == (before, 0)
    file = _kept(db, setting, kind, table)
    report = import_right_rows(setting, kind, file, file.version)
    db.expire_all()
    assert [row.outcome for row in report] == ["new", "wrong"]
    assert db.scalar(count) == before + 1
    with pytest.raises(ImportedAlready):
        import_right_rows(setting, kind, file, file.version)
    assert db.scalar(count) == before + 1


def test_when_importing_fails_half_way_nothing_is_kept(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = _setting(db)
    file = _kept(
        db, setting, institutions.INSTITUTIONS, _rows(institutions.INSTITUTIONS, [_institution(1)])
    )
    before = db.scalar(select(func.count()).select_from(Institution))

    def fail(*given: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("portal.exchange.running.record", fail)
    with pytest.raises(OSError, match="disk"):
        import_right_rows(setting, institutions.INSTITUTIONS, file, file.version)
    db.rollback()
    assert db.scalar(select(func.count()).select_from(Institution)) == before
    assert db.get_one(ImportFile, file.id).state == "checked"
