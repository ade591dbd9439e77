"""What every request meets: selection, disclosure, sign-in, protection and error pages."""

import csv
import io
import re

import pytest
from fastapi.testclient import TestClient

from data_access.settings import Settings
from portal.layout.pages import contact
from tests.portal.conftest import PASSWORD, sign_in_as

TYPE = "social-rent-general-needs"


@pytest.mark.parametrize(
    "query",
    ["period=1066", "period=2025-q9", "log_type=rent", "question=armedforces", "question=%00<b>"],
)
def test_an_unknown_choice_gets_the_form_again_with_a_message(
    client: TestClient, query: str
) -> None:
    answer = client.get(f"/local-authorities/E09000011?{query}")
    assert answer.status_code == 404
    assert "There is a problem" in answer.text
    assert "<b>" not in answer.text
    assert 'id="period"' in answer.text


def test_an_unknown_authority_is_not_found_and_a_past_one_leads_to_its_successor(
    client: TestClient,
) -> None:
    assert client.get("/local-authorities/E09999999").status_code == 404
    moved = client.get("/local-authorities/E08000019")
    assert (moved.status_code, moved.headers["location"]) == (301, "/local-authorities/E08000039")
    for address in (
        "/local-authorities/{}?period=2025&log_type=sales",
        "/downloads/local-authorities/{}.csv?period=2025",
        "/reports/local-authorities/{}.pdf",
    ):
        moved = client.get(address.format("E08000019"))
        assert moved.status_code == 301
        assert moved.headers["location"] == address.format("E08000039")


def test_a_removed_authority_and_one_without_records_give_the_same_page(
    client: TestClient,
) -> None:
    removed = client.get("/local-authorities/E09000001").text
    empty = client.get("/local-authorities/E06000002").text
    assert "Too few records to show safely" in removed
    removed = removed.split("<main")[1].split("</form>")[1]
    empty = empty.split("<main")[1].split("</form>")[1]
    assert removed == empty
    assert client.get("/downloads/local-authorities/E09000001.csv").status_code == 404


def test_a_download_holds_the_shown_figures_and_no_sensitive_question(client: TestClient) -> None:
    answer = client.get(f"/downloads/local-authorities/E09000011.csv?period=2025&log_type={TYPE}")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert "attachment" in answer.headers["content-disposition"]
    assert {row["lad_name"] for row in rows} == {"Greenwich"}
    records = [row["value"] for row in rows if row["question"] == "Records"]
    assert records == ["40"]
    assert not [row for row in rows if "armed" in row["question"]]
    mean = [row for row in rows if row["measure"] == "mean"]
    assert [(row["value"], row["unit"]) for row in mean] == [("110.0", "£ per week")]


def test_the_page_for_england_counts_its_regions(client: TestClient) -> None:
    text = client.get("/national?period=2025").text
    by_region = text.split('<h2 class="govuk-heading-m">Records by region')[1]
    assert by_region.count('scope="row"') == 9
    assert "withheld" in by_region, "a region without a figure is not left out"
    assert "Served in the armed forces" in text


def test_signing_in_needs_the_password_and_keeps_the_cookie_to_itself(client: TestClient) -> None:
    wrong = client.post("/sign-in", data={"user_name": "pat", "password": "wrong"})
    assert wrong.status_code == 422
    assert "<title>Error:" in wrong.text
    right = client.post(
        "/sign-in", data={"user_name": "pat", "password": PASSWORD, "next": "/account"}
    )
    assert right.status_code == 303
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert "Pat Example" in client.get("/account").text
    assert "Pat Example" in client.get("/national").text


@pytest.mark.parametrize("address", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(client: TestClient, address: str) -> None:
    answer = client.post(
        "/sign-in", data={"user_name": "pat", "password": PASSWORD, "next": address}
    )
    assert answer.headers["location"] == "/account"


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://x.y"}],
)
def test_a_write_from_another_site_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    data = {"user_name": "pat", "password": PASSWORD}
    assert client.post("/sign-in", data=data, headers=headers).status_code == 403
    same = {"Sec-Fetch-Site": "same-origin"}
    assert client.post("/sign-in", data=data, headers=same).status_code == 303


def test_thirty_tries_a_minute_from_one_address_are_enough(client: TestClient) -> None:
    statuses = [client.post("/sign-in", data={}).status_code for _ in range(31)]
    assert statuses == [422] * 30 + [429]


def test_every_error_page_has_a_reference_and_plain_words(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "Quote reference" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/", "/explore/national"])
def test_every_page_says_whom_to_ask_for_help(demonstration: TestClient, path: str) -> None:
    answer = demonstration.get(path)
    asks = "the made-up CORE helpdesk, "
    assert f"Help: {asks}" in answer.text
    assert 'href="mailto:helpdesk@core.example"' in answer.text
    assert "01632 960000" in answer.text
    assert (f"For help, ask {asks}" in answer.text) == (answer.status_code == 404)


def test_a_helpdesk_that_is_set_stays_in_a_demonstration_too() -> None:
    assert Settings(demonstration=True, helpdesk="Ann <b>, a@b.example").helpdesk.startswith("Ann")
    assert contact("Ann <b>, a@b.example.") == (
        'Ann &lt;b&gt;, <a class="govuk-link" href="mailto:a@b.example">a@b.example</a>.'
    )
    assert "made-up" not in Settings(demonstration=False).helpdesk


@pytest.mark.parametrize(
    ("name", "offered", "withheld"),
    [
        ("admin", {"/logs", "/people", "/administration"}, {"/organisation"}),
        ("coordinator", {"/logs", "/uploads", "/people", "/schemes"}, {"/administration"}),
        ("provider", {"/logs", "/uploads"}, {"/people", "/administration"}),
        ("statistician", {"/institutions", "/publishing"}, {"/uploads", "/administration"}),
        # Its owner has not signed the agreement.
        ("coordinator103", {"/logs", "/agreement"}, {"/administration"}),
    ],
)
def test_the_home_page_leads_people_to_their_own_work(
    demonstration: TestClient, name: str, offered: set[str], withheld: set[str]
) -> None:
    assert "Your work" not in demonstration.get("/").text
    sign_in_as(demonstration, name)
    page = demonstration.get("/").text
    assert "For providers" not in page and 'href="/sign-in"' not in page
    own = page.partition('id="your-work"')[2].partition("</section>")[0]
    links = set(re.findall('href="([^"]+)"', own))
    assert offered | {"/account"} <= {link.partition("?")[0] for link in links}
    assert not withheld & links


def test_too_many_tries_and_failures_say_whom_to_ask(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = [client.post("/sign-in", data={}) for _ in range(31)][-1]

    def fail() -> None:
        raise RuntimeError

    monkeypatch.setattr(client.app.state, "latest_alerts", fail)  # type: ignore[attr-defined]
    failed = client.get("/")
    assert [one.status_code for one in (tried, failed)] == [429, 500]
    for answer in (tried, failed):
        assert "For help, ask the CORE helpdesk. Quote reference" in answer.text


def test_health_names_the_current_release(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"database": "ok", "release": "1.0.0"}


def test_a_page_for_people_sends_others_to_sign_in_and_back(client: TestClient) -> None:
    answer = client.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/account")
