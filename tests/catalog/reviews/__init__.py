"""This is where reviews and questions are tested."""
