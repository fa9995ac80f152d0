"""This is where the storefront is tested."""
