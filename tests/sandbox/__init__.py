"""This is where the sandbox proves that it behaves as a real provider would, and worse."""
