"""Accounts: signing in and out, passwords, the second factor, and one's own details."""

from fastapi import APIRouter

from portal.accounts import (
    acting_for,
    confirm_email,
    details,
    password,
    second_factor,
    session_list,
    session_time,
    set_password,
    signing_in,
    tokens,
)

router = APIRouter()
for part in (
    signing_in,
    set_password,
    password,
    second_factor,
    details,
    confirm_email,
    session_list,
    session_time,
    acting_for,
    tokens,
):
    router.include_router(part.router)
