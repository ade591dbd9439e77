"""People report mistakes in the record; administrators answer, and the reporter reads it."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from data_access.messages import Message
from tests.portal.conftest import sign_in_as
from tests.portal.test_institutions import HOSTILE, in_database, words

REPORTS = "/institutions/1/mistakes"
QUEUE = "/administration/mistakes"


def _report(client: TestClient, part: str = "details", text: str = "It is Row, not Road") -> Any:
    return client.post(f"{REPORTS}/new", data={"part": part, "text": text})


@pytest.fixture
def reported(demonstration: TestClient) -> tuple[TestClient, str]:
    """The administrator, with one more report, by the data provider; and its address."""
    sign_in_as(demonstration, "provider")
    assert _report(demonstration).headers["location"] == f"{REPORTS}?done=reported"
    sign_in_as(demonstration, "admin")
    return demonstration, f"{QUEUE}/3"


def test_a_report_is_sent_once_confirmed_and_listed(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "provider")
    form = demonstration.get(f"{REPORTS}/new?part=areas").text
    assert 'value="areas" checked' in form
    answer = _report(demonstration)
    page = words(demonstration.get(answer.headers["location"]))
    assert "Your report is sent" in page
    assert "Details Waiting" in page and "It is Row, not Road" in page
    _report(demonstration)
    assert words(demonstration.get(REPORTS)).count("It is Row, not Road") == 1
    # What somebody else of the institution reported is not the provider's to see.
    assert "Watford" not in words(demonstration.get(REPORTS))
    sign_in_as(demonstration, "coordinator")
    page = words(demonstration.get(REPORTS))
    assert "Watford" in page and "It is Row, not Road" in page


def test_a_report_needs_a_part_and_words_and_keeps_what_was_typed(
    demonstration: TestClient,
) -> None:
    sign_in_as(demonstration, "provider")
    answer = _report(demonstration, "everything", "Kept words")
    assert answer.status_code == 422
    assert words(answer).count("Choose which part of the record is wrong") == 2
    assert "Kept words</textarea>" in answer.text
    assert "Say what is wrong" in words(_report(demonstration, text=" \n\u200b "))
    long = _report(demonstration, text="x" * 2001)
    assert words(long).count("Use 2,000 characters or fewer; there are 2,001") == 2
    assert _report(demonstration, text="x" * 9000).status_code == 422
    assert _report(demonstration, text=HOSTILE).status_code == 303
    assert "<script>alert" not in demonstration.get(REPORTS).text


def test_only_people_of_the_institution_report_and_only_administrators_answer(
    demonstration: TestClient,
) -> None:
    sign_in_as(demonstration, "provider2")
    assert _report(demonstration).status_code == 404
    assert demonstration.get(REPORTS).status_code == 404
    for name in ("coordinator", "provider", "statistician"):
        sign_in_as(demonstration, name)
        for address in (QUEUE, f"{QUEUE}/1", f"{QUEUE}/999"):
            assert demonstration.get(address).status_code == 404
        assert demonstration.post(f"{QUEUE}/1", data={"answer": "x"}).status_code == 404
    # A co-ordinator may look at a child's record, and report nothing there.
    sign_in_as(demonstration, "coordinator")
    assert demonstration.get("/institutions/5/mistakes/new").status_code == 403
    sign_in_as(demonstration, "admin")
    assert _report(demonstration).status_code == 403
    assert demonstration.get(f"{QUEUE}/99999999999").status_code == 404


def test_an_administrator_answers_and_the_reporter_reads_it(
    reported: tuple[TestClient, str],
) -> None:
    client, address = reported
    queue = words(client.get(QUEUE))
    assert "Waiting (3) Answered (0)" in queue
    assert queue.index("6 days") < queue.index("1 day") < queue.index("today")
    assert "Details Pat Provider today" in queue
    assert "3 reports of mistakes wait" in words(client.get("/institutions/1"))
    page = client.get(address)
    assert "It is Row, not Road" in words(page) and 'href="/institutions/1"' in page.text
    empty = client.post(address, data={"answer": " "})
    assert empty.status_code == 422
    assert words(empty).count("Say what was done about it") == 2
    answer = client.post(address, data={"answer": "Mended, thank you"})
    assert answer.headers["location"] == f"{QUEUE}?done=closed"
    assert "Waiting (2) Answered (1)" in words(client.get(answer.headers["location"]))
    assert "Mended, thank you" in words(client.get(address))
    assert "Pat Provider" in words(client.get(f"{QUEUE}?show=closed"))
    assert "Answered a report of a mistake" in words(client.get("/institutions/1/history"))
    mail = in_database(
        client,
        lambda db: db.scalars(select(Message).where(Message.kind == "mistake_answered")).one(),
    )
    assert mail.to_address == "provider@example.com"
    assert "is answered" in mail.subject
    sign_in_as(client, "provider")
    assert 'reported under "Details": Mended, thank you' in words(client.get("/institutions/1"))
    assert "Details Answered" in words(client.get(REPORTS))


def test_the_second_administrator_who_answers_is_told_and_keeps_the_words(
    reported: tuple[TestClient, str],
) -> None:
    client, address = reported
    client.post(address, data={"answer": "First"})
    answer = client.post(address, data={"answer": "Second"})
    assert answer.status_code == 409
    text = words(answer)
    assert "Ada Administrator answered and closed this report on" in text
    assert "Your answer was not sent. You wrote: Second" in text
    assert "Answer First" in text


def test_an_empty_queue_says_so(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    assert "No report has been answered yet" in words(demonstration.get(f"{QUEUE}?show=closed"))
    for number in (1, 2):
        demonstration.post(f"{QUEUE}/{number}", data={"answer": "Mended"})
    assert "No report waits for an answer" in words(demonstration.get(QUEUE))
    sign_in_as(demonstration, "coordinator7")
    assert "You have reported nothing" in words(demonstration.get("/institutions/7/mistakes"))
