"""This is where the pricing wing is tested."""
