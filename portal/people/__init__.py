"""The people of an institution: invited, changed, managed, deactivated."""
