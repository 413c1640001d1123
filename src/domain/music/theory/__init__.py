"""Pitches, scales, chords, meters and voicings."""
