"""An administrator's morning, in a real browser: schemes to approve, mistakes reported, agreements
not signed, an account locked."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import is_accessible_and_fits, link_from_post, sign_in

# Each run has work of its own: the scheme, its verdict, the part with a mistake, who is locked.
RUNS = [
    pytest.param({}, "Harbour House", True, "Local authorities", 147, id="1280"),
    pytest.param(
        {"viewport": {"width": 375, "height": 800}},
        "Station Road foyer",
        False,
        "Details",
        148,
        id="375",
    ),
]


@pytest.mark.parametrize(("page", "scheme", "approves", "part", "locked"), RUNS, indirect=["page"])
def test_an_administrator_works_through_what_waits(
    page: Page, scheme: str, approves: bool, part: str, locked: int, portal_folder: Path
) -> None:
    # Somebody types a wrong password four times.
    page.goto("/sign-in")
    for _ in range(4):
        page.get_by_label("User name").fill(f"provider{locked}")
        page.get_by_label("Password", exact=True).fill("not-the-Password-1")
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("locked for 30 minutes")

    sign_in(page, "admin", going="/administration")
    is_accessible_and_fits(page)
    expect(page.get_by_role("heading", name="What waits for you")).to_be_visible()

    # Schemes: one is approved, one refused with a reason.
    page.get_by_role("link", name="Schemes to approve").click()
    is_accessible_and_fits(page)
    page.get_by_role("link", name=scheme).click()
    is_accessible_and_fits(page)
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_role("alert")).to_be_visible()
    if approves:
        page.get_by_role("radio", name="Approve").check()
    else:
        page.get_by_role("radio", name="Refuse").check()
        page.get_by_role("button", name="Save the decision").click()
        expect(page.get_by_role("alert")).to_contain_text("reason")
        page.get_by_role("textbox", name="Reason").fill("The postcode is not the one of the homes.")
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_role("alert")).to_contain_text("approved" if approves else "refused")
    is_accessible_and_fits(page)
    link_from_post(
        portal_folder,
        "coordinator@example.com",
        "scheme_approved" if approves else "scheme_refused",
    )

    # Mistakes: answered and closed.
    page.goto("/administration")
    page.get_by_role("link", name="Mistakes").click()
    is_accessible_and_fits(page)
    page.get_by_role("row").filter(has_text=part).get_by_role("link").first.click()
    is_accessible_and_fits(page)
    page.get_by_role("button", name="Answer and close").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("What was done about it?").fill("It is put right, thank you.")
    page.get_by_role("button", name="Answer and close").click()
    expect(page.get_by_role("alert")).to_be_visible()

    # Agreements: whoever has not signed is reminded, once a day.
    page.goto("/administration")
    page.get_by_role("link", name="Agreements").click()
    is_accessible_and_fits(page)
    page.get_by_role("button", name="not signed").click()
    expect(page.get_by_role("alert")).to_be_visible()
    is_accessible_and_fits(page)

    # The account is found and unlocked.
    page.goto("/administration")
    page.get_by_role("link", name="Locked").click()
    is_accessible_and_fits(page)
    page.get_by_role("link", name=f"Provider {locked} ").click()
    page.get_by_role("button", name="Unlock").click()
    is_accessible_and_fits(page)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_role("alert")).to_contain_text("can sign in again")

    # All of it is in the audit trail.
    page.goto("/administration/audit")
    is_accessible_and_fits(page)
    expect(page.get_by_text(f"Provider {locked}").first).to_be_visible()
