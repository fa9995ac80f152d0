"""The wing that knows the places of China: an address as people write it becomes one that can be meant (L19)."""
