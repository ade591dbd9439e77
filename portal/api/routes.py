"""The programming interface: the same things under the same permissions, as JSON."""

from fastapi import APIRouter

router = APIRouter()
