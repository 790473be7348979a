"""Measured, not promised: `python -m benchmarks` prints tables of medians. Run by hand; no test depends on a time."""
