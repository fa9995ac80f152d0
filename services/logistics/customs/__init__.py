"""The wing for parcels that cross a border: what goods are to customs, what may go where, duties, papers (L18)."""
