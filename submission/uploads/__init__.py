"""Bulk upload: a file in the official layout becomes logs, and a report that names every error."""
