"""This is where logistics is put to the test."""
