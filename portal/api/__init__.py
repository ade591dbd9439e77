"""The programming interface: the same things under the same permissions, as JSON."""
