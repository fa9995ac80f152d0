"""This is where the media library is tested."""
