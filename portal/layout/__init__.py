"""The frame of every plain page."""
