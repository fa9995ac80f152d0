"""This is where the shop's numbers come from: facts, KPIs, what Prometheus reads."""
