"""How strong notes are played: velocities are 0..1, and takes are rendered at a few of them."""

from typing import Final

VELOCITY_STEPS: Final = 5
"""Takes of different strength of a note, the loudest at velocity 1."""
