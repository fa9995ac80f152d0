"""This is where files of products that are too large for one call are taken in."""
