"""This is where goods are bought: suppliers and what they ask, orders from draft to receipt, lots and where they went."""
