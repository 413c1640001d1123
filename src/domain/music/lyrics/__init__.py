"""Lyrics: their lines, words and syllables, and the syllables in what a speech engine says."""
