"""This is where it is tested that goods are ordered again and again."""
