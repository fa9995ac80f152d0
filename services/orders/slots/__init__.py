"""This is where it is chosen when an order is brought: a delivery window of a warehouse's riders (O34, L09)."""
