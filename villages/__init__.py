"""Who may act where, on which day: places, people and dated posts."""
