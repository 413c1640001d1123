"""Composing: from a brief to a score, by way of theme, sections, harmony, arrangement and performance."""
