"""A made-up district to try the system on: the real places, invented people, months of visits."""
