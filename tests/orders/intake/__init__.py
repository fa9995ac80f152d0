"""Orders of all channels."""
