"""Who follows orders from outside."""
