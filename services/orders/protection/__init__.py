"""This is where bought goods are protected against falling prices."""
