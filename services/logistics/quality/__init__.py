"""The wing for quality: what is complained of too often is looked at before it leaves."""
