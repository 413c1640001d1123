"""The band in its room, the mix of voice and band, and the master."""
