"""Promotional prices shown before the cart."""
