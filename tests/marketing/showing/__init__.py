"""This is where prices shown before the cart are tested."""
