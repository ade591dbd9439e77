"""A co-ordinator's managed providers by keyboard, by mouse and without scripts, in a real browser.

Each journey leaves the list as it found it.
"""

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.demonstration.people import PASSWORD
from tests.journeys.test_administering import _is_accessible_and_fits

NAME = "Provider 45 (made up)"


def _open(page: Page) -> tuple[Locator, Locator]:
    """The list of those who can be added, and the own one; the provider is on the own one."""
    page.goto("/sign-in?next=/people/managed")
    page.get_by_label("User name").fill("coordinator45")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    addable = page.get_by_role("region", name="Providers you can add")
    managed = page.get_by_role("region", name="Your managed providers")
    expect(managed).to_contain_text(NAME)
    return addable, managed


@pytest.mark.parametrize("page", [{}, {"viewport": {"width": 375, "height": 800}}], indirect=True)
def test_people_are_moved_by_keyboard_and_what_happened_is_said(page: Page) -> None:
    addable, managed = _open(page)
    _is_accessible_and_fits(page)
    managed.get_by_role("button", name=f"Remove {NAME}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(f"{NAME} is no longer on your list.")
    # Nobody else is on the list: the keyboard goes on at its heading.
    expect(managed.get_by_role("heading")).to_be_focused()
    expect(managed).to_contain_text("Nobody is on your list yet.")
    _is_accessible_and_fits(page)
    page.reload()
    expect(addable).to_contain_text(NAME)
    addable.get_by_role("button", name=f"Add {NAME}").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_have_text(f"{NAME} is on your list now.")
    page.reload()
    expect(managed).to_contain_text(NAME)


def test_people_are_dragged_from_one_list_to_the_other(page: Page) -> None:
    addable, managed = _open(page)
    # The page speaks of dragging once it can be done.
    expect(page.get_by_text("or drag a person")).to_be_visible()
    for start, end, words in (
        (managed, addable, "is no longer on your list."),
        (addable, managed, "is on your list now."),
    ):
        item = start.get_by_role("listitem").filter(has_text=NAME).bounding_box()
        goal = end.bounding_box()
        assert item is not None
        assert goal is not None
        page.mouse.move(item["x"] + 60, item["y"] + 20)
        page.mouse.down()
        page.mouse.move(goal["x"] + 60, goal["y"] + 30, steps=5)
        page.mouse.up()
        expect(page.get_by_role("status")).to_have_text(f"{NAME} {words}")
        expect(end).to_contain_text(NAME)


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_people_are_moved_without_scripts(page: Page) -> None:
    addable, managed = _open(page)
    managed.get_by_role("button", name=f"Remove {NAME}").click()
    expect(page.get_by_role("alert")).to_contain_text(f"{NAME} is no longer on your list.")
    addable.get_by_role("button", name=f"Add {NAME}").click()
    expect(page.get_by_role("alert")).to_contain_text(f"{NAME} is on your list now.")
    expect(managed).to_contain_text(NAME)
