"""The files of the project's documentation that are made from the definition tables."""

from pathlib import Path
from tempfile import TemporaryDirectory

from submission.collection import COLLECTIONS, YEARS
from submission.documents.files import as_csv
from submission.documents.new_year import in_words, rehearse, years_of
from submission.documents.sheets import DOCUMENTS, sheets_of
from submission.documents.source import own_source
from submission.tables import own_tables


def kept_files() -> dict[str, bytes]:
    """The bytes of every file by its name; the same tables give the same bytes.

    For each collection and year the first table of each document, and beside them what the
    rehearsal of the next year prints.
    """
    files = {
        f"{collection}-{year}-{document}.csv": as_csv(
            sheets_of(own_source(collection, year), document)[0].rows
        )
        for collection in COLLECTIONS
        for year in YEARS
        for document in DOCUMENTS
    }
    # Tables may hold a year that the portal does not take logs of yet.
    following = years_of(own_tables())[-1] + 1
    with TemporaryDirectory() as folder:
        told = in_words(rehearse(following, Path(folder) / "definitions"), "FOLDER")
    return {**files, f"new-year-{following}.txt": f"{told}\n".encode()}
