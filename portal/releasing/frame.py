"""What the pages of releases share: where they are, and that no cache keeps them."""

from urllib.parse import quote

from fastapi.responses import RedirectResponse, Response

from data_access.release_records import ReleaseRecord

HERE = "/publishing"
PRIVATE = {"Cache-Control": "private, no-store"}


def private(answer: Response) -> Response:
    """An answer that no cache keeps."""
    answer.headers.update(PRIVATE)
    return answer


def address_of(record: ReleaseRecord) -> str:
    """The page of a release."""
    return f"{HERE}/{record.id}"


def to_record(record: ReleaseRecord, done: str = "") -> Response:
    """On to the page of a release, which says what was just done."""
    return RedirectResponse(address_of(record) + (f"?done={quote(done)}" if done else ""), 303)
