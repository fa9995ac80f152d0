"""This is where the taking in of large files is tested."""
