"""This is where the fleet is put to the test."""
