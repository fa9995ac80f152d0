"""This is where the shop is put to the test."""
