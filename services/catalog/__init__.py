"""This is where the catalogue is: what is sold, what it costs, and how much of it there is."""
