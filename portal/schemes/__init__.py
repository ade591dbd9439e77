"""Management groups, schemes and their locations."""
