"""This is where settlements are tried."""
