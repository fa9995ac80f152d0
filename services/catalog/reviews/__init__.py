"""This is where customers say what they think of goods and ask about them, and what the shop learns from it."""
