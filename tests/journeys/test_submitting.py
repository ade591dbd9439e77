"""A data provider starts a log, leaves and comes back, and uploads a file, in a real browser."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portal.demonstration.people import PASSWORD

# GOV.UK Frontend marks radios that reveal a question with aria-expanded, which axe does not know.
RULES = {"rules": {"aria-allowed-attr": {"enabled": False}}}


def _sign_in(page: Page, going: str) -> None:
    page.goto(going)
    page.get_by_label("User name").fill("provider")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_log_is_started_left_taken_up_again_and_submitted(page: Page) -> None:
    _sign_in(page, "/logs/new")
    page.get_by_label("Letting, 2026/27").check()
    page.get_by_role("button", name="Start the log").click()
    page.get_by_role("link", name="Setup").click()
    for _ in range(3):
        page.get_by_role("button", name="Save and continue").click()
    page.get_by_label("General needs").check()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Renewal")
    address = page.url.split("/pages/")[0]
    page.goto("/")
    page.goto(f"{address}/pages/needs_type")
    expect(page.get_by_label("General needs")).to_be_checked()
    page.goto(f"{address}/pages/lead_tenant_age")
    expect(page.get_by_label("Age", exact=True)).to_be_hidden()
    page.get_by_label("Yes").check()
    page.get_by_label("Age", exact=True).fill("thirty")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("alert")).to_contain_text("written in digits")
    expect(page.get_by_label("Age", exact=True)).to_have_value("thirty")
    page.goto(f"{address}/answers")
    page.get_by_role("button", name="Submit the log").click()
    expect(page.get_by_role("alert")).to_contain_text("to put right")
    expect(page.locator("#answer-startdate")).to_contain_text("Answer this question")


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_a_log_can_be_filled_in_without_javascript(page: Page) -> None:
    _sign_in(page, "/logs/new")
    page.get_by_label("Letting, 2026/27").check()
    page.get_by_role("button", name="Start the log").click()
    page.goto(f"{page.url}/pages/lead_tenant_age")
    page.get_by_label("Yes").check()
    page.get_by_label("Age", exact=True).fill("34")
    page.get_by_role("button", name="Save and go back").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("saved")


def test_the_demonstration_file_is_downloaded_and_uploaded(page: Page, tmp_path: Path) -> None:
    _sign_in(page, "/uploads")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Demonstration file")).click()
    file = tmp_path / "lettings.csv"
    download.value.save_as(file)
    page.get_by_label(re.compile("File of lettings")).set_input_files(file)
    page.get_by_role("button", name="Upload the file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("500 rows: 450 valid")
    expect(page.get_by_role("table").first).to_contain_text("What to do")


@pytest.mark.parametrize("page", [{}, {"viewport": {"width": 375, "height": 800}}], indirect=True)
def test_the_pages_of_entry_are_accessible_and_fit(page: Page) -> None:
    _sign_in(page, "/logs/new")
    addresses = ["/logs/new", "/uploads", "/logs"]
    page.get_by_label("Letting, 2026/27").check()
    page.get_by_role("button", name="Start the log").click()
    log = page.url
    pages = ("tenancy_start_date", "lead_tenant_age", "address", "rent_weekly", "allocation_system")
    addresses += [log, f"{log}/answers", f"{log}/drop", *(f"{log}/pages/{slug}" for slug in pages)]
    for address in addresses:
        page.goto(address)
        found = Axe().run(page, options=RULES).response["violations"]
        assert not found, (address, [(v["id"], v["nodes"][0]["html"]) for v in found])
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, address
