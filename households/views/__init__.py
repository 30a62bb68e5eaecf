"""The pages that show only what households know."""
