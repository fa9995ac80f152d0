"""This is where customers find things: what is asked, the index that answers, and what is learnt from what was asked."""
