"""Who lives there, as registered: households and their helpers."""
