"""This is where it is foreseen what will be sold, and ordered before it runs out: forecasts, levels, plan, autopilot."""
