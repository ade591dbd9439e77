"""Institutions, users and schemes brought in as files and taken out as files."""
