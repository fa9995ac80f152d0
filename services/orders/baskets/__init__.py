"""Past orders as baskets: what was bought together, by nobody in particular."""
