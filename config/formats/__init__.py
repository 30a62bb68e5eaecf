"""How this project writes days, where Django writes them otherwise."""
