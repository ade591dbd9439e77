"""The whole portal, started as `core-portal run --demonstration`, and Debian's Chromium before it.

One portal serves all journeys of a test process; journeys share the xdist group `journeys`, so
that only one is started.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
LOGS = 4000
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("journeys"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def portal_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the running demonstration; its messages are in `outbox`."""
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="session")
def portal_url(portal_folder: Path) -> Iterator[str]:
    """Address of a running demonstration of 4,000 logs that no other test writes to."""
    port = _free_port()
    data = portal_folder
    environment = {
        **os.environ,
        "PORT": str(port),
        "DATA_DIR": str(data),
        "TODAY": "2026-11-24",
    }
    environment.pop("DATABASE_URL", None)
    output = (data / "output.txt").open("w")
    process = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "core-portal"),
            "run",
            "--demonstration",
            "--logs",
            str(LOGS),
            # Two years are enough for every page, and take half the time of all four.
            "--since",
            "2025",
        ],
        cwd=ROOT,
        env=environment,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 240
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError("The portal did not start: " + (data / "output.txt").read_text())
        try:
            with urlopen(url + "/healthz", timeout=5) as answer:
                if answer.status == 200:
                    break
        except (URLError, OSError):
            time.sleep(0.3)
    yield url
    process.terminate()
    process.wait(timeout=20)
    output.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, portal_url: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of its own context (no cookies), 1280 pixels wide, at the portal's address."""
    options: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "base_url": portal_url}
    options.update(getattr(request, "param", {}))
    context = browser.new_context(**options)
    opened = context.new_page()
    yield opened
    context.close()
