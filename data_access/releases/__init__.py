"""Releases: sealed folders of safe cells. Public pages open these and nothing else."""

from data_access.releases.reading import CurrentRelease, NoRelease, Release
from data_access.releases.writing import publish_folder, write_contents

__all__ = ["CurrentRelease", "NoRelease", "Release", "publish_folder", "write_contents"]
