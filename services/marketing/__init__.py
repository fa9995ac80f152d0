"""This is where marketing lives: why something costs less, and codes that cannot be used too often."""
