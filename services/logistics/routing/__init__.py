"""This is where parcels are moved to another warehouse when theirs fails them."""
