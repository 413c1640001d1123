"""Listening: from hummed notes to tuning, key, tempo, phrases and a melody in bars."""
