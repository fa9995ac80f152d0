"""The wing for which carriers are on, and on what terms."""
