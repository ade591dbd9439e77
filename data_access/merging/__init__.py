"""Merging institutions: what moves, counted before and then done, all of it or nothing."""

from data_access.merging.doing import Merged, MergerRefused, dry_run, merge

__all__ = ["Merged", "MergerRefused", "dry_run", "merge"]
