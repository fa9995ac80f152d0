"""This is where searching is tested."""
