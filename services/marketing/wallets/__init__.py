"""Vouchers: copies of coupons that are issued in batches, claimed by customers, and granted to them."""
