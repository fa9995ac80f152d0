"""The wing that looks after what lies on the shelves: grades, transfers, counts, low lines, health, classes, readings."""
