"""The wing for partner carriers: their keys, what they read, and what they are told by webhooks."""
