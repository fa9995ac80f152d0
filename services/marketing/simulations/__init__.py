"""Promotions and coupons tried on past orders before anybody is given them."""
