"""This is where it is tested that goods are sold before they are there."""
