"""Time to the first figure of an explorer and for a change, against a bare Panel page.

    python -m benchmarks.explorer [DATA_DIR] [LOGS]

Measured in Chromium from the request until the words beside the chart stand there; the floor is a
Panel page with one Bokeh figure and one word.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.serving import portal, served

TIMES = 7
_BARE = (
    "import os, panel as pn\n"
    "from bokeh.plotting import figure\n"
    "def page():\n"
    "    drawn = figure(height=300); drawn.vbar(x=[1, 2], top=[1, 2], width=0.5)\n"
    "    return pn.Column(pn.pane.HTML('<h2>Bare</h2>'), pn.pane.Bokeh(drawn))\n"
    "pn.serve(page, port=int(os.environ['PORT']), show=False)\n"
)
# The heading stands in the shadow root of a pane.
_OTHER_HEADING = """before => {
  const seen = [];
  const walk = node => node.querySelectorAll("*").forEach(each => {
    if (each.shadowRoot) walk(each.shadowRoot);
    if (each.tagName === "H2") seen.push(each.innerText);
  });
  walk(document);
  return seen[0] && seen[0] !== before;
}"""


def _opened(page: Page, address: str) -> float:
    took = []
    for _ in range(TIMES):
        started = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.get_by_role("heading", level=2).first.wait_for()
        page.locator(".bk-Canvas").first.wait_for()
        took.append(time.perf_counter() - started)
    return statistics.median(took)


def _changed(page: Page, label: str, values: list[str]) -> float:
    took = []
    for value in values * 3:
        before = page.get_by_role("heading", level=2).inner_text()
        started = time.perf_counter()
        page.get_by_label(label).select_option(value)
        page.wait_for_function(_OTHER_HEADING, arg=before, polling="raf")
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)


def main() -> None:
    """Prints medians."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    logs = int(sys.argv[2]) if len(sys.argv) > 2 else 60_000
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        with portal(folder, logs) as port:
            base = f"http://127.0.0.1:{port}/explore"
            for name, label, values in (
                ("national", "Question in rows", ["hhtype", "beds", "tenancy", "wchair"]),
                ("local-authorities", "Local authority", ["E08000035", "E08000003", "E08000025"]),
            ):
                first = _opened(page, f"{base}/{name}")
                offered = page.get_by_label(label).evaluate("s => [...s.options].map(o => o.value)")
                chosen = [value for value in values if value in offered]
                change = _changed(page, label, chosen)
                print(f"{name}: first figure {first:.2f} s, a change {change:.0f} ms")
        with served([sys.executable, "-c", _BARE]) as port:
            floor = _opened(page, f"http://127.0.0.1:{port}/")
        print(f"floor, a bare Panel page with one figure: {floor:.2f} s")
        browser.close()


if __name__ == "__main__":
    main()
