"""Mergers of institutions."""

from fastapi import APIRouter

router = APIRouter()
