"""GET /me: whom the token stands for."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from data_access.institutions import Institution
from portal.api.reader import TokenReader
from portal.sessions import Database

router = APIRouter()


class ActingFor(BaseModel):
    """The institution that the token was made for."""

    id: int = Field(description="Identifier of the institution.")
    code: str = Field(description="CORE ID, such as ORG12.")
    name: str = Field(description="Its name.")


class Me(BaseModel):
    """The person that the token stands for."""

    id: int = Field(description="Identifier of the user.")
    user_name: str = Field(description="What the user signs in with.")
    name: str = Field(description="The user's name.")
    email: str = Field(description="The user's e-mail address.")
    role: str = Field(description="administrator, statistician, coordinator or provider.")
    institution: ActingFor | None = Field(
        description="The institution that is acted for; null for administrators and statisticians."
    )
    token_name: str = Field(description="The name that was given to the token.")
    token_expires_at: datetime = Field(description="When the token stops working.")


@router.get("/me", response_model=Me)
def me(db: Database, reader: TokenReader) -> Me:
    """Whom the token stands for, and until when."""
    person = reader.person
    found = (
        db.get_one(Institution, person.institution_id)
        if person.institution_id is not None
        else None
    )
    return Me(
        id=person.id,
        user_name=person.user_name,
        name=person.name,
        email=person.email,
        role=person.role,
        institution=ActingFor(id=found.id, code=found.code, name=found.name) if found else None,
        token_name=reader.name,
        token_expires_at=reader.expires_at,
    )
