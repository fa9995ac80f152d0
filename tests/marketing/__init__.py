"""This is where marketing proves what carts get, and that no code is used too often."""
