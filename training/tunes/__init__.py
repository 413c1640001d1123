"""A seeded generator of tunes and of how people perform them: symbols, without sound."""
