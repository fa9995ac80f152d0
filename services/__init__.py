"""This is where the shop's six services live, and the kit they stand on."""
