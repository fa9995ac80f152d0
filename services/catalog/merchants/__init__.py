"""This is where it is known who sells here, what they may sell, and what is held against them."""
