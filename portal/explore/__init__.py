"""Explorers: public figures to work with, from sealed releases and reference data alone."""
