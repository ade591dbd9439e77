"""Mergers of institutions."""
