"""Management groups, schemes and their locations."""

from fastapi import APIRouter

router = APIRouter()
