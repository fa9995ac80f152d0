"""This is where every fact about money, stock and the state of orders is written down so that no change goes unseen."""
