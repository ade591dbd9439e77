"""The Data Sharing Agreement: read, signed, printed, reminded of."""

from fastapi import APIRouter

router = APIRouter()
