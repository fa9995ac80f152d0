"""This is where sales are invoiced, reversed in red, and their vouchers kept."""
