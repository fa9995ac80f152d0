"""This is where the pictures are: the library, what is measured of each, by what right it is shown, their gate."""
