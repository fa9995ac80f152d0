"""This is where the customs wing is tested: duties, restrictions, parcels that wait, papers (L18)."""
