"""This is where the supply wing is tested: forecasts, replenishment, the autopilot, and the simulation that proves it."""
