"""Pictures as SVG: what was heard in a hum, and what became of it."""
