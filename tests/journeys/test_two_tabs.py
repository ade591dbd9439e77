"""Somebody who works for two institutions, with two tabs open, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from portal.demonstration.people import PASSWORD
from tests.journeys.test_administering import _is_accessible_and_fits


def _act_for(page: Page, place: int) -> str:
    """Switches to an institution by its place among the choices; its name."""
    page.goto("/account/institutions")
    choice = page.get_by_role("radio").nth(place)
    name = page.locator(".govuk-radios__label").nth(place).inner_text()
    choice.check()
    page.get_by_role("button", name="Act for this institution").click()
    expect(page.get_by_role("alert")).to_contain_text(f"You are now acting for {name}.")
    return name


@pytest.mark.parametrize("page", [{}, {"viewport": {"width": 375, "height": 800}}], indirect=True)
def test_a_form_of_one_institution_is_kept_until_its_sender_has_switched_back(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("User name").fill("provider2")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    third = _act_for(page, 1)
    page.goto("/people/new")
    page.get_by_label("Name", exact=True).fill("Tabitha Tabs")
    page.get_by_label("User name").fill("not a user name")
    other = page.context.new_page()
    second = _act_for(other, 0)

    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"This page was opened for {third}")
    expect(page.get_by_text(f"You now act for {second}. Nothing was saved.")).to_be_visible()
    _is_accessible_and_fits(page)
    _act_for(other, 1)
    page.get_by_role("button", name="Send it again").click()
    # The form comes back with what was typed, and says what is wrong with it, as ever.
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Tabitha Tabs")
    _act_for(other, 0)
    other.close()
