"""After-sales: what comes back, what is sent instead, what is given."""
