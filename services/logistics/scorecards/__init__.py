"""This is where carriers, routes and warehouses are measured by the parcels they send."""
