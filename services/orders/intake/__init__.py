"""This is where orders of all channels come in through one door."""
