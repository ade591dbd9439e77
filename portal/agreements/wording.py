"""The text of an agreement: read from what was typed, and taken apart for pages and PDFs."""

from portal.plain_text import tidy_lines

LONGEST_TEXT = 40_000
SHORTEST_TEXT = 500
LONGEST_VERSION = 20
HEADING, PARAGRAPH = "heading", "paragraph"


def parts_of(text: str) -> list[tuple[str, str]]:
    """Headings and paragraphs in order, as (kind, text).

    A line that begins with "# " is a heading; lines up to an empty one are a paragraph.
    """
    found: list[tuple[str, str]] = []
    lines: list[str] = []

    def close() -> None:
        if lines:
            found.append((PARAGRAPH, " ".join(lines)))
            lines.clear()

    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("# "):
            close()
            found.append((HEADING, stripped.removeprefix("# ").strip()))
        elif stripped:
            lines.append(stripped)
        else:
            close()
    close()
    return found


def read_wording(text: str) -> tuple[str, str]:
    """The text of a new version as it is kept, and what is wrong with it."""
    found = tidy_lines(text)
    if not found:
        return "", "Enter the text of the agreement"
    if len(found) < SHORTEST_TEXT:
        return "", (
            f"The text of the agreement must be at least {SHORTEST_TEXT} characters; "
            f"it has {len(found)}"
        )
    if len(found) > LONGEST_TEXT:
        return "", (
            f"The text of the agreement must be {LONGEST_TEXT:,} characters or fewer; "
            f"it has {len(found):,}"
        )
    return found, ""
