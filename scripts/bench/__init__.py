"""Measure at full size: python -m bench, with scripts/ on the path. What it shows is in docs/performance.md."""
