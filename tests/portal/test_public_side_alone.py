"""The public side, started where there is nothing but a release, and walked from end to end."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.made_release import AREAS, make_release

ROOT = Path(__file__).parents[2]
# Run on its own, so that nothing which other tests imported is there. It prints what it met.
WALK = """
import json, re, sys
from pathlib import Path

opened = set()
sys.addaudithook(lambda event, given: opened.add(str(given[0])) if event == "open" else None)

from fastapi import FastAPI
from fastapi.testclient import TestClient
from data_access.releases import CurrentRelease
from data_access.settings import Settings
from portal.errors import add_error_pages
from portal.explore.mount import mount
from portal.public.releases import router as releases
from portal.public.routes import router as public

here = Path.cwd()
app = FastAPI()
app.state.settings = Settings(data_dir=here)
app.state.current_release = CurrentRelease(here / "releases")
app.state.latest_alerts = list
app.include_router(public)
app.include_router(releases)
mount(app)
add_error_pages(app)

shown = set(sys.argv[1:])
met, waiting = {}, ["/", "/explore/national", "/explore/local-authorities"]
with TestClient(app, raise_server_exceptions=False, follow_redirects=True) as browser:
    while waiting:
        address = waiting.pop()
        if address in met:
            continue
        answer = browser.get(address)
        met[address] = answer.status_code
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for link in re.findall(r'href="(/[^"#]*)"', answer.text):
            link = link.replace("&amp;", "&")
            area = re.search("E0[6-9][0-9]{6}", link)
            # Authorities without figures are alike: a few of them are enough.
            if area and area[0] not in shown and not area[0].endswith("3"):
                continue
            if not link.startswith(("/static/", "/sign-in", "/learn", "/explore/static/")):
                waiting.append(link)
print(json.dumps({"met": met, "modules": sorted(sys.modules), "opened": sorted(opened)}))
"""
PRIVATE = (
    "data_access.logs", "data_access.accounts", "data_access.institutions", "data_access.schemes",
    "data_access.uploads", "data_access.audit", "data_access.database", "data_access.warehouse",
    "data_access.tabulation", "data_access.release_records", "disclosure", "submission",
    "sqlalchemy",
)  # fmt: skip


def test_it_needs_a_release_alone_and_reaches_no_log(tmp_path: Path) -> None:
    place = tmp_path / "empty"
    make_release(place / "releases", withheld=True)
    before = sorted(path.relative_to(place).as_posix() for path in place.rglob("*"))
    ran = subprocess.run(
        [sys.executable, "-c", WALK, *AREAS],
        cwd=place,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout.splitlines()[-1])
    met = found["met"]
    assert not {address: status for address, status in met.items() if status != 200}
    kinds = {address.split("?")[0].split("/")[1] for address in met}
    assert kinds == {
        "", "national", "local-authorities", "explore", "downloads", "reports", "releases"
    }  # fmt: skip
    assert {f"/local-authorities/{area}" for area in AREAS} <= {a.split("?")[0] for a in met}
    assert any(address.endswith(".ods") for address in met)
    reached = [
        module
        for module in found["modules"]
        if any(module == name or module.startswith(f"{name}.") for name in PRIVATE)
    ]
    assert reached == []
    inside = [path for path in found["opened"] if path.startswith(str(place))]
    assert inside and all(path.startswith(f"{place}/releases/") for path in inside)
    assert sorted(path.relative_to(place).as_posix() for path in place.rglob("*")) == before
