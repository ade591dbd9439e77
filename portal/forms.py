"""The fields of a posted form, for the endpoints that read them by name."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import FormData

LONGEST = 5_000


async def _posted(request: Request) -> dict[str, str]:
    form: FormData = await request.form(max_files=0, max_fields=400)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    if any(len(value) > LONGEST for value in fields.values()):
        raise HTTPException(422, f"A field holds more than {LONGEST:,} characters. Shorten it.")
    return fields


Posted = Annotated[dict[str, str], Depends(_posted)]
