"""This is where the storefront is: the shop's profile, its modules, product pages, and what may be said of scarce goods."""
