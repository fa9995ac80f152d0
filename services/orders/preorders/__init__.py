"""This is where goods are sold before they are there: campaigns, deposits, balances (O10)."""
