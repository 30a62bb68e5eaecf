"""The forms of the household file."""
