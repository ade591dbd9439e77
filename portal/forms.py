"""The fields of a posted form, for the endpoints that read them by name."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import FormData

LONGEST = 5_000


def posted_up_to(longest: int) -> Callable[[Request], Awaitable[dict[str, str]]]:
    """A dependency that reads posted fields of at most so many characters each."""

    async def posted(request: Request) -> dict[str, str]:
        form: FormData = await request.form(max_files=0, max_fields=400)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        if any(len(value) > longest for value in fields.values()):
            raise HTTPException(422, f"A field holds more than {longest:,} characters. Shorten it.")
        return fields

    return posted


Posted = Annotated[dict[str, str], Depends(posted_up_to(LONGEST))]


async def posted_lists(request: Request) -> dict[str, list[str]]:
    """The posted fields with every value of each, such as those of ticked boxes."""
    form: FormData = await request.form(max_files=0, max_fields=400)
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


PostedLists = Annotated[dict[str, list[str]], Depends(posted_lists)]
