"""A visitor explores figures with map and charts, and shares the address."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

# Panel's shadow roots hold canvases that have no text; the table beside them says the same.
RULES = {"rules": {"region": {"enabled": False}}}


def test_two_questions_are_crossed_shown_in_other_ways_and_the_address_reopens_them(
    page: Page,
) -> None:
    page.goto("/explore/national")
    # Two questions with two answers each: pairs of more are withheld where there are few logs.
    page.get_by_label("Question in rows").select_option(label="Joint tenancy")
    page.get_by_label("Question in columns").select_option(
        label="Homelessness just before the letting"
    )
    page.get_by_label("Show as").select_option(label="Pies")
    page.get_by_label("Count").select_option(label="Totals")
    expect(page.get_by_role("heading", level=2)).to_contain_text("Joint tenancy by")
    expect(page).to_have_url(re.compile("question=joint.*view=pie.*measure=count"))
    expect(page.get_by_role("rowheader", name="All")).to_be_visible()
    total = page.get_by_role("row").last.inner_text()
    page.goto(page.url)
    expect(page.get_by_label("Show as")).to_have_value("pie")
    expect(page.get_by_role("row").last).to_have_text(re.compile(re.escape(total.split()[-1])))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download this table").click()
    text = download.value.path().read_text()
    assert text.startswith("time_period,")
    assert "Joint tenancy" in text


def test_a_click_on_the_map_chooses_the_local_authority(page: Page) -> None:
    page.goto("/explore/local-authorities?period=2025")
    chooser = page.get_by_label("Local authority")
    expect(chooser).to_have_value("E08000025")
    canvas = page.locator(".core-explorer__side .bk-Canvas").first
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box
    page.wait_for_timeout(500)
    # Northumberland fills the top of the map.
    for down in range(6, 30):
        page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * down / 60)
        page.wait_for_timeout(100)
        if chooser.input_value() != "E08000025":
            break
    expect(chooser).not_to_have_value("E08000025")
    chosen = chooser.evaluate("list => list.selectedOptions[0].textContent")
    expect(page.get_by_role("heading", level=2)).to_contain_text(chosen)
    expect(page).to_have_url(re.compile(f"area={chooser.input_value()}"))


def test_an_address_that_makes_no_sense_still_opens_with_a_message(page: Page) -> None:
    page.goto("/explore/national?period=x&question=x&view=x")
    expect(page.get_by_text("There are no figures for 'x'").first).to_be_visible()
    page.goto("/explore/local-authorities?area=E99999999")
    expect(page.get_by_text("There is no local authority 'E99999999'")).to_be_visible()


@pytest.mark.parametrize("page", [{}, {"viewport": {"width": 375, "height": 800}}], indirect=True)
@pytest.mark.parametrize("address", ["/explore/national", "/explore/local-authorities"])
def test_explorers_are_accessible_fit_and_ask_no_other_host(page: Page, address: str) -> None:
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    expect(page.get_by_label("Period")).to_be_visible()
    page.wait_for_timeout(800)
    found = Axe().run(page, options=RULES).response["violations"]
    assert not found, [(v["id"], [n["html"] for n in v["nodes"]][:2]) for v in found]
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    own = page.url.split("/explore")[0]
    assert [url for url in asked if not url.startswith((own, "blob:", "data:"))] == []
    assert problems == []
