"""The Data Sharing Agreement on screen: read, signed by an officer, reminded of, renewed."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from data_access.accounts import DATA_PROTECTION_OFFICER, Account
from data_access.agreements import AgreementSignature, text_in_force
from data_access.audit import AuditEvent
from data_access.institutions import Institution, InstitutionLink
from data_access.messages import Message
from portal.agreements.first import FIRST_TEXT
from portal.agreements.wording import parts_of
from tests.portal.conftest import sign_in_as

UNSIGNED = 103
_SIGNATURES = select(AgreementSignature).where(AgreementSignature.institution_id == UNSIGNED)
PAGE = f"/institutions/{UNSIGNED}/agreement"
ADMINISTRATION = "/administration/agreements"
BANNER = "has not signed the Data Sharing Agreement"


@contextmanager
def _database(client: TestClient) -> Iterator[Session]:
    with client.app.state.session_factory() as db:  # type: ignore[attr-defined]
        yield db
        db.commit()


def _make_officer(client: TestClient, user_name: str = "provider103") -> None:
    with _database(client) as db:
        account = db.scalars(select(Account).where(Account.user_name == user_name)).one()
        account.contact_priority = DATA_PROTECTION_OFFICER


def _text_id(client: TestClient) -> str:
    with _database(client) as db:
        text = text_in_force(db)
        assert text is not None
        return str(text.id)


def _sign(client: TestClient, **changed: str) -> Any:
    fields = {"text": _text_id(client), "declaration": "yes", **changed}
    return client.post(f"{PAGE}/sign", data=fields)


def _messages(client: TestClient, kind: str) -> list[str]:
    with _database(client) as db:
        query = select(Message.to_address).where(Message.kind == kind)
        return sorted(db.scalars(query))


def _pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


@pytest.fixture
def only_one_unsigned(demonstration: TestClient) -> TestClient:
    """The demonstration with a single institution that has not signed, and 149 that have."""
    with _database(demonstration) as db:
        for institution in db.scalars(select(Institution)):
            institution.data_sharing_signed = institution.id != UNSIGNED
    return demonstration


def test_the_product_comes_with_a_version_in_force(client: TestClient) -> None:
    with _database(client) as db:
        text = text_in_force(db)
        assert text is not None
        assert text.text == FIRST_TEXT.read_text(encoding="utf-8").strip()
        assert "demonstration wording" in text.text
    kinds = [kind for kind, _ in parts_of(text.text)]
    assert kinds.count("heading") == 12


def test_a_text_is_taken_apart_into_headings_and_paragraphs() -> None:
    assert parts_of("# One\nA line\nand more\n\nAnother # not a heading\n# Two") == [
        ("heading", "One"),
        ("paragraph", "A line and more"),
        ("paragraph", "Another # not a heading"),
        ("heading", "Two"),
    ]


def test_the_banner_tells_each_role_what_to_do(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "provider103")
    assert "See who can sign it" in demonstration.get("/account").text
    sign_in_as(demonstration, "coordinator103")
    page = demonstration.get("/account").text
    assert "Invite a Data Protection Officer" in page
    assert "/people/new?contact_priority=Data%20Protection%20Officer" in page
    _make_officer(demonstration)
    assert "See who can sign it" in demonstration.get("/account").text
    sign_in_as(demonstration, "provider103")
    assert "Read and sign it" in demonstration.get("/account").text
    for name in ("coordinator2", "admin", "statistician"):
        sign_in_as(demonstration, name)
        assert BANNER not in demonstration.get("/account").text


def test_agents_of_an_unsigned_owner_are_told_where_logs_are_made(
    demonstration: TestClient,
) -> None:
    with _database(demonstration) as db:
        db.add(InstitutionLink(owner_id=UNSIGNED, manager_id=2))
        owner = db.get(Institution, UNSIGNED)
        assert owner is not None
        owner.name = "<script>Owner</script>"
    sign_in_as(demonstration, "provider2")
    for path in ("/logs", "/uploads"):
        page = demonstration.get(path).text
        assert "&lt;script&gt;Owner&lt;/script&gt; has not signed" in page
        assert "<script>Owner" not in page
    assert "has not signed" not in demonstration.get("/account").text
    with _database(demonstration) as db:
        owner = db.get(Institution, UNSIGNED)
        assert owner is not None
        owner.data_sharing_signed = True
    assert "has not signed" not in demonstration.get("/logs").text


def test_the_own_agreement_is_found_by_everybody(demonstration: TestClient) -> None:
    for name, address in (
        ("provider103", PAGE),
        ("admin", ADMINISTRATION),
        ("coordinator", "/institutions/1/agreement"),
    ):
        sign_in_as(demonstration, name)
        assert demonstration.get("/agreement").headers["location"] == address
    sign_in_as(demonstration, "statistician")
    assert demonstration.get("/agreement").status_code == 404
    assert demonstration.get(PAGE).status_code == 200


def test_an_officer_signs_and_co_ordinators_and_the_signer_are_told(
    demonstration: TestClient,
) -> None:
    _make_officer(demonstration)
    sign_in_as(demonstration, "provider103")
    page = demonstration.get(f"{PAGE}/sign").text
    assert "1. Who agrees" in page and "103 High Street" in page
    answer = _sign(demonstration)
    assert answer.headers["location"] == f"{PAGE}?done=signed"
    page = demonstration.get(answer.headers["location"]).text
    assert "You have signed the Data Sharing Agreement" in page
    assert "Provider 103 (made up) signed version 1" in page
    assert BANNER not in page
    assert _messages(demonstration, "agreement_signed") == [
        "coordinator103@example.com",
        "provider103@example.com",
    ]
    with _database(demonstration) as db:
        institution = db.get(Institution, UNSIGNED)
        assert institution is not None and institution.data_sharing_signed
        signature = db.scalars(_SIGNATURES).one()
        assert signature.institution_address.startswith("103 High Street\n")
        found = db.scalars(select(AuditEvent).where(AuditEvent.action == "agreement_signed")).one()
        assert found.detail["changes"] == {"data_sharing_signed": [False, True]}


def test_without_the_declaration_nothing_is_signed(demonstration: TestClient) -> None:
    _make_officer(demonstration)
    sign_in_as(demonstration, "provider103")
    answer = _sign(demonstration, declaration="")
    assert answer.status_code == 422
    words = "Tick the box to confirm that you sign for the institution"
    assert answer.text.count(words) == 2
    assert '<a href="#declaration">' in answer.text
    with _database(demonstration) as db:
        assert db.scalars(_SIGNATURES).all() == []


def test_only_officers_of_the_institution_can_sign(demonstration: TestClient) -> None:
    # People of the institution who are no officers; officers elsewhere; people of the centre.
    for name, status in (
        ("coordinator103", 403),
        ("provider103", 403),
        ("coordinator2", 404),
        ("support", 404),
        ("admin", 403),
        ("statistician", 403),
    ):
        sign_in_as(demonstration, name)
        assert demonstration.get(f"{PAGE}/sign").status_code == status, name
        assert _sign(demonstration).status_code == status, name
    with _database(demonstration) as db:
        assert db.scalars(_SIGNATURES).all() == []


def test_agreements_of_others_are_as_if_they_were_not_there(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "provider103")
    for address in (
        "/institutions/2/agreement",
        "/institutions/2/agreement.pdf",
        "/institutions/99999/agreement",
        "/institutions/x/agreement",
        ADMINISTRATION,
        f"{ADMINISTRATION}.csv",
        f"{ADMINISTRATION}/new",
        "/agreement/versions/99999",
    ):
        answer = demonstration.get(address)
        assert (answer.status_code, "Page not found" in answer.text) == (404, True), address
    for address in (f"{ADMINISTRATION}/remind", f"{ADMINISTRATION}/new"):
        assert demonstration.post(address, data={"all": "yes"}).status_code == 404


def test_the_second_of_two_officers_is_told_that_it_is_signed(demonstration: TestClient) -> None:
    _make_officer(demonstration)
    _make_officer(demonstration, "coordinator103")
    sign_in_as(demonstration, "coordinator103")
    _sign(demonstration)
    sign_in_as(demonstration, "provider103")
    answer = _sign(demonstration)
    assert answer.headers["location"] == f"{PAGE}?done=already"
    page = demonstration.get(answer.headers["location"]).text
    assert "Nothing to sign" in page
    assert "Coordinator 103 (made up) signed this agreement on" in page
    assert demonstration.get(f"{PAGE}/sign").status_code == 303


def test_an_incomplete_record_is_named_and_cannot_be_signed(demonstration: TestClient) -> None:
    _make_officer(demonstration)
    with _database(demonstration) as db:
        institution = db.get(Institution, UNSIGNED)
        assert institution is not None
        institution.postcode = institution.address_line1 = ""
    sign_in_as(demonstration, "provider103")
    missing = "lacks the first line of the address, the postcode"
    assert missing in demonstration.get(PAGE).text
    answer = _sign(demonstration)
    assert (answer.status_code, missing in answer.text) == (422, True)
    assert "Report this as a mistake" in answer.text
    assert "Sign the agreement</button>" not in answer.text


def test_who_opened_an_older_version_reads_the_new_one_first(demonstration: TestClient) -> None:
    _make_officer(demonstration)
    old = _text_id(demonstration)
    _publish(demonstration)
    sign_in_as(demonstration, "provider103")
    answer = _sign(demonstration, text=old)
    assert answer.status_code == 409
    assert "was put in force while you were reading" in answer.text
    assert _sign(demonstration).status_code == 303


def test_the_agreement_prints_as_a_draft_and_as_signed(demonstration: TestClient) -> None:
    _make_officer(demonstration)
    sign_in_as(demonstration, "provider103")
    draft = demonstration.get(f"{PAGE}.pdf")
    assert draft.headers["content-type"] == "application/pdf"
    assert "no-store" in draft.headers["cache-control"]
    assert "this agreement is not signed" in _pdf_text(draft.content)
    _sign(demonstration)
    with _database(demonstration) as db:
        institution = db.get(Institution, UNSIGNED)
        assert institution is not None
        name = institution.name
        institution.name = "Called otherwise"
        number = db.scalars(_SIGNATURES).one().id
    signed = demonstration.get(f"{PAGE}.pdf?signature={number}").content
    text = _pdf_text(signed)
    assert "E-mail provider103@example.com" in text
    assert "Signed by Provider 103 (made up)" in text
    assert name in text and "L4103" in text and "not signed" not in text
    root = PdfReader(io.BytesIO(signed)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en-GB"
    assert demonstration.get(f"{PAGE}.pdf?signature=999").status_code == 404


def _publish(client: TestClient, **changed: str) -> Any:
    """Publishes a second version as administrator; the answer to the last step."""
    sign_in_as(client, "admin")
    fields = {
        "version": "2",
        "text": "# 1. New\r\n\r\n" + "A new text. " * 60,
        "replaces": _text_id(client),
        "go": "publish",
        **changed,
    }
    return client.post(f"{ADMINISTRATION}/new", data=fields)


def test_a_new_version_is_previewed_and_has_everybody_sign_again(
    only_one_unsigned: TestClient,
) -> None:
    demonstration = only_one_unsigned
    preview = _publish(demonstration, go="preview").text
    assert "149 institutions that have signed must sign again" in preview
    with _database(demonstration) as db:
        text = text_in_force(db)
        assert text is not None and text.version == "1"
    assert "New version of the agreement" in _publish(demonstration, go="edit").text
    answer = _publish(demonstration)
    assert answer.headers["location"] == f"{ADMINISTRATION}?published=149"
    page = demonstration.get(answer.headers["location"]).text
    assert "149 institutions must sign again" in page and "Not signed (150)" in page
    sign_in_as(demonstration, "coordinator2")
    page = demonstration.get("/institutions/2/agreement").text
    assert "Until version 2 is signed" in page
    [earlier] = [
        address
        for address in ("/agreement/versions/1", "/agreement/versions/2")
        if "no longer in force" in demonstration.get(address).text
    ]
    assert "1. Who agrees" in demonstration.get(earlier).text


def test_a_version_that_cannot_be_is_refused_and_kept_in_the_form(
    demonstration: TestClient,
) -> None:
    cases: list[tuple[dict[str, str], str]] = [
        ({"version": ""}, "Enter a name for the version, such as 2"),
        ({"version": "1"}, "There is a version of this name already. Choose another name"),
        ({"version": "x" * 21}, "must be 20 characters or fewer; it has 21"),
        ({"text": ""}, "Enter the text of the agreement"),
        ({"text": "Too short"}, "must be at least 500 characters; it has 9"),
        ({"text": "x" * 40_001}, "must be 40,000 characters or fewer; it has 40,001"),
        (
            {"text": FIRST_TEXT.read_text(encoding="utf-8")},
            "This is the text that is in force already. Change it first",
        ),
    ]
    for fields, message in cases:
        answer = _publish(demonstration, **fields)
        assert answer.status_code == 422, message
        assert answer.text.count(message) == 2, message
        kept = fields.get("text", "A new text. A new text.")
        assert kept[:200] in answer.text, message


def test_two_administrators_who_publish_at_once_do_not_overwrite_each_other(
    demonstration: TestClient,
) -> None:
    opened = _text_id(demonstration)
    _publish(demonstration)
    answer = _publish(demonstration, version="3", text="Another text. " * 60, replaces=opened)
    assert answer.status_code == 409
    assert "Somebody else published a version" in answer.text and 'value="3"' in answer.text


def test_a_hostile_text_is_shown_as_text(demonstration: TestClient) -> None:
    text = "# <script>alert(1)</script>\n\n</textarea>" + "Long text. " * 60
    preview = _publish(demonstration, go="preview", text=text).text
    assert "<script>alert" not in preview
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in preview
    assert "</textarea>Long" not in preview


def test_administrators_remind_officers_else_co_ordinators_once_a_day(
    only_one_unsigned: TestClient,
) -> None:
    demonstration = only_one_unsigned
    sign_in_as(demonstration, "admin")
    assert "Remind the institution that has not signed" in demonstration.get(ADMINISTRATION).text
    answer = demonstration.post(f"{ADMINISTRATION}/remind", data={"institution": str(UNSIGNED)})
    page = demonstration.get(answer.headers["location"]).text
    assert "1 institution was reminded by e-mail." in page
    assert _messages(demonstration, "agreement_reminder") == ["coordinator103@example.com"]
    answer = demonstration.post(f"{ADMINISTRATION}/remind", data={"all": "yes"})
    page = demonstration.get(answer.headers["location"]).text
    assert "Nobody was reminded." in page
    assert "1 institution was reminded within the last day and not again." in page
    assert len(_messages(demonstration, "agreement_reminder")) == 1
    answer = demonstration.post(f"{ADMINISTRATION}/remind", data={"institution": "1"})
    assert answer.status_code == 409


def test_an_institution_with_officers_has_them_reminded(demonstration: TestClient) -> None:
    _make_officer(demonstration)
    sign_in_as(demonstration, "admin")
    demonstration.post(f"{ADMINISTRATION}/remind", data={"institution": str(UNSIGNED)})
    assert _messages(demonstration, "agreement_reminder") == ["provider103@example.com"]


def test_an_institution_without_people_is_named_as_such(demonstration: TestClient) -> None:
    with _database(demonstration) as db:
        for account in db.scalars(select(Account).where(Account.institution_id == UNSIGNED)):
            account.active = False
    sign_in_as(demonstration, "admin")
    answer = demonstration.post(f"{ADMINISTRATION}/remind", data={"all": "yes"})
    assert (
        "neither a Data Protection Officer nor a co-ordinator"
        in demonstration.get(answer.headers["location"]).text
    )


def test_the_lists_are_searched_paged_and_downloaded(only_one_unsigned: TestClient) -> None:
    demonstration = only_one_unsigned
    with _database(demonstration) as db:
        institution = db.get(Institution, UNSIGNED)
        assert institution is not None
        institution.name = '=HYPERLINK("x")'
    sign_in_as(demonstration, "admin")
    rows = list(csv.reader(io.StringIO(demonstration.get(f"{ADMINISTRATION}.csv").text)))
    assert [row[1] for row in rows[1:]] == ['\'=HYPERLINK("x")']
    assert rows[1][4] == "no"
    signed = demonstration.get(f"{ADMINISTRATION}.csv?show=signed")
    assert len(signed.text.splitlines()) == 150
    page = demonstration.get(f"{ADMINISTRATION}?show=signed").text
    assert "Page 1 of 3" in page
    assert demonstration.get(f"{ADMINISTRATION}?show=signed&page=99999999").status_code == 200
    assert "No institution fits" in demonstration.get(f"{ADMINISTRATION}?search=nothing").text
    assert "ORG103" in demonstration.get(f"{ADMINISTRATION}?search=org103&officer=no").text
    assert "No institution fits" in demonstration.get(f"{ADMINISTRATION}?officer=yes").text


def test_a_banner_costs_at_most_one_query_more(demonstration: TestClient) -> None:
    def queries(ask: Callable[[], object]) -> int:
        seen: list[str] = []
        engine = demonstration.app.state.engine  # type: ignore[attr-defined]

        def note(*given: Any) -> None:
            seen.append(given[2])

        event.listen(engine, "before_cursor_execute", note)
        ask()
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    sign_in_as(demonstration, "provider2")
    demonstration.get("/account")
    elsewhere = queries(lambda: demonstration.get("/account"))
    sign_in_as(demonstration, "coordinator103")
    demonstration.get("/account")
    assert queries(lambda: demonstration.get("/account")) <= elsewhere + 1
