"""This is where goods are ordered again and again: plans, subscriptions, their renewals (O28)."""
