"""This is where goods are picked up in a store: put aside there, told to be ready, handed over for a code (O34)."""
