"""Carriers' connections."""
