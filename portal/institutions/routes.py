"""Institutions' records, as their people see them and administrators keep them."""

from fastapi import APIRouter

router = APIRouter()
