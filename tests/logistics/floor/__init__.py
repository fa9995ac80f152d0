"""This is where the floor wing is tried."""
