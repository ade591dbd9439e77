"""The life of a release: built, checked, approved by a second person, scheduled, published."""
