"""The pages of releases, and the public pages of a draft for whoever may see them."""

import os
import re
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import history
from data_access.clock import LONDON, present
from data_access.messages import Message
from data_access.release_records import (
    APPROVED,
    CHECKED,
    DISCARDED,
    FAILED,
    PUBLISHED,
    SCHEDULED,
    WITHDRAWN,
    ReleaseRecord,
)
from data_access.settings import Settings
from portal.releasing import pages, preview_frame, steps
from portal.releasing.access import give_access, looks_at
from portal.releasing.building import Wish, begin, build_now
from portal.releasing.given_out import current_number
from tests.portal.releasing.conftest import (
    ADMINISTRATOR,
    FIRST,
    ISSUED,
    READER,
    SECOND,
    Browser,
    checked,
)
from tests.support.quick_release import LOG_TYPE, PERIOD

Browsers = dict[int, Browser]


def _approved(db: Session, settings: Settings) -> ReleaseRecord:
    record = checked(db, settings)
    steps.approve(db, settings, SECOND, record)
    return record


def _fresh(db: Session, record: ReleaseRecord) -> ReleaseRecord:
    db.rollback()
    db.refresh(record)
    return record


def _typed(name: str, at: datetime) -> dict[str, object]:
    local = at.astimezone(LONDON)
    return {
        f"{name}-day": str(local.day),
        f"{name}-month": str(local.month),
        f"{name}-year": str(local.year),
        f"{name}-time": f"{local:%H:%M}",
    }


# Lists and building


def test_without_a_release_and_without_logs_the_pages_say_so(
    browsers: Browsers, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browsers[FIRST].get("/publishing").text
    assert "No release has been built here yet" in page
    assert "The public sees no figures now" in page
    monkeypatch.setattr(pages, "periods_with_logs", lambda db: [])
    page = browsers[FIRST].get("/publishing/new").text
    assert "There are no valid logs yet" in page
    assert "<button" not in page.partition("<main")[2]


def test_periods_that_have_logs_are_offered_with_their_numbers(browsers: Browsers) -> None:
    page = browsers[FIRST].get("/publishing/new").text
    offered = re.findall(r'name="periods" type="checkbox" value="([^"]+)" checked', page)
    assert offered == ["2025", "2025-q1", "2025-q2", "2025-q3"]
    assert "The whole year, 3 logs" in page and "April to June 2025, 1 log<" in page


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"issued-day": "1", "issued-month": "6", "issued-year": "2099"}, "at least one period"),
        ({"periods": ["2025"]}, "Enter the date of publication"),
        (
            {"periods": ["2025"], "issued-day": "1", "issued-month": "6", "issued-year": "2020"},
            "must be today or later",
        ),
        (
            {"periods": ["2031"], "issued-day": "1", "issued-month": "6", "issued-year": "2099"},
            "There are no valid logs of &#39;2031&#39;",
        ),
    ],
)
def test_a_build_that_cannot_begin_says_why(
    browsers: Browsers, db: Session, sent: dict[str, object], words: str
) -> None:
    answer = browsers[FIRST].post("/publishing/new", sent)
    assert answer.status_code == 422
    assert answer.text.count(words) == 2, "in the summary and beside the field"
    assert db.scalars(select(ReleaseRecord)).all() == []


