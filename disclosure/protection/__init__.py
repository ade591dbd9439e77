"""Protection that holds against adding and subtracting: certified moves over hierarchies."""
