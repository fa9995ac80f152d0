"""This is where it is found out whether an order is what it seems: scored before the charge, looked at, learnt from."""
