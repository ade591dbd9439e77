"""Lists a page at a time: so many things, and the address of the next page."""

from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

LONGEST = 200
_LARGEST = 2**31 - 1
Thing = TypeVar("Thing")
Identifier = Annotated[int, Field(ge=1, le=_LARGEST)]


class Wanted(BaseModel):
    """What a list is narrowed to, and where a page of it begins. A parameter that no list has is
    refused: with a filter misspelt a program would otherwise read everything.
    """

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=LONGEST, description="How many things a page has.")
    after: int = Field(0, ge=0, le=_LARGEST, description="Only things with a larger id.")

    def filters(self) -> dict[str, Any]:
        """The filters that were given, by name."""
        given = self.model_dump(exclude_none=True)
        return {name: value for name, value in given.items() if name not in ("limit", "after")}


class Listed(BaseModel, Generic[Thing]):
    """One page of a list, by id from the smallest."""

    items: list[Thing] = Field(description="The things of this page.")
    next: str | None = Field(description="The address of the next page; null on the last one.")


def page_of(
    request: Request, wanted: Wanted, things: list[Any], last: int | None
) -> dict[str, Any]:
    """A page of things. `last`: the id to go on after, or None at the end."""
    if last is None:
        return {"items": things, "next": None}
    asked = {name: value for name, value in request.query_params.items() if name != "after"}
    query = urlencode({**asked, "after": last})
    return {"items": things, "next": f"{request.url.path}?{query}"}
