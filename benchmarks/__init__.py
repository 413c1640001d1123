"""Measurements of the whole service; `python -m benchmarks`, or `make bench`."""
