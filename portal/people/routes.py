"""The people of an institution: invited, changed, managed, deactivated."""

from fastapi import APIRouter

router = APIRouter()
