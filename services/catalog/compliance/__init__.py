"""This is where the compliance gate is: what a listing may say, and what it must show."""
