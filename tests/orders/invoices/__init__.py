"""This is where it is tested that invoices are numbered, taxed, reversed and printed right."""
