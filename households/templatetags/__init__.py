"""What templates of the household file may ask."""
