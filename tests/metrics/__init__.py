"""This is where the shop's numbers are held to be right."""
