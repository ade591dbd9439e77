"""What the pages of mergers share: where they are, and that no cache keeps them."""

from urllib.parse import quote

from fastapi.responses import RedirectResponse, Response

from data_access.mergers import Merger

HERE = "/administration/mergers"
PRIVATE = {"Cache-Control": "private, no-store"}


def private(answer: Response) -> Response:
    """An answer that no cache keeps."""
    answer.headers.update(PRIVATE)
    return answer


def to_merger(merger: Merger, done: str) -> Response:
    """On to the page of a merger, which says what was just done."""
    return RedirectResponse(f"{HERE}/{merger.id}" + (f"?done={quote(done)}" if done else ""), 303)
