"""This is where vouchers are tested: batches, claims, grants, wallets."""
