"""This is where it is tested that nothing in the ledger changes unseen."""
