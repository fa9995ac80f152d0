"""This is where simulations are tested."""
