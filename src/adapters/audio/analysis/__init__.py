"""Transcription: from samples to hummed notes."""
