"""The wing for parcels that come back."""
