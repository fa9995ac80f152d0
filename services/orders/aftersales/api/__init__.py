"""This is where calls about what comes after a sale come in."""
