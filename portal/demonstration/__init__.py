"""Made-up data that looks like England's: institutions, people, schemes, lettings and sales."""

from portal.demonstration.making import DemonstrationRefused, make_demonstration

__all__ = ["DemonstrationRefused", "make_demonstration"]
