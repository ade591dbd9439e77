"""Logs, for the people who may see them."""
