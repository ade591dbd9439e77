"""A visitor reads figures, and a person signs in, in a real browser."""

import re
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.steps import sign_in

TYPE = "social-rent-general-needs"


def test_a_visitor_goes_from_home_to_a_local_authority_and_another_period(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Your local authority").click()
    page.get_by_label("Local authority").select_option(label="Birmingham")
    page.get_by_role("button", name="Show figures").click()
    expect(page).to_have_url(re.compile(r"/local-authorities/E08000025$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Birmingham")
    page.get_by_label("Local authority").select_option(label="Leeds")
    page.get_by_label("Period").select_option("2025")
    page.get_by_label("Question").select_option(label="Tenancy type")
    page.get_by_role("button", name="Show figures").click()
    expect(page).to_have_title(re.compile("Leeds, 2025/26"))
    expect(page.get_by_role("heading", level=2)).to_contain_text(["Tenancy type"])
    with page.expect_download() as download:
        page.get_by_role("link", name="Download these figures").click()
    text = download.value.path().read_text()
    assert text.startswith("time_period,")
    assert "Leeds" in text


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_all_figures_can_be_read_without_javascript(page: Page) -> None:
    page.goto("/national?question=tenancy")
    page.get_by_text("Table: Tenancy type").click()
    expect(page.get_by_role("table", name="Tenancy type")).to_contain_text("Secure, lifetime")


def test_a_place_with_too_few_records_says_so_and_offers_more(page: Page) -> None:
    page.goto(f"/local-authorities/E06000053?period=2026&log_type={TYPE}")
    expect(page.get_by_role("heading", level=2)).to_have_text("Too few records to show safely")
    page.get_by_role("link", name="Figures for England").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("England")


def test_a_sensitive_question_is_offered_for_england_alone(page: Page) -> None:
    page.goto("/national")
    expect(page.get_by_label("Question").locator("option[value=armedforces]")).to_have_count(1)
    page.goto("/local-authorities/E08000025")
    expect(page.get_by_label("Question").locator("option[value=armedforces]")).to_have_count(0)
    answer = page.goto("/local-authorities/E08000025?question=armedforces")
    assert answer is not None and answer.status == 404


def test_a_provider_signs_in_and_out_and_a_wrong_password_is_explained(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("User name").fill("provider")
    page.get_by_label("Password", exact=True).fill("not this")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    expect(page.get_by_label("User name")).to_have_value("provider")
    page.get_by_label("Password", exact=True).fill("Demonstration-2026!")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your details")
    page.goto("/national")
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/account$"))


@pytest.mark.parametrize(
    "page",
    [{"viewport": {"width": width, "height": 800}} for width in (1280, 700, 375)],
    indirect=True,
)
def test_the_account_stands_in_a_row_of_its_own_whatever_the_name(page: Page) -> None:
    sign_in(page, "admin")
    page.goto("/")
    account = page.get_by_role("navigation", name="Your account")
    name, way_out = account.get_by_role("link").all()
    for words in ("Ada Administrator", "Wilhelmina Featherstonehaugh-Cholmondeley " * 4):
        name.evaluate("(link, words) => { link.textContent = words }", words)
        boxes = name.bounding_box(), way_out.bounding_box()
        assert boxes[0] and boxes[1]
        assert abs(boxes[0]["y"] - boxes[1]["y"]) < 3
        assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    work = page.get_by_role("navigation", name="Your work")
    below = work.bounding_box()
    assert below and boxes[1] and below["y"] >= boxes[1]["y"] + boxes[1]["height"]


ADDRESSES = [
    "/",
    "/national",
    "/local-authorities",
    "/local-authorities/E08000025",
    "/local-authorities/E06000053?period=2026",
    "/national?period=nonsense",
    "/learn",
    "/learn/lettings/2026/dictionary",
    "/learn/sales/2026/rules?q=mortgage",
    "/learn/lettings/2026/upload",
    "/sign-in",
    "/nowhere",
]


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_are_accessible_fit_and_ask_no_other_host(
    browser: Browser, portal_url: str, address: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, base_url=portal_url)
    page = context.new_page()
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith(portal_url)] == []
    assert problems == []
    context.close()


def test_headers_protect_every_answer(portal_url: str) -> None:
    with urlopen(portal_url + "/national") as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_coordinator_sees_own_figures_and_logs(page: Page) -> None:
    page.goto("/sign-in?next=/organisation")
    page.get_by_label("User name").fill("coordinator")
    page.get_by_label("Password", exact=True).fill("Demonstration-2026!")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Own figures")
    expect(page.get_by_text("Do not publish or share them")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("link", name="Logs", exact=True).click()
    page.get_by_label("Status").select_option("invalid")
    page.get_by_role("button", name="Show logs").click()
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_text("to put right")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
