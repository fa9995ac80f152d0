"""This is where the quality wing is tried."""
