"""This is where it is worked off what went wrong with orders: contact within a day, repair, reship, refund (O16, O21)."""
