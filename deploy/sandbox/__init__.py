"""This is where stand-ins for outside companies live; they share no code with the shop, as the real ones would not."""
