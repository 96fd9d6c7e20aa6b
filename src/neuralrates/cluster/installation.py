"""What of an installation can change the last bit of a label."""

from neuralrates.certificates.digests import ROOMS
from neuralrates.core.installation import installation_of

_CODE = (*ROOMS, "cluster")
"""Rooms that a label goes through."""


def installation() -> dict[str, str]:
    """What `installation_of` tells of the rooms that a label goes through."""
    return installation_of(_CODE)
