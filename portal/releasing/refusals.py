"""Why a step in the life of a release was not taken, in words for who tried."""


class ReleaseRefused(Exception):
    """A step was refused and nothing was changed. The message is for who asked for it."""
