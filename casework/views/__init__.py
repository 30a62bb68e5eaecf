"""Pages: fetch through visible_to, form, verb, redirect."""
