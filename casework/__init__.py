"""What was owed, done and found: rounds, duties, visits, reminders."""
