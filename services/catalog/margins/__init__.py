"""This is where unit economics are: what a unit costs, what it must earn, who may sell it for less."""
