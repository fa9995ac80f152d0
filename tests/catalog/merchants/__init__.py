"""This is where merchants are tested: who may sell what, and what is whose."""
