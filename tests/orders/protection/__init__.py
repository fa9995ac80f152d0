"""This is where it is tested that falling prices are paid back."""
