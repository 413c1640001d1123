"""The hummer's voice, cleaned and sung to the score."""
