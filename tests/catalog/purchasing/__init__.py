"""This is where it is tested how goods are bought in."""
