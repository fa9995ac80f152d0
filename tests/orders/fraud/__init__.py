"""This is where the fraud wing is tried: its sums, its queue, and what an opponent would do."""
