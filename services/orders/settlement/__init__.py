"""This is where what providers settle is compared with our own books, to the cent."""
