"""The wing for what the shop brings itself: vehicles, routes, riders, cash at the door."""
