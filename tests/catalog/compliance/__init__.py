"""This is where the compliance gate is tested."""
