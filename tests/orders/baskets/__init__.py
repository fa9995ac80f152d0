"""This is where past baskets are tested."""
