"""Institutions' records, as their people see them and administrators keep them."""
