"""What people may type in, and what is refused before a verb is asked."""
