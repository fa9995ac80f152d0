"""This is where money comes in and goes back, through whichever provider."""
