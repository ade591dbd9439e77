"""A co-ordinator's first day, in a real browser: invited by an administrator, the own details, a
Data Protection Officer invited, the agreement signed, a group and a scheme made, a data provider
invited and managed."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import (
    choose_password,
    is_accessible_and_fits,
    sign_in,
)

PASSWORD = "First-day-of-Work-7"
# Each run has an unsigned institution of its own: its identifier.
RUNS = [
    pytest.param({}, 102, id="1280"),
    pytest.param({"viewport": {"width": 375, "height": 800}}, 103, id="375"),
]


def _invite(page: Page, name: str, user_name: str, role: str, **more: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail address").fill(f"{user_name}@example.com")
    page.get_by_label("User name").fill(user_name)
    page.get_by_role("radio", name=role).check()
    for label, choice in more.items():
        page.get_by_label(label.replace("_", " ").capitalize()).select_option(label=choice)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("alert")).to_contain_text(name)


@pytest.mark.parametrize(("page", "institution"), RUNS, indirect=["page"])
def test_a_coordinator_gets_an_institution_ready(
    page: Page, institution: int, portal_folder: Path, portal_url: Any
) -> None:
    coordinator, officer, provider = (f"{who}-{institution}" for who in ("cora", "dora", "pia"))

    # An administrator invites the co-ordinator.
    sign_in(page, "admin", going="/people/new")
    is_accessible_and_fits(page)
    page.goto(f"/institutions/{institution}")
    name = page.get_by_role("heading", level=1).inner_text()
    page.goto("/people/new")
    _invite(page, "Cora Newcomer", coordinator, "Co-ordinator", institution=name)

    # The first password, and the own details.
    choose_password(page, portal_folder, f"{coordinator}@example.com", PASSWORD)
    sign_in(page, coordinator, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your details")
    is_accessible_and_fits(page)
    page.get_by_role("link", name="Change telephone").click()
    is_accessible_and_fits(page)
    page.get_by_label("Telephone").fill("0123")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("at least 11 digits")
    page.get_by_label("Telephone").fill("01632 960 555")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("01632 960 555")).to_be_visible()

    # The banner leads to inviting an officer.
    page.get_by_role("link", name="Invite a Data Protection Officer").first.click()
    expect(page.get_by_label("Contact priority")).to_have_value("Data Protection Officer")
    is_accessible_and_fits(page)
    _invite(page, "Dora Officer", officer, "Data provider")

    # The officer reads and signs.
    choose_password(page, portal_folder, f"{officer}@example.com", PASSWORD)
    sign_in(page, officer, PASSWORD)
    page.get_by_role("link", name="Read and sign it").click()
    is_accessible_and_fits(page)
    page.locator("main a[href$='/sign']").click()
    is_accessible_and_fits(page)
    page.get_by_role("button", name="Sign the agreement").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick the box")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign the agreement").click()
    expect(page.get_by_role("alert")).to_contain_text("signed")
    with page.expect_download() as download:
        page.evaluate(
            "address => { const link = document.createElement('a'); link.href = address;"
            "link.download = ''; document.body.append(link); link.click(); link.remove() }",
            f"/institutions/{institution}/agreement.pdf",
        )
    assert download.value.path().read_bytes().startswith(b"%PDF")

    # The banner is gone for the co-ordinator, who makes a group and a scheme.
    sign_in(page, coordinator, PASSWORD, "/schemes")
    expect(page.get_by_text("has not signed the Data Sharing Agreement")).to_have_count(0)
    is_accessible_and_fits(page)
    page.goto("/schemes/groups/new")
    is_accessible_and_fits(page)
    page.get_by_label("Name of the group").fill("Foyers of the town")
    page.get_by_role("radio", name="The same organisation").check()
    page.get_by_role("radio", name="The owner").check()
    page.get_by_role("button", name="Make the group").click()
    is_accessible_and_fits(page)
    page.get_by_role("button", name="Add a scheme").click()
    is_accessible_and_fits(page)
    page.get_by_label("Name of the scheme").fill("Mill Lane foyer")
    page.get_by_role("button", name="Save the scheme").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose whether the scheme is confidential")
    page.get_by_role("group", name="Is the scheme confidential?").get_by_label("No").check()
    page.get_by_role("button", name="Save the scheme").click()
    is_accessible_and_fits(page)
    expect(page.get_by_text("Cannot start yet")).to_be_visible()
    page.get_by_role("link", name="Change the details").click()
    page.get_by_label("Foyer").check()
    page.get_by_role("group", name="registered under care").get_by_label("No").check()
    page.get_by_label("Primary client group").select_option(label="Young people at risk")
    page.get_by_label("Medium level").check()
    page.get_by_label("Medium stay").check()
    page.get_by_role("button", name="Save the scheme").click()
    page.get_by_role("button", name="Add a location").click()
    is_accessible_and_fits(page)
    page.get_by_label("Postcode").fill("SE1 9")
    page.get_by_role("button", name="Save the location").click()
    expect(page.get_by_role("alert")).to_contain_text("full postcode")
    page.get_by_label("Postcode").fill("se19gf")
    page.get_by_label("Number of units").fill("14")
    page.get_by_label("Shared flat").check()
    page.get_by_role("group", name="Mobility standard").get_by_label("None").check()
    page.get_by_role("button", name="Save the location").click()
    page.get_by_role("button", name="Send for approval").click()
    expect(page.get_by_role("alert")).to_contain_text("approval")
    is_accessible_and_fits(page)

    # A data provider is invited and is managed from the start; the keyboard moves people as well.
    page.goto("/people/new")
    _invite(page, "Pia Provider", provider, "Data provider")
    page.goto("/people/managed")
    is_accessible_and_fits(page)
    managed = page.get_by_role("region", name="Your managed providers")
    addable = page.get_by_role("region", name="Providers you can add")
    expect(managed.get_by_role("strong").filter(has_text="Pia Provider")).to_be_visible()
    managed.get_by_role("button", name="Remove Pia Provider").press("Enter")
    expect(addable.get_by_role("strong").filter(has_text="Pia Provider")).to_be_visible()
    addable.get_by_role("button", name="Add Pia Provider").press("Enter")
    expect(managed.get_by_role("strong").filter(has_text="Pia Provider")).to_be_visible()
    page.reload()
    expect(managed.get_by_role("strong").filter(has_text="Pia Provider")).to_be_visible()
