"""This is where the shelves are tried: grades, transfers, counts, low lines, health, classes, readings."""
