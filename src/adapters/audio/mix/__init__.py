"""Mixing and mastering: the instrumental with its effects, the mix of voice and band, and the master."""