def test_two_who_build_at_once_are_told(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record, lock = begin(db, settings, FIRST, Wish((PERIOD,), ISSUED))
    try:
        page = browsers[SECOND].get("/publishing/new").text
        assert f'href="/publishing/{record.id}">A release is being built' in page
        sent = {"periods": [PERIOD], "issued-day": "1", "issued-month": "6", "issued-year": "2099"}
        answer = browsers[SECOND].post("/publishing/new", sent)
        assert answer.status_code == 422
        assert "Another release is being built" in answer.text
        shown = browsers[SECOND].get(f"/publishing/{record.id}")
        assert "Step 1 of 7: Reading the valid logs" in shown.text
        assert "The time left is not known" in shown.text
        told = browsers[SECOND].get(f"/publishing/{record.id}/progress").json()
        assert told["state"] == "draft" and told["words"].startswith("Step 1 of 7")
    finally:
        os.close(lock)
    page = browsers[FIRST].get(f"/publishing/{record.id}").text
    assert "The build was interrupted" in page and "What is published was not touched" in page


def test_a_checked_release_shows_its_verdict_and_what_is_withheld(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    page = browsers[SECOND].get(f"/publishing/{record.id}").text
    assert "The audit of the written files found no leak" in page
    # One of three authorities is removed, with 2 cells of 6 and 2 records of 66.
    row = re.search(r"Local authorities</td>(.*?)</tr>", page)
    assert row and re.findall(r">([\d.%]+)<", row[1]) == ["6", "2", "33.3%", "3.0%"]
    removed = page.partition("Local authorities removed")[2]
    assert re.findall(r">([\d.%]+)<", removed)[:3] == ["3", "1", "33.3%"]
    assert "No release was published when this one was built" in page
    assert f'href="/publishing/{record.id}/approve"' in page


# Steps


def test_the_builder_is_not_offered_to_approve_nor_can(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings, ADMINISTRATOR)
    page = browsers[ADMINISTRATOR].get(f"/publishing/{record.id}").text
    assert "so somebody else has to approve it" in page
    assert f"/publishing/{record.id}/approve" not in page
    sent = {"version": str(record.version), "looked": "yes"}
    answer = browsers[ADMINISTRATOR].post(f"/publishing/{record.id}/approve", sent)
    assert answer.status_code == 403, "an administrator skips nothing"
    assert "so somebody else has to approve it" in answer.text
    assert _fresh(db, record).state == CHECKED


def test_a_release_is_approved_scheduled_and_taken_off_by_its_forms(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    here, second = f"/publishing/{record.id}", browsers[SECOND]
    version = {"version": str(record.version)}
    assert "Tick that you have looked" in second.post(f"{here}/approve", version).text
    answer = second.post(f"{here}/approve", {**version, "looked": "yes"})
    assert answer.headers["location"] == f"{here}?done=approved"
    assert _fresh(db, record).state == APPROVED
    # A second click finds it done, and says what the first one did.
    again = second.post(f"{here}/approve", {**version, "looked": "yes"})
    assert again.headers["location"] == f"{here}?done=approved"
    assert [e.action for e in history(db, ("release", record.id))].count("release_approved") == 1

    form = second.get(f"{here}/schedule").text
    assert 'value="2099"' in form and 'value="09:30"' in form, "the day it is meant for, as usual"
    version = {"version": str(record.version)}
    past = second.post(
        f"{here}/schedule", {**version, **_typed("publishes", present() - timedelta(days=1))}
    )
    assert past.status_code == 422 and "must be in the future" in past.text
    twice = {"publishes-day": "28", "publishes-month": "10", "publishes-year": "2198"}
    asked = second.post(f"{here}/schedule", {**version, **twice, "publishes-time": "1:30"})
    assert "comes twice on 28 October 2198" in asked.text
    assert "and you entered 28 October 2198" in " ".join(asked.text.split())
    remark = re.search(r'name="remark" value="([^"]+)"', asked.text)
    assert remark and _fresh(db, record).state == APPROVED
    sent = {**version, **twice, "publishes-time": "1:30", "remark": remark[1]}
    assert second.post(f"{here}/schedule", sent).status_code == 303
    assert _fresh(db, record).state == SCHEDULED
    assert "To be published" in second.get(here).text

    stale = second.post(f"{here}/unschedule", version)
    assert stale.headers["location"] == f"{here}?done=changed"
    assert _fresh(db, record).state == SCHEDULED
    second.post(f"{here}/unschedule", {"version": str(record.version)})
    assert _fresh(db, record).state == APPROVED


def test_a_release_is_published_and_withdrawn_by_its_forms(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = _approved(db, settings)
    here, first = f"/publishing/{record.id}", browsers[FIRST]
    assert "No release is published now" in first.get(f"{here}/publish").text
    first.post(f"{here}/publish", {"version": str(record.version)})
    assert _fresh(db, record).state == PUBLISHED
    time.sleep(1.1)
    assert browsers[0].get("/national").status_code == 200
    page = first.get(f"{here}/withdraw").text
    assert "The public sees no figures until another release is published" in page
    version = {"version": str(record.version)}
    empty = first.post(f"{here}/withdraw", version)
    assert empty.status_code == 422 and empty.text.count("Enter a notice") == 2
    first.post(f"{here}/withdraw", {**version, "notice": "Rents were <wrong>."})
    assert (_fresh(db, record).state, record.notice) == (WITHDRAWN, "Rents were <wrong>.")
    assert "Rents were &lt;wrong&gt;." in first.get(here).text
    assert current_number(settings) == ""


def test_what_is_not_approved_says_what_comes_first(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    here, version = f"/publishing/{record.id}", {"version": str(record.version)}
    for step in ("schedule", "publish"):
        for answer in (
            browsers[FIRST].get(f"{here}/{step}"),
            browsers[FIRST].post(f"{here}/{step}", version),
        ):
            assert answer.headers["location"] == f"{here}?done=not_approved"
    page = browsers[FIRST].get(f"{here}?done=not_approved").text
    assert "somebody else than its builder has to approve it first" in page
    assert _fresh(db, record).state == CHECKED


def test_a_release_is_discarded_by_its_form_and_keeps_its_page(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = _approved(db, settings)
    here = f"/publishing/{record.id}"
    assert f'href="{here}/discard"' in browsers[FIRST].get(here).text
    assert "Its files are taken away" in browsers[FIRST].get(f"{here}/discard").text
    answer = browsers[FIRST].post(f"{here}/discard", {"version": str(record.version)})
    assert answer.headers["location"] == f"{here}?done=discarded"
    assert _fresh(db, record).state == DISCARDED
    page = browsers[FIRST].get(here).text
    assert "Discarded the release" in page and "Preview the public pages" not in page
    assert browsers[FIRST].get(f"/preview/{record.id}/national").status_code == 404
    assert browsers[READER].get(f"{here}/discard").status_code == 404


def test_what_is_scheduled_or_published_is_not_discarded(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = _approved(db, settings)
    here, first = f"/publishing/{record.id}", browsers[FIRST]

    def refusal() -> str:
        assert f'href="{here}/discard"' not in first.get(here).text
        sent = {"version": str(record.version)}
        told = {
            answer.headers["location"]
            for answer in (first.get(f"{here}/discard"), first.post(f"{here}/discard", sent))
        }
        assert len(told) == 1
        return str(first.get(told.pop()).text)

    steps.schedule(db, settings, SECOND, record, present(settings) + timedelta(days=1))
    assert "Take it off the schedule first" in refusal()
    assert _fresh(db, record).state == SCHEDULED
    steps.publish_now(db, settings, SECOND, record)
    assert "It can only be withdrawn" in refusal()
    assert _fresh(db, record).state == PUBLISHED


def test_what_an_audit_found_is_told_in_words(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    cell = {"log_type": LOG_TYPE, "question": "beds", "code": "2", "time": "2025-q1"}
    place = {"geography": "E09000001"}
    examples: list[dict[str, object]] = [
        {"kind": "exact", "cell": cell | place, "low": 2.0, "high": 2.0, "because": []},
        {"kind": "removed_total", "cell": {**cell, **place, "question": "records", "code": "total"},
         "low": 0.0, "high": 2.0, "because": []},
        {"kind": "exact", "cell": {**cell, "question2": "homeless", "code2": "1"}, "low": 1.0,
         "high": 1.0, "because": []},
    ]  # fmt: skip
    verdict = {"passed": False, "breaches": {}, "noted": {}, "examples": examples}
    db.execute(update(ReleaseRecord).values(state=FAILED, message="A leak.", verdict=verdict))
    db.commit()
    page = " ".join(browsers[FIRST].get(f"/publishing/{record.id}").text.split())
    first = "April to June 2025, City of London, "
    assert f"{first}Bedrooms (average): 2: is 2<" in page
    assert "2, Homelessness just before the letting: No: is 1<" in page
    assert f"{first}records: is from 0 to 2<" in page
    assert "exact" not in page.partition("Among what was found")[2].partition("</ul>")[0]


def test_a_release_that_cannot_be_published_shows_why(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    outdated, record = _approved(db, settings), _approved(db, settings)
    steps.publish_now(db, settings, SECOND, record)
    here = f"/publishing/{outdated.id}"
    answer = browsers[FIRST].post(f"{here}/publish", {"version": str(outdated.version)})
    assert answer.headers["location"] == here
    assert _fresh(db, outdated).state == FAILED
    assert "Build this one again" in browsers[FIRST].get(here).text


def test_a_second_release_shows_what_it_changes(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    steps.publish_now(db, settings, SECOND, _approved(db, settings))
    record = checked(db, settings)
    page = browsers[FIRST].get(f"/publishing/{record.id}").text
    assert "every figure is as in release 1.0.0" in page
    listed = browsers[FIRST].get(f"/publishing/{record.id}/changes.csv")
    assert listed.status_code == 200 and listed.text.startswith("file,change,period")


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999"])
def test_a_release_that_was_never_built_is_not_found(browsers: Browsers, number: str) -> None:
    for address in ("", "/approve", "/access", "/progress", "/changes.csv"):
        assert browsers[FIRST].get(f"/publishing/{number}{address}").status_code == 404
    assert browsers[FIRST].get(f"/preview/{number}/").status_code == 404


# Preview


def test_the_public_pages_of_a_draft_are_seen_by_whoever_may_and_by_nobody_else(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    here = f"/preview/{record.id}"
    shown = browsers[SECOND].get(f"{here}/national?period={PERIOD}&log_type={LOG_TYPE}")
    assert shown.status_code == 200
    assert "This is a preview of release 1.0.0" in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    assert "66" in shown.text
    assert browsers[SECOND].get(here).headers["location"] == f"{here}/"
    for number in (0, READER):
        for path in ("/", "/national", "/downloads/national.csv", "/local-authorities/E09000011"):
            answer = browsers[number].get(f"{here}{path}")
            assert answer.status_code == (303 if number == 0 else 404), path
            assert "66" not in answer.text
    # Nothing of it is to be had where the public looks.
    for path in ("/national", "/downloads/national.csv", "/local-authorities/E09000011"):
        assert browsers[0].get(path).status_code == 503, path


def test_every_link_of_a_preview_to_a_public_page_stays_within_it(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    here = f"/preview/{record.id}"
    waiting, seen = [f"{here}/", f"{here}/local-authorities/E09000011"], set()
    led = re.compile(r'(?:href|action)="(/[^"#]*)"')
    while waiting and len(seen) < 12:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        answer = browsers[SECOND].get(address)
        assert answer.status_code in (200, 302), address
        assert answer.headers.get("location", here).startswith(here), address
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        found = [link.replace("&amp;", "&") for link in led.findall(answer.text)]
        assert not [link for link in found if preview_frame.is_public(link)], address
        waiting += [link for link in found if link.startswith(here) and "/E0" not in link]
    assert f"{here}/national" in seen
    moved = browsers[SECOND].get(f"{here}/local-authorities?code=E09000011")
    assert moved.headers["location"] == f"{here}/local-authorities/E09000011"


def test_the_report_and_download_of_a_draft_are_those_of_its_figures(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    query = f"period={PERIOD}&log_type={LOG_TYPE}"
    report = browsers[SECOND].get(
        f"/preview/{record.id}/reports/local-authorities/E09000011.pdf?{query}"
    )
    assert report.headers["content-type"] == "application/pdf"
    assert report.content.startswith(b"%PDF-")
    table = browsers[SECOND].get(f"/preview/{record.id}/downloads/national.csv?{query}")
    assert ",count,records,66,," in table.text
    files = browsers[SECOND].get(f"/preview/{record.id}/releases/1.0.0")
    assert files.status_code == 200
    address = f"/preview/{record.id}/releases/1.0.0/cells.parquet"
    assert f'href="{address}"' in files.text
    assert browsers[SECOND].get(address).content[:4] == b"PAR1"
    assert browsers[0].get("/releases/1.0.0").status_code == 404
    assert browsers[0].get("/releases/1.0.0/cells.parquet").status_code == 404


def test_a_draft_whose_files_were_changed_is_not_shown(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    path = settings.data_dir / "drafts" / str(record.id) / "contents" / "dictionary.json"
    path.write_text("[]")
    answer = browsers[SECOND].get(f"/preview/{record.id}/national")
    assert answer.status_code == 409 and "not those that were checked" in answer.text


def test_nothing_is_previewed_once_it_is_published(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = _approved(db, settings)
    address = f"/preview/{record.id}/national"
    assert browsers[SECOND].get(address).status_code == 200
    steps.publish_now(db, settings, SECOND, record)
    assert browsers[SECOND].get(address).status_code == 404
    assert not (settings.data_dir / "drafts" / str(record.id) / "preview").exists()
    later = checked(db, settings)
    page = browsers[SECOND].get(f"/preview/{later.id}/releases").text
    assert "1.0.0" in page and "1.1.0" in page
    assert "1.1.0" not in browsers[0].get("/releases").text


# Access before publication


def test_somebody_who_is_named_looks_in_their_time_alone_and_each_look_is_kept(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record, reader = _approved(db, settings), browsers[READER]
    form = browsers[FIRST].get(f"/publishing/{record.id}/access").text
    usual = [str(part) for part in (ISSUED.day, ISSUED.month, ISSUED.year)] + ["09:30"]
    assert re.findall(r'name="ends-[a-z]+"[^>]* value="([^"]+)"', form) == usual
    address = f"/preview/{record.id}/national"
    assert "There is no release that you can look at" in reader.get("/preview").text
    soon = present() + timedelta(hours=1)
    sent = {"who": "reader@example.com", **_typed("starts", soon)}
    sent |= _typed("ends", soon + timedelta(days=1))
    answer = browsers[FIRST].post(f"/publishing/{record.id}/access", sent)
    assert answer.status_code == 303
    assert db.scalars(select(Message.kind)).all() == ["release_access"]
    assert reader.get(address).status_code == 404, "not yet"

    at = present()
    account = db.get_one(Account, READER)
    starts, ends = at - timedelta(hours=1), at + timedelta(hours=1)
    give_access(db, settings, FIRST, record, account, starts, ends)
    assert f'href="/preview/{record.id}/"' in reader.get("/preview").text
    shown = reader.get(address)
    assert shown.status_code == 200 and f"/publishing/{record.id}" not in shown.text
    assert reader.get(f"/publishing/{record.id}").status_code == 404
    assert [(look.name, look.page) for look in looks_at(db, record)] == [
        ("The reader person", "/national")
    ]
    page = browsers[FIRST].get(f"/publishing/{record.id}/access").text
    assert "/national</td>" in page and "The reader person" in page

    ending = re.findall(rf"/publishing/{record.id}/access/(\d+)/end", page)
    assert len(ending) == 2
    for number in ending:
        browsers[FIRST].post(f"/publishing/{record.id}/access/{number}/end")
    assert reader.get(address).status_code == 404, "after the window"
    assert len(looks_at(db, record)) == 1
    page = browsers[FIRST].get(f"/publishing/{record.id}/access").text
    assert "/end" not in page and page.count(">Over<") == 2


@pytest.mark.parametrize(
    ("who", "starts", "ends", "words"),
    [
        ("", 1, 2, "Enter a user name or e-mail address"),
        ("nobody", 1, 2, "There is no active account"),
        ("reader", 2, 1, "The end must be after the start"),
        ("reader", -3, -2, "The end must be in the future"),
    ],
)
def test_an_access_that_cannot_be_given_says_why(
    browsers: Browsers,
    db: Session,
    settings: Settings,
    who: str,
    starts: int,
    ends: int,
    words: str,
) -> None:
    record, at = _approved(db, settings), present()
    sent = {"who": who, **_typed("starts", at + timedelta(days=starts))}
    sent |= _typed("ends", at + timedelta(days=ends))
    answer = browsers[FIRST].post(f"/publishing/{record.id}/access", sent)
    assert answer.status_code == 422
    assert answer.text.count(words) == 2, "in the summary and beside the field"


def test_nobody_is_named_for_a_draft_and_no_access_of_another_release_is_ended(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    page = browsers[FIRST].get(f"/publishing/{record.id}/access").text
    assert "while a release is approved or scheduled" in page
    sent = {"who": "reader", **_typed("starts", present())}
    sent |= _typed("ends", present() + timedelta(days=1))
    answer = browsers[FIRST].post(f"/publishing/{record.id}/access", sent)
    assert answer.status_code == 422 and "approved or scheduled" in answer.text
    assert browsers[FIRST].post(f"/publishing/{record.id}/access/1/end").status_code == 404


def test_long_words_and_periods_are_shown_whole(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    first = _approved(db, settings)
    steps.publish_now(db, settings, SECOND, first)
    note = "Corrected. " * 100
    made = build_now(db, settings, FIRST, steps.correction_of(first, ISSUED, note))
    page = browsers[SECOND].get(f"/publishing/{made.id}").text
    assert note.strip() in page and "Release 1.0.0</a>" in page


def test_the_periods_of_many_years_are_shown_a_collection_year_to_a_line(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    years = ("2023", "2024", "2025", "2026")
    slugs = [slug for year in years for slug in (year, *(f"{year}-q{n}" for n in range(1, 5)))]
    record.periods = slugs[:-1]
    db.commit()
    said = [f"{year} and its quarters" for year in ("2023/24", "2024/25", "2025/26")]
    said.append("2026/27, and of it April to June, July to September and October to December")
    for address in ("/publishing", f"/publishing/{record.id}", "/preview"):
        page = browsers[FIRST].get(address).text
        lines = re.findall(r'<li class="govuk-!-margin-bottom-0">([^<]+)</li>', page)
        assert lines == said, address


def test_on_a_narrow_window_the_list_is_a_block_for_each_release(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    checked(db, settings)
    page = browsers[FIRST].get("/publishing").text
    sheet = re.search(r'href="(/static/releases\.css[^"]*)"', page)
    assert sheet and "core-releases" in page.partition("<main")[2]
    narrow = browsers[FIRST].get(sheet[1]).text.partition("@media (max-width: 40em)")[2]
    assert ".core-releases td { display: block; }" in narrow
    # Laid out so, a browser may take it for no table any more, unless its parts say what they are.
    assert all(f'role="{role}"' in page for role in ("table", "row", "rowheader", "cell"))
