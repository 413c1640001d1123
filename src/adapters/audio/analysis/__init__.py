"""From samples to hummed notes."""
