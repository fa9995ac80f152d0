"""The wing that watches parcels under way: which stand still, which are lost, when they will come."""
