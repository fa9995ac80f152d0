"""This is where catalog is tested."""
