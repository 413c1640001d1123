"""Instruments that are read from a SoundFont, each beside the synthesised one that it replaces."""
